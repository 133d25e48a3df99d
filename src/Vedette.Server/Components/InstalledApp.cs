using Vedette.Server.Apps;
using Vedette.Server.Installations;

namespace Vedette.Server.Components;

/// <summary>An app in an organization that has confirmed its installation: whom forms of the pages may ask.</summary>
internal sealed record InstalledApp
{
    private InstalledApp(App app, AppInstallation installation) => (App, Installation) = (app, installation);

    public App App { get; }

    public AppInstallation Installation { get; }

    /// <returns><c>null</c> while the installation is pending.</returns>
    public static InstalledApp? Of(App app, AppInstallation installation) =>
        installation.Status == InstallationStatus.Installed ? new(app, installation) : null;
}

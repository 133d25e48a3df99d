using Vedette.Tracker;
using Vedette.Storage;
using Vedette.Wire.Json;

namespace Vedette.Server.Installations;

internal enum InstallationStatus
{
    /// <summary>The app has not said yet that it is ready.</summary>
    Pending,
    Installed,
}

/// <summary>An app in an organization.</summary>
internal sealed record AppInstallation
{
    public long Id { get; init; }

    public string Uuid { get; init; } = "";

    public InstallationStatus Status { get; init; }

    public long AppId { get; init; }

    public string AppUuid { get; init; } = "";

    public string AppSlug { get; init; } = "";

    public long OrganizationId { get; init; }

    public string OrganizationSlug { get; init; } = "";

    /// <summary><c>null</c> while the app has no webhook URL.</summary>
    public long? DestinationId { get; init; }

    /// <summary><c>issue.created</c> and <c>error.created</c> come of the projects in its list only, be the list empty.</summary>
    public bool IsLimited { get; init; }

    /// <summary>What the app exchanges for tokens; <c>null</c> once it did, or 10 minutes after the installation.</summary>
    public string? GrantCode { get; init; }

    /// <summary>Sealed; with <see cref="GrantCode"/> or not at all.</summary>
    public byte[]? SealedGrantCode { get; init; }

    /// <summary>The object of <c>spec/platform-api.md</c> 2.1.</summary>
    /// <param name="withCode">Shows the grant code, if there is one.</param>
    public void Write(StableJsonWriter json, bool withCode)
    {
        json.StartObject();
        json.Name("app"u8);
        json.StartObject();
        json.Name("uuid"u8);
        json.Value(AppUuid);
        json.Name("slug"u8);
        json.Value(AppSlug);
        json.Name("sentryAppId"u8);
        json.Value(AppId);
        json.EndObject();
        json.Name("organization"u8);
        json.StartObject();
        json.Name("slug"u8);
        json.Value(OrganizationSlug);
        json.Name("id"u8);
        json.Value(OrganizationId);
        json.EndObject();
        json.Name("uuid"u8);
        json.Value(Uuid);
        json.Name("status"u8);
        json.Value(StoredName.Of(Status));
        if (withCode && GrantCode is { } code)
        {
            json.Name("code"u8);
            json.Value(code);
        }

        json.EndObject();
    }
}

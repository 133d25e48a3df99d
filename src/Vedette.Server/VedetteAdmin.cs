using System.Data.Common;
using Vedette.Server.Accounts;
using Vedette.Server.Administration;
using Vedette.Server.Audit;
using Vedette.Server.Authorization;
using Vedette.Server.Configuration;
using Vedette.Storage;
using Vedette.Storage.Migrations;
using Vedette.Tracker;
using Vedette.Tracker.Projects;

namespace Vedette.Server;

/// <summary>
/// <c>vedette admin</c>: works on the database that the configuration names, beside any servers that run on it. Gives 0
/// and prints what was asked for, or 1 and one line on the error output; nothing was changed then.
/// </summary>
/// <param name="environment">The configuration, <c>VEDETTE_...</c>, as servers have it.</param>
public sealed class VedetteAdmin(IReadOnlyDictionary<string, string> environment, TextWriter output, TextWriter error)
{
    public static IReadOnlyList<string> Roles { get; } = [.. Enum.GetValues<MemberRole>().Select(StoredName.Of)];

    public static IReadOnlyList<string> AllScopes => Scopes.All;

    public Task<int> AddOrganizationAsync(string slug, string? name, CancellationToken ct) =>
        RunAsync(store => store.AddOrganizationAsync(slug, name ?? slug, ct), ct);

    /// <param name="password">Made up and printed when <c>null</c>.</param>
    /// <param name="role">One of <see cref="Roles"/>.</param>
    public Task<int> AddUserAsync(string email, string? name, string? password, string organization, string role, CancellationToken ct) =>
        RunAsync(store => store.AddUserAsync(email, name, password, organization, role, ct), ct);

    /// <summary>Prints the DSN alone.</summary>
    public Task<int> AddProjectAsync(string organization, string slug, string? name, string? platform, CancellationToken ct) =>
        RunAsync(store => store.AddProjectAsync(organization, slug, name ?? slug, platform, ct), ct);

    /// <summary>Prints the token alone. It cannot be read again.</summary>
    public Task<int> CreateTokenAsync(string email, string name, IReadOnlyList<string> scopes, CancellationToken ct) =>
        RunAsync(store => store.CreateTokenAsync(email, name, scopes, ct), ct);

    /// <summary>Gives or takes the role that may do everything an owner may, in every organization.</summary>
    public Task<int> SetSuperuserAsync(string email, bool isSuperuser, CancellationToken ct) =>
        RunAsync(store => store.SetSuperuserAsync(email, isSuperuser, ct), ct);

    /// <summary>Lets every organization install the app.</summary>
    public Task<int> PublishAppAsync(string slug, CancellationToken ct) => RunAsync(store => store.PublishAppAsync(slug, ct), ct);

    private async Task<int> RunAsync(Func<AdminStore, Task<AdminAnswer>> command, CancellationToken ct)
    {
        if (!VedetteOptions.TryRead(environment.GetValueOrDefault, out var options, out var wrong))
            return Refuse(wrong);
        if (options.PostgresConnection is null && !File.Exists(Path.Combine(options.DataFolder, "vedette.db")))
            return Refuse($"there is no database in {options.DataFolder}: start 'vedette serve' first (VEDETTE_DATA chooses another folder)");

        await using var database = VedetteHost.OpenDatabase(options);
        try
        {
            if (await Migrator.CheckAsync(database, ServerMigrations.All, ct) is { } other)
                return Refuse($"{other}: start 'vedette serve' of this version first");

            var time = TimeProvider.System;
            var answer = await command(
                new AdminStore(database, new ProjectStore(database, time), new AccountStore(database, time), new AuditLog(database, time), new Links(options.Url), time));
            if (answer.IsRefusal)
                return Refuse(answer.Text);

            output.WriteLine(answer.Text);
            return 0;
        }
        catch (DbException e)
        {
            return Refuse($"the database ({database.Description}) cannot be used: {e.Message.ReplaceLineEndings(" ")} (has 'vedette serve' run on it?)");
        }
    }

    private int Refuse(string reason)
    {
        error.WriteLine($"vedette: {reason}");
        return 1;
    }
}

using System.Security.Cryptography;
using Vedette.Server.Accounts;
using Vedette.Server.Authorization;
using Vedette.Server.Configuration;
using Vedette.Storage;
using Vedette.Tracker;
using Vedette.Tracker.Projects;
using Vedette.Wire.Json;

namespace Vedette.Server.Bootstrap;

/// <summary>What the first start made: the only time that password and token are readable.</summary>
internal sealed record FirstStartCredentials(string Url, string Email, string Password, string Token, string Organization, string Project, string Dsn)
{
    public override string ToString() => $"first start of {Url}";
}

/// <summary>Makes an empty database usable: an owner, an organization with a team, a project with a DSN, and a token with all scopes.</summary>
internal sealed class FirstStart(Database database, ProjectStore projects, AccountStore accounts, Links links, VedetteOptions options)
{
    public string FilePath { get; } = Path.Combine(options.DataFolder, "first-start.json");

    /// <summary>
    /// The credentials are in <see cref="FilePath"/> before the database says that they exist, so a process that dies in
    /// between has lost nothing: the next start begins anew. Of two nodes that start at once, one does this.
    /// </summary>
    /// <returns><c>null</c> when the database was not empty.</returns>
    public async Task<FirstStartCredentials?> RunAsync(CancellationToken ct)
    {
        FirstStartCredentials? made = null;
        await database.StartupAsync(async transaction =>
        {
            // Organizations may all have been deleted; accounts are not.
            if (await transaction.SingleAsync<long>("select (select count(*) from organization) + (select count(*) from account)") > 0)
                return;

            var bootstrap = options.Bootstrap;
            var password = bootstrap.Password ?? RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyz23456789", 20);
            var token = bootstrap.Token ?? AccountStore.NewToken();
            var organization = await projects.AddOrganizationAsync(transaction, bootstrap.Organization, bootstrap.Organization);
            var (project, publicKey) = await projects.AddProjectAsync(transaction, organization, bootstrap.Project, bootstrap.Project);
            var account = await accounts.AddAccountAsync(transaction, bootstrap.Email, bootstrap.Email, password);
            await accounts.AddMemberAsync(transaction, organization, account, MemberRole.Owner);
            await accounts.AddTeamAsync(transaction, organization, bootstrap.Organization, account, project);
            await accounts.AddTokenAsync(transaction, account, "first start", token, Scopes.All);

            var credentials = new FirstStartCredentials(
                links.BaseUrl, bootstrap.Email, password, token, bootstrap.Organization, bootstrap.Project, links.Dsn(publicKey, project));
            await WriteFileAsync(credentials, ct);
            made = credentials;
        }, ct);
        return made;
    }

    /// <summary>Whole or not at all, and readable by the owner only from its first byte on.</summary>
    private async Task WriteFileAsync(FirstStartCredentials credentials, CancellationToken ct)
    {
        var json = new StableJsonWriter();
        json.StartObject();
        Member("url", credentials.Url);
        Member("email", credentials.Email);
        Member("password", credentials.Password);
        Member("token", credentials.Token);
        Member("organization", credentials.Organization);
        Member("project", credentials.Project);
        Member("dsn", credentials.Dsn);
        json.EndObject();

        var temporary = $"{FilePath}.new";
        var create = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using (var file = new FileStream(temporary, create))
        {
            await file.WriteAsync(json.ToArray(), ct);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, FilePath, overwrite: true);

        void Member(string name, string value)
        {
            json.Name(name);
            json.Value(value);
        }
    }
}

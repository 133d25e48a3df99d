using Microsoft.Extensions.DependencyInjection;
using Vedette.Server.Accounts;
using Vedette.Server.Authorization;
using Vedette.Tracker.Projects;
using Vedette.Wire.Json;

namespace Vedette.Tests.Harness;

/// <summary>People, organizations and projects beside those of the first start, in one step each.</summary>
internal static class People
{
    /// <returns>The new organization's id.</returns>
    public static Task<long> AddOrganizationAsync(this VedetteApp app, string slug) =>
        app.Database.WriteAsync(
            transaction => app.Services.GetRequiredService<ProjectStore>().AddOrganizationAsync(transaction, slug, slug), CancellationToken.None);

    public static Task<(long Id, string PublicKey)> AddProjectAsync(this VedetteApp app, string organization, string slug) =>
        app.Database.WriteAsync(
            async transaction =>
            {
                var id = await transaction.SingleAsync<long>("select id from organization where slug = @organization", new { organization });
                return await app.Services.GetRequiredService<ProjectStore>().AddProjectAsync(transaction, id, slug, slug);
            },
            CancellationToken.None);

    /// <summary>Somebody with one membership and one token. No <paramref name="scopes"/> means all of them.</summary>
    /// <returns>The token.</returns>
    public static Task<string> AddPersonAsync(this VedetteApp app, string email, string organization, MemberRole role, params string[] scopes) =>
        app.Database.WriteAsync(
            async transaction =>
            {
                var accounts = app.Services.GetRequiredService<AccountStore>();
                var organizationId = await transaction.SingleAsync<long>("select id from organization where slug = @organization", new { organization });
                var account = await accounts.AddAccountAsync(transaction, email, email, "a password");
                await accounts.AddMemberAsync(transaction, organizationId, account, role);
                var token = AccountStore.NewToken();
                await accounts.AddTokenAsync(transaction, account, "test", token, scopes.Length == 0 ? Scopes.All : scopes);
                return token;
            },
            CancellationToken.None);

    /// <summary>Invites somebody to the first organization.</summary>
    /// <returns>The path of the link in the mail.</returns>
    public static async Task<string> InviteAsync(this VedetteApp app, string email, string role = "member")
    {
        var answer = await app.ApiAsync(HttpMethod.Post, "/api/0/organizations/default/members/", $$"""{"email":"{{email}}","orgRole":"{{role}}"}""");
        if (answer.Status != 201)
            throw new InvalidOperationException($"the invite was answered with {answer.Status}");

        var mail = await app.Database.ReadAsync(session => session.SingleAsync<string>("select body from mail order by id desc limit 1"), CancellationToken.None);
        return mail.Split('\n').Single(line => line.Contains("/accept/", StringComparison.Ordinal)).Split(app.Url)[1];
    }

    /// <summary>Changes rows behind the server's back.</summary>
    public static Task ExecuteAsync(this VedetteApp app, string sql, object? args = null) =>
        app.Database.WriteAsync(transaction => transaction.ExecuteAsync(sql, args), CancellationToken.None);

    /// <param name="rows">A table, with a condition if need be.</param>
    public static Task<long> CountAsync(this VedetteApp app, string rows) =>
        app.Database.ReadAsync(session => session.SingleAsync<long>($"select count(*) from {rows}"), CancellationToken.None);

    /// <summary>The names of what was done, newest first.</summary>
    public static async Task<List<string>> AuditedAsync(this VedetteApp app, string organization = "default", string? token = null) =>
        [.. (await app.GetAsync($"/api/0/organizations/{organization}/audit-logs/", token)).Map.List("rows")!.Select(row => ((JsonMap)row!).Text("event")!)];

    /// <summary>As text, for assertions on whole answers.</summary>
    public static async Task<(int Status, string Body)> AskAsync(this VedetteApp app, HttpMethod method, string path, string? authorization = null, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (authorization is not null)
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        if (body is not null)
            request.Content = new StringContent(body);
        using var response = await app.Client.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}

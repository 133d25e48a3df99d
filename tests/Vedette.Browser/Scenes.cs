using Vedette.Tests.Harness;

namespace Vedette.Browser;

/// <summary>A page in a certain state. Every page of the server is here, in every state that looks different.</summary>
/// <param name="Name">Of the screenshots.</param>
/// <param name="ArrangeAsync">Makes what the page shows, and gives its path.</param>
internal sealed record Scene(string Name, bool LoggedIn, Func<VedetteApp, Task<string>> ArrangeAsync)
{
    public static IReadOnlyList<Scene> All { get; } =
    [
        Of("login", loggedIn: false, "/auth/login/?next=/settings/account/"),
        Of("home", loggedIn: true, "/"),
        new("home-crowded", LoggedIn: true, CrowdAsync),
        Of("account", loggedIn: true, "/settings/account/"),
        new("invite", LoggedIn: false, app => app.InviteAsync("grace.hopper.of.the.harvard.mark.one@example.org", "manager")),
        new("invite-own", LoggedIn: true, async app =>
        {
            var path = await app.InviteAsync("grace@example.org");
            await app.ExecuteAsync("delete from organization_member where account_id is not null");
            await app.ExecuteAsync("update organization_member set email = @Email", new { app.FirstStart.Email });
            return path;
        }),
        new("invite-of-other", LoggedIn: true, app => app.InviteAsync("grace.hopper.of.the.harvard.mark.one@example.org")),
        new("invite-used", LoggedIn: false, _ => Task.FromResult("/accept/1/nonsense/")),
        new("consent", LoggedIn: true, async app => OAuthApps.AuthorizePath(
            await app.CreateApplicationAsync(""","homepageUrl":"https://client.example/","privacyUrl":"https://client.example/privacy","termsUrl":"https://client.example/terms","isPublic":false"""),
            "&scope=event:write%20org:read%20project:read%20openid")),
        new("consent-of-organization", LoggedIn: true, async app => OAuthApps.AuthorizePath(
            await app.CreateApplicationAsync(""","name":"An application with a name as long as a name of one can be ....","requiresOrgLevelAccess":true"""))),
        Of("consent-for-nobody", loggedIn: true, "/oauth/authorize/?client_id=nonsense"),
        Of("device", loggedIn: true, "/oauth/device/"),
        new("device-consent", LoggedIn: true, async app => $"/oauth/device/?user_code={await UserCodeAsync(app)}"),
        Of("device-wrong", loggedIn: true, "/oauth/device/?user_code=BBBB-BBBB"),
        Of("authorizations-none", loggedIn: true, "/settings/account/authorizations/"),
        new("authorizations", LoggedIn: true, AuthorizeAsync),
        Of("not-found", loggedIn: false, "/nothing/here/"),
    ];

    private static Scene Of(string name, bool loggedIn, string path) => new(name, loggedIn, _ => Task.FromResult(path));

    public static async Task<string> UserCodeAsync(VedetteApp app) =>
        (await app.FormAsync("/oauth/device/code/", [("client_id", "vedette-cli"), ("scope", "event:read project:write")])).Map.Text("user_code")!;

    /// <summary>Two applications: one holds tokens, the other does not yet.</summary>
    private static async Task<string> AuthorizeAsync(VedetteApp app)
    {
        using var visitor = await PageVisitor.LoggedInAsync(app);
        await app.ConnectAsync(visitor, await app.CreateApplicationAsync(), "event:write org:read");
        await visitor.CodeAsync(
            OAuthApps.AuthorizePath(await app.CreateApplicationAsync(""","name":"Rindfleischetikettierungsueberwachungsaufgabenuebertragungs","requiresOrgLevelAccess":true""")),
            ("selected_organization_id", "1"));
        return "/settings/account/authorizations/?revoked=1";
    }

    /// <summary>Many organizations with long names.</summary>
    private static async Task<string> CrowdAsync(VedetteApp app)
    {
        const string LongWord = "Rindfleischetikettierungsueberwachungsaufgabenuebertragung";
        foreach (var slug in new[] { "acme", "north-sea", "empty" })
            await app.ApiAsync(HttpMethod.Post, "/api/0/organizations/", $$"""{"name":"{{slug}} {{LongWord[..40]}}","slug":"{{slug}}"}""");
        for (var i = 0; i < 60; i++)
            await app.AddProjectAsync("acme", $"project-{i}-{LongWord[..30].ToLowerInvariant()}");
        await app.AddProjectAsync("north-sea", "oil");
        return "/";
    }
}

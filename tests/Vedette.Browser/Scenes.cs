using Microsoft.Playwright;
using Vedette.Tests.Harness;

namespace Vedette.Browser;

/// <summary>A page in a certain state.</summary>
/// <param name="Name">Of the screenshots.</param>
/// <param name="Route">The pattern of the page's route.</param>
/// <param name="ArrangeAsync">Makes what the page shows, and gives its path.</param>
internal sealed record Scene(string Name, string Route, bool LoggedIn, Func<VedetteApp, Task<string>> ArrangeAsync)
{
    private const string Accept = "/accept/{member}/{token}/";
    private const string Authorize = "/oauth/authorize/";
    private const string Device = "/oauth/device/";
    private const string Authorizations = "/settings/account/authorizations/";

    /// <summary>What is done on the page before it is looked at.</summary>
    public Func<IPage, Task>? ActAsync { get; init; }

    /// <summary>Every page of the server, in every state that looks different.</summary>
    public static IReadOnlyList<Scene> All { get; } =
    [
        Of("login", "/auth/login/", loggedIn: false, "?next=/settings/account/"),
        Of("login-wrong", "/auth/login/", loggedIn: false) with
        {
            ActAsync = async page =>
            {
                await page.GetByLabel("E-mail").FillAsync("\"><b>nobody</b>");
                await page.GetByLabel("Password").FillAsync("wrong");
                await page.GetByRole(AriaRole.Button).ClickAsync();
                await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
            },
        },
        Of("home", "/", loggedIn: true),
        new("home-crowded", "/", LoggedIn: true, CrowdAsync),
        new("home-empty", "/", LoggedIn: true, LeaveAsync),
        Of("account", "/settings/account/", loggedIn: true),
        new("invite", Accept, LoggedIn: false, app => app.InviteAsync("grace.hopper.of.the.harvard.mark.one@example.org", "manager")),
        new("invite-wrong", Accept, LoggedIn: false, app => app.InviteAsync("grace@example.org"))
        {
            ActAsync = async page =>
            {
                await page.GetByLabel("Your name").FillAsync("Grace");
                await page.GetByLabel("A password").FillAsync("short");
                await page.GetByRole(AriaRole.Button).ClickAsync();
                await Assertions.Expect(page.GetByText("too short")).ToBeVisibleAsync();
            },
        },
        new("invite-own", Accept, LoggedIn: true, InviteOneselfAsync),
        new("invite-of-other", Accept, LoggedIn: true, app => app.InviteAsync("grace.hopper.of.the.harvard.mark.one@example.org")),
        new("invite-used", Accept, LoggedIn: false, _ => Task.FromResult("/accept/1/nonsense/")),
        new("consent", Authorize, LoggedIn: true, async app => OAuthApps.AuthorizePath(
            await app.CreateApplicationAsync(""","homepageUrl":"https://client.example/","privacyUrl":"https://client.example/privacy","termsUrl":"https://client.example/terms","isPublic":false"""),
            "&scope=event:write%20org:read%20project:read%20openid")),
        new("consent-of-organization", Authorize, LoggedIn: true, async app => OAuthApps.AuthorizePath(
            await app.CreateApplicationAsync(""","name":"An application with a name as long as a name of one can be ....","requiresOrgLevelAccess":true"""))),
        Of("consent-for-nobody", Authorize, loggedIn: true, "?client_id=nonsense"),
        Of("device", Device, loggedIn: true),
        new("device-consent", Device, LoggedIn: true, async app => $"{Device}?user_code={await UserCodeAsync(app)}"),
        Of("device-wrong", Device, loggedIn: true, "?user_code=BBBB-BBBB"),
        Of("authorizations-none", Authorizations, loggedIn: true),
        new("authorizations", Authorizations, LoggedIn: true, AuthorizeAsync),
        new("not-found", "", LoggedIn: false, _ => Task.FromResult("/nothing/here/")),
    ];

    private static Scene Of(string name, string route, bool loggedIn, string query = "") => new(name, route, loggedIn, _ => Task.FromResult($"{route}{query}"));

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
        return $"{Authorizations}?revoked=1";
    }

    /// <summary>Many organizations with long names.</summary>
    private static async Task<string> CrowdAsync(VedetteApp app)
    {
        const string LongWord = "Rindfleischetikettierungsueberwachungsaufgaben";
        foreach (var slug in new[] { "acme", "north-sea", "empty" })
            await app.ApiAsync(HttpMethod.Post, "/api/0/organizations/", $$"""{"name":"{{slug}} {{LongWord}}","slug":"{{slug}}"}""");
        for (var i = 0; i < 30; i++)
            await app.AddProjectAsync("acme", $"project-{i}-{LongWord[..30].ToLowerInvariant()}");
        await app.AddProjectAsync("north-sea", "oil");
        return "/";
    }

    private static async Task<string> LeaveAsync(VedetteApp app)
    {
        await app.ExecuteAsync("delete from organization_member");
        return "/";
    }

    private static async Task<string> InviteOneselfAsync(VedetteApp app)
    {
        var path = await app.InviteAsync("grace@example.org");
        await app.ExecuteAsync("delete from organization_member where account_id is not null");
        await app.ExecuteAsync("update organization_member set email = @Email", new { app.FirstStart.Email });
        return path;
    }
}

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
        Of("not-found", loggedIn: false, "/nothing/here/"),
    ];

    private static Scene Of(string name, bool loggedIn, string path) => new(name, loggedIn, _ => Task.FromResult(path));

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

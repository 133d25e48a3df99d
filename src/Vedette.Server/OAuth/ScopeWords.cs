namespace Vedette.Server.OAuth;

/// <summary>What a scope lets an application do, as people are asked for it.</summary>
internal static class ScopeWords
{
    private static readonly Dictionary<string, string> Words = new(StringComparer.Ordinal)
    {
        ["org:read"] = "See your organizations and their settings",
        ["org:write"] = "Change the settings of your organizations",
        ["org:admin"] = "Administer your organizations, and delete them",
        ["org:integrations"] = "Install, change and remove integrations",
        ["org:ci"] = "Upload releases and source maps from build machines",
        ["member:invite"] = "Invite people",
        ["member:read"] = "See who belongs to your organizations",
        ["member:write"] = "Change members and what they may do",
        ["member:admin"] = "Add and remove members",
        ["team:read"] = "See teams",
        ["team:write"] = "Create and change teams",
        ["team:admin"] = "Administer teams, and delete them",
        ["project:read"] = "See projects and their settings",
        ["project:write"] = "Create and change projects",
        ["project:admin"] = "Administer projects, and delete them",
        ["project:releases"] = "Create releases and deploys",
        ["project:distribution"] = "Distribute builds",
        ["event:read"] = "See issues and events",
        ["event:write"] = "Change, assign and comment on issues",
        ["event:admin"] = "Delete issues and events",
        ["alerts:read"] = "See alert rules",
        ["alerts:write"] = "Create and change alert rules",
        ["openid"] = "Know who you are",
        ["profile"] = "See your name and picture",
        ["email"] = "See your e-mail address",
    };

    /// <summary>In the order in which scopes are listed everywhere; what another one implies is not said again.</summary>
    public static IReadOnlyList<string> Of(IReadOnlyList<string> scopes) =>
    [
        .. Authorization.Scopes.All
            .Where(scope => scopes.Contains(scope, StringComparer.Ordinal))
            .Where(scope => !scopes.Any(other => other != scope && Authorization.Scopes.Expand([other]).Contains(scope, StringComparer.Ordinal)))
            .Select(scope => Words[scope]),
    ];
}

namespace Vedette.Server.Authorization;

/// <summary>What may be asked for, what implies what, and what a role holds (<c>spec/platform-api.md</c> 5).</summary>
internal static class Scopes
{
    public static IReadOnlyList<string> All { get; } =
    [
        "org:read", "org:write", "org:admin", "org:integrations", "org:ci",
        "member:invite", "member:read", "member:write", "member:admin",
        "team:read", "team:write", "team:admin",
        "project:read", "project:write", "project:admin", "project:releases", "project:distribution",
        "event:read", "event:write", "event:admin",
        "alerts:read", "alerts:write",
        "openid", "profile", "email",
    ];

    /// <summary>No role holds it; tokens alone do, so nobody has to hold it to give it to an app.</summary>
    public const string TokenOnly = "project:distribution";

    private static readonly string[] Member =
    [
        "event:read", "event:write", "event:admin", "project:releases", "project:read", "org:read", "member:invite", "member:read",
        "team:read", "alerts:read", "alerts:write",
    ];

    private static readonly string[] Admin =
        [.. Member, "project:write", "project:admin", "team:write", "team:admin", "org:integrations"];

    private static readonly string[] Manager = [.. Admin, "member:write", "member:admin", "org:write"];

    private static readonly string[] Owner = [.. Manager, "org:admin"];

    public static bool IsKnown(string scope) => All.Contains(scope, StringComparer.Ordinal);

    /// <summary>The given scopes and all that they imply, sorted.</summary>
    public static IReadOnlyList<string> Expand(IEnumerable<string> scopes) =>
        [.. scopes.SelectMany(scope => Implied(scope).Append(scope)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>Every scope that a member with this role may use.</summary>
    public static IReadOnlyList<string> OfRole(MemberRole role) => Expand(role switch
    {
        MemberRole.Member => Member,
        MemberRole.Admin => Admin,
        MemberRole.Manager => Manager,
        MemberRole.Owner => Owner,
    });

    private static IEnumerable<string> Implied(string scope) => scope switch
    {
        "org:write" => ["org:read"],
        "org:admin" => ["org:write", "org:read", "org:integrations"],
        "team:write" => ["team:read"],
        "team:admin" => ["team:write", "team:read"],
        "project:write" => ["project:read"],
        "project:admin" => ["project:write", "project:read"],
        "event:write" => ["event:read"],
        "event:admin" => ["event:write", "event:read"],
        "member:invite" => ["member:read"],
        "member:write" => ["member:read", "member:invite"],
        "member:admin" => ["member:write", "member:read", "member:invite"],
        "alerts:write" => ["alerts:read"],
        _ => [],
    };
}

internal enum MemberRole
{
    Member,
    Admin,
    Manager,
    Owner,
}

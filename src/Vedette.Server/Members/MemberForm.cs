using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Server.Configuration;
using Vedette.Storage;
using Vedette.Wire.Json;

namespace Vedette.Server.Members;

/// <summary>What a request says of a member, checked.</summary>
internal static class MemberForm
{
    public static readonly string[] MayManage = ["member:write", "member:admin"];

    /// <summary>Sentry's newer name is <c>orgRole</c>, the older <c>role</c>; the newer counts.</summary>
    /// <param name="role"><c>null</c> when it names none.</param>
    /// <returns><c>null</c> when all is well.</returns>
    public static IResult? RefuseRole(JsonMap body, out MemberRole? role)
    {
        role = null;
        foreach (var name in new[] { "role", "orgRole" })
        {
            if (body[name] is null)
                continue;
            if (body[name] is not string text)
                return ApiResults.Invalid(name, "Not a valid string.");
            if (StoredName.TryParse<MemberRole>(text) is not { } known)
                return ApiResults.Invalid(name, $"\"{text}\" is not a valid choice.");
            role = known;
        }

        return null;
    }

    /// <returns><c>null</c> when all is well.</returns>
    public static IResult? RefuseEmail(JsonMap body, out string? email)
    {
        if (BodyFields.RefuseText(body, "email", 75, required: true, out email) is { } refusal)
            return refusal;
        return MailAddress.IsPlain(email!) ? null : ApiResults.Invalid("email", "Enter a valid email address.");
    }

    /// <summary>Slugs in <c>teams</c>, or in the <c>teamSlug</c> of each of <c>teamRoles</c>.</summary>
    /// <returns><c>null</c> when all is well.</returns>
    public static IResult? RefuseTeams(JsonMap body, out IReadOnlyList<string> teams)
    {
        teams = [];
        var named = new List<string>();
        foreach (var (name, slugOf) in new (string, Func<object?, string?>)[] { ("teams", item => item as string), ("teamRoles", item => (item as JsonMap)?.Text("teamSlug")) })
        {
            if (body[name] is null)
                continue;
            if (body[name] is not List<object?> list || list.Select(slugOf).ToList() is var slugs && slugs.Contains(null))
                return ApiResults.Invalid(name, "Invalid teams");
            named.AddRange(slugs.OfType<string>());
        }

        teams = [.. named.Distinct(StringComparer.Ordinal)];
        return null;
    }
}

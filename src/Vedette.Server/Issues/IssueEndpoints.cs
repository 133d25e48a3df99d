using System.Globalization;
using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Tracker.Issues;

namespace Vedette.Server.Issues;

internal static class IssueEndpoints
{
    internal static readonly string[] EventRead = ["event:read", "event:write", "event:admin"];

    /// <summary>Of one issue: in its organization, and the older form, in which the number alone says whose it is.</summary>
    internal static readonly string[] Prefixes = ["/api/0/organizations/{organization}/issues/", "/api/0/issues/"];

    extension(IEndpointRouteBuilder routes)
    {
        public void MapIssues()
        {
            foreach (var issues in Prefixes)
                routes.MapGet($"{issues}{{issue}}/", ShowAsync).RequireAnyScope(EventRead);
        }
    }

    private static async Task<IResult> ShowAsync(string issue, Access access, IssueStore store, IssueDetails details, CancellationToken ct) =>
        await FindAsync(access, issue, store, ct) is { } found ? await details.AnswerAsync(found, access, ct) : ApiResults.NotFound();

    /// <summary>By number or by short id, in this organization only.</summary>
    internal static Task<Issue?> FindAsync(Access access, string idOrShortId, IssueStore store, CancellationToken ct)
    {
        var organization = access.Organization!.Id;
        if (long.TryParse(idOrShortId, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            return store.ByIdAsync(organization, id, ct);

        return ShortId.TryParse(idOrShortId, out var project, out var number)
            ? store.ByShortIdAsync(organization, project, number, ct)
            : Task.FromResult<Issue?>(null);
    }
}

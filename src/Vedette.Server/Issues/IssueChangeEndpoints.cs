using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Storage;
using Vedette.Tracker.Issues;

namespace Vedette.Server.Issues;

/// <summary>Changes one issue, or deletes it (<c>spec/domain.md</c> 3.2).</summary>
internal static class IssueChangeEndpoints
{
    internal static readonly string[] EventWrite = ["event:write", "event:admin"];

    extension(IEndpointRouteBuilder routes)
    {
        public void MapIssueChanges()
        {
            foreach (var issues in IssueEndpoints.Prefixes)
            {
                routes.MapPut($"{issues}{{issue}}/", ChangeAsync).RequireAnyScope(EventWrite);
                routes.MapDelete($"{issues}{{issue}}/", DeleteAsync).RequireAnyScope("event:admin");
            }
        }
    }

    /// <summary>204 for one that was discarded, because there is nothing left to show.</summary>
    private static async Task<IResult> ChangeAsync(
        string issue, HttpRequest request, Access access, IssueStore store, IssueChanges changes, IssueDetails details, Database database, TimeProvider time,
        CancellationToken ct)
    {
        if (await IssueEndpoints.FindAsync(access, issue, store, ct) is not { } found)
            return ApiResults.NotFound();
        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;
        var (change, refusal) = IssueChangeForm.Read(body.Map, time.GetUtcNow());
        if (change is null)
            return refusal!;

        var outcome = await database.WriteAsync(transaction => changes.ApplyAsync(transaction, change, [found.Id], found.OrganizationId, access), ct);
        if (outcome.Refusal is not null)
            return outcome.Refusal;
        return await store.ByIdAsync(found.OrganizationId, found.Id, ct) is { } changed
            ? await details.AnswerAsync(changed, access, ct)
            : change.Discards ? Results.NoContent() : ApiResults.NotFound();
    }

    /// <summary>It is gone with the answer; its events go in the minutes that follow.</summary>
    private static async Task<IResult> DeleteAsync(string issue, Access access, IssueStore store, Database database, CancellationToken ct) =>
        await IssueEndpoints.FindAsync(access, issue, store, ct) is { } found
            && await database.WriteAsync(transaction => IssueMerge.DeleteAsync(transaction, found.Id), ct)
            ? Results.StatusCode(StatusCodes.Status202Accepted)
            : ApiResults.NotFound();
}

using System.Globalization;
using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Storage;
using Vedette.Tracker.Issues;
using Vedette.Tracker.Projects;
using Vedette.Tracker.Search;
using Vedette.Wire.Json;

namespace Vedette.Server.Issues;

/// <summary>Changes or deletes many issues at once: those that are named, or those that a search finds (<c>spec/domain.md</c> 3.2).</summary>
internal static class IssueBulkEndpoints
{
    private const int Most = 1000;

    extension(IEndpointRouteBuilder routes)
    {
        public void MapIssueBulk()
        {
            // The second is the older form, which sentry-cli uses.
            foreach (var issues in new[] { "/api/0/organizations/{organization}/issues/", "/api/0/projects/{organization}/{project}/issues/" })
            {
                routes.MapPut(issues, ChangeAsync).RequireAnyScope(IssueChangeEndpoints.EventWrite);
                routes.MapDelete(issues, DeleteAsync).RequireAnyScope("event:admin");
            }
        }
    }

    /// <summary>All or none of them, and what they have in common now. 204 when there are none.</summary>
    private static async Task<IResult> ChangeAsync(
        HttpRequest request, Access access, IssueListStore lists, IssueStore store, ProjectStore projects, IssueChanges changes, Database database, TimeProvider time,
        CancellationToken ct)
    {
        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;
        var (change, wrong) = IssueChangeForm.Read(body.Map, time.GetUtcNow());
        if (change is null)
            return wrong!;

        // Nobody who names no issues wants to reopen only those that are open.
        var missing = change.Status == IssueStatus.Unresolved ? "" : IssueQuestion.Unresolved;
        var (ids, refusal) = await FindAsync(request, access, lists, store, projects, missing, time, ct);
        if (ids.Count == 0)
            return refusal ?? Results.NoContent();

        var organization = access.Organization!.Id;
        var outcome = await database.WriteAsync(transaction => changes.ApplyAsync(transaction, change, ids, organization, access), ct);
        if (outcome.Refusal is not null)
            return outcome.Refusal;
        if (change.Discards)
            return Results.NoContent();

        var changed = await store.ByIdAsync(organization, outcome.Merged?.Parent ?? ids[0], ct);
        return ApiResults.Json(StatusCodes.Status200OK, json => Write(json, change, outcome, changed));
    }

    private static async Task<IResult> DeleteAsync(
        HttpRequest request, Access access, IssueListStore lists, IssueStore store, ProjectStore projects, Database database, TimeProvider time, CancellationToken ct)
    {
        var (ids, refusal) = await FindAsync(request, access, lists, store, projects, IssueQuestion.Unresolved, time, ct);
        await database.WriteAsync(
            async transaction =>
            {
                foreach (var id in ids.Order())
                    await IssueMerge.DeleteAsync(transaction, id);
            },
            ct);
        return refusal ?? Results.NoContent();
    }

    /// <param name="missing">The query that is meant when the request names neither issues nor a query nor a status.</param>
    private static async Task<(IReadOnlyList<long> Ids, IResult? Refusal)> FindAsync(
        HttpRequest request, Access access, IssueListStore lists, IssueStore store, ProjectStore projects, string missing, TimeProvider time, CancellationToken ct)
    {
        if (request.Query["status"].FirstOrDefault() is { Length: > 0 } status)
            missing = $"is:{status}";
        var (question, refusal) = await IssueQuestion.ReadAsync(request, access, projects, missing, time.GetUtcNow(), ct);
        if (question is null)
            return ([], refusal);

        var named = request.Query["id"].OfType<string>().Where(id => id.Length > 0).Distinct(StringComparer.Ordinal).ToList();
        if (named.Count == 0)
            return ([.. (await lists.PageAsync(question.Query, null, backwards: false, Most, mostHits: 0, ct)).Issues.Select(issue => issue.Id)], null);
        if (named.Count > Most)
            return ([], ApiResults.Detail(StatusCodes.Status400BadRequest, $"No more than {Most} issues can be changed at once."));

        var ids = new List<long>();
        foreach (var name in named)
        {
            if (await IssueEndpoints.FindAsync(access, name, store, ct) is { } issue
                && (question.Query.ProjectIds.Count == 0 || question.Query.ProjectIds.Contains(issue.ProjectId)))
            {
                ids.Add(issue.Id);
            }
        }

        return ([.. ids.Distinct()], null);
    }

    /// <summary>Only what the request changed.</summary>
    /// <param name="one">Of the issues; <c>null</c> when it is gone again.</param>
    private static void Write(StableJsonWriter json, IssueChange change, IssueChangeOutcome outcome, Issue? one)
    {
        json.StartObject();
        if (change.Status is { } status)
        {
            json.Name("status"u8);
            json.Value(StoredName.Of(status));
            json.Name("statusDetails"u8);
            if (one is null)
            {
                json.StartObject();
                json.EndObject();
            }
            else
            {
                StatusDetailsJson.Write(json, one);
            }

            json.Name("substatus"u8);
            json.Value(one?.Substatus);
            json.Name("inbox"u8);
            json.Null();
        }

        if (change.Assignee is not null)
        {
            json.Name("assignedTo"u8);
            IssueJson.WriteAssignee(json, outcome.Assignee);
        }

        if (change.Priority is not null)
        {
            json.Name("priority"u8);
            json.Value(change.Priority);
        }

        foreach (var (name, value) in new[] { ("hasSeen", change.HasSeen), ("isBookmarked", change.IsBookmarked), ("isSubscribed", change.IsSubscribed), ("isPublic", change.IsPublic) })
        {
            if (value is { } said)
            {
                json.Name(name);
                json.Value(said);
            }
        }

        if (outcome.Merged is { } merged)
        {
            json.Name("merge"u8);
            json.StartObject();
            json.Name("parent"u8);
            json.Value(merged.Parent.ToString(CultureInfo.InvariantCulture));
            json.Name("children"u8);
            json.Texts(merged.Children.Select(child => child.ToString(CultureInfo.InvariantCulture)));
            json.EndObject();
        }

        json.EndObject();
    }
}

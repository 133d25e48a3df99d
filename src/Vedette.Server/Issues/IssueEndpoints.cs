using System.Globalization;
using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Storage;
using Vedette.Tracker;
using Vedette.Tracker.Issues;
using Vedette.Tracker.Projects;
using Vedette.Tracker.Search;
using Vedette.Wire;
using Vedette.Wire.Json;

namespace Vedette.Server.Issues;

internal static class IssueEndpoints
{
    private static readonly string[] EventRead = ["event:read", "event:write", "event:admin"];
    private static readonly string[] EventWrite = ["event:write", "event:admin"];

    extension(IEndpointRouteBuilder routes)
    {
        public void MapIssues()
        {
            var issues = routes.MapGroup("/api/0/organizations/{organization}/issues/");
            issues.MapGet("{issue}/", ShowAsync).RequireAnyScope(EventRead);
            issues.MapPut("{issue}/", ChangeAsync).RequireAnyScope(EventWrite);
            issues.MapGet("{issue}/events/{which}/", ShowIssueEventAsync).RequireAnyScope(EventRead);

            routes.MapGet("/api/0/projects/{organization}/{project}/events/{eventId}/", ShowProjectEventAsync).RequireAnyScope(EventRead);
        }
    }

    private static async Task<IResult> ShowAsync(
        string issue, Access access, IssueStore store, IssueListStore lists, IssueJson issueJson, TimeProvider time, CancellationToken ct) =>
        await FindAsync(access, issue, store, ct) is { } found
            ? await DetailAsync(found, store, lists, issueJson, time, ct)
            : ApiResults.NotFound();

    /// <summary>Resolves and reopens; the other changes of an issue are not here yet and are refused by name.</summary>
    private static async Task<IResult> ChangeAsync(
        string issue, HttpRequest request, Access access, IssueStore store, IssueListStore lists, IssueTransitions transitions, Database database,
        IssueJson issueJson, TimeProvider time, CancellationToken ct)
    {
        if (await FindAsync(access, issue, store, ct) is not { } found)
            return ApiResults.NotFound();

        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;
        foreach (var (name, value) in body.Map.Members)
        {
            // Existing clients send members that ask for nothing: "statusDetails": {}, "snoozeDuration": null.
            if (name != "status" && value is not (null or JsonMap { Count: 0 }))
                return ApiResults.Invalid(name, "This field cannot be changed by this version.");
        }

        var actor = access.HookActor;
        Func<Transaction, Task<Issue>>? change = body.Map.Text("status") switch
        {
            "resolved" => transaction => transitions.ResolveAsync(transaction, found.Id, actor, access.AccountId),
            "unresolved" => transaction => transitions.ReopenAsync(transaction, found.Id, actor, access.AccountId),
            _ => null,
        };
        if (change is null)
            return ApiResults.Invalid("status", "Must be one of: resolved, unresolved.");

        return await DetailAsync(await database.WriteAsync(change, ct), store, lists, issueJson, time, ct);
    }

    private static async Task<IResult> ShowIssueEventAsync(string issue, string which, Access access, IssueStore store, CancellationToken ct)
    {
        if (await FindAsync(access, issue, store, ct) is not { } found)
            return ApiResults.NotFound();

        var stored = which switch
        {
            "latest" or "recommended" => await store.NewestEventAsync(found.Id, ct),
            "oldest" => await store.OldestEventAsync(found.Id, ct),
            _ => await store.EventAsync(found.ProjectId, Plain(which), ct),
        };
        return stored?.IssueId == found.Id ? await EventAsync(stored, store, ct) : ApiResults.NotFound();
    }

    private static async Task<IResult> ShowProjectEventAsync(
        string project, string eventId, Access access, IssueStore store, ProjectStore projects, CancellationToken ct) =>
        await projects.ProjectAsync(access.Organization!.Id, project, ct) is { } found && await store.EventAsync(found.Id, Plain(eventId), ct) is { } stored
            ? await EventAsync(stored, store, ct)
            : ApiResults.NotFound();

    private static async Task<IResult> EventAsync(StoredEvent stored, IssueStore store, CancellationToken ct)
    {
        var (previous, next) = await store.NeighboursAsync(stored, ct);
        return ApiResults.Bytes(StatusCodes.Status200OK, EventJson.ApiObject(stored, previous, next));
    }

    private static async Task<IResult> DetailAsync(
        Issue issue, IssueStore store, IssueListStore lists, IssueJson issueJson, TimeProvider time, CancellationToken ct)
    {
        var detail = await IssueDetail.ReadAsync(issue, store, lists, time.GetUtcNow(), ct);
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartObject();
            issueJson.WriteMembers(json, issue);
            detail.WriteMembers(json);
            json.EndObject();
        });
    }

    /// <summary>By number or by short id, in this organization only.</summary>
    private static Task<Issue?> FindAsync(Access access, string idOrShortId, IssueStore store, CancellationToken ct)
    {
        var organization = access.Organization!.Id;
        if (long.TryParse(idOrShortId, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            return store.ByIdAsync(organization, id, ct);

        return ShortId.TryParse(idOrShortId, out var project, out var number)
            ? store.ByShortIdAsync(organization, project, number, ct)
            : Task.FromResult<Issue?>(null);
    }

    private static string Plain(string eventId) => eventId.Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();
}

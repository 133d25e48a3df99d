using System.Globalization;
using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Tracker;
using Vedette.Tracker.Issues;
using Vedette.Tracker.Projects;
using Vedette.Tracker.Search;
using Vedette.Wire.Json;
using EventId = Vedette.Tracker.Ingest.EventId;

namespace Vedette.Server.Issues;

/// <summary>Events of an issue and of a project, and who an event or a short id belongs to (<c>spec/domain.md</c> 3.1).</summary>
internal static class EventEndpoints
{
    /// <summary>A hash whose newest event lies further back is shown without one.</summary>
    private const int MostLookedAt = 100;

    extension(IEndpointRouteBuilder routes)
    {
        public void MapEvents()
        {
            foreach (var issues in IssueEndpoints.Prefixes)
            {
                routes.MapGet($"{issues}{{issue}}/events/", ListOfIssueAsync).RequireAnyScope(IssueEndpoints.EventRead);
                routes.MapGet($"{issues}{{issue}}/events/{{which}}/", ShowOfIssueAsync).RequireAnyScope(IssueEndpoints.EventRead);
                routes.MapGet($"{issues}{{issue}}/hashes/", HashesAsync).RequireAnyScope(IssueEndpoints.EventRead);
            }

            routes.MapGet("/api/0/projects/{organization}/{project}/events/", ListOfProjectAsync).RequireAnyScope(IssueEndpoints.EventRead);
            routes.MapGet("/api/0/projects/{organization}/{project}/events/{eventId}/", ShowOfProjectAsync).RequireAnyScope(IssueEndpoints.EventRead);
            routes.MapGet("/api/0/organizations/{organization}/eventids/{eventId}/", FindEventAsync).RequireAnyScope(IssueEndpoints.EventRead);
            routes.MapGet("/api/0/organizations/{organization}/shortids/{shortId}/", FindShortIdAsync).RequireAnyScope(IssueEndpoints.EventRead);
        }
    }

    private static async Task<IResult> ListOfIssueAsync(
        string issue, HttpContext context, Access access, IssueStore store, EventListStore events, Links links, TimeProvider time, CancellationToken ct) =>
        await IssueEndpoints.FindAsync(access, issue, store, ct) is { } found
            ? await ListAsync(context, new EventQuery { IssueId = found.Id }, events, links, time, ct)
            : ApiResults.NotFound();

    private static async Task<IResult> ListOfProjectAsync(
        string project, HttpContext context, Access access, ProjectStore projects, EventListStore events, Links links, TimeProvider time, CancellationToken ct) =>
        await projects.ProjectAsync(access.Organization!.Id, project, ct) is { } found
            ? await ListAsync(context, new EventQuery { ProjectId = found.Id }, events, links, time, ct)
            : ApiResults.NotFound();

    private static async Task<IResult> ListAsync(HttpContext context, EventQuery all, EventListStore events, Links links, TimeProvider time, CancellationToken ct)
    {
        var given = context.Request.Query;
        if (Paging.Refuse(context.Request, out var paging) is { } refusal)
            return refusal;
        if (!RequestedTime.TryRead(given, time.GetUtcNow(), out var from, out var until, out var wrong))
            return ApiResults.Detail(StatusCodes.Status400BadRequest, wrong);
        if (!EventQuery.TryParse(given["query"].FirstOrDefault() ?? "", out var terms, out var error))
            return ApiResults.Detail(StatusCodes.Status400BadRequest, error.ToString());

        var query = all with { From = from, Until = until, Terms = terms, Environments = RequestedTime.Environments(given) };
        var place = paging.Cursor is { } cursor ? new EventPlace(cursor.Value, cursor.Offset) : null;
        var found = await events.PageAsync(query, place, paging.Cursor?.IsPrevious == true, paging.PerPage + 1, ct);
        var page = paging.Page(context, links.BaseUrl, found, stored => (stored.OccurredAt, stored.Id));
        var isFull = given["full"].FirstOrDefault() is "1" or "true";
        return Results.Stream(body => WriteAsync(body, events.WithBodiesAsync(page, ct), isFull, ct), "application/json");
    }

    /// <summary>One by one, since a page of them may have a hundred megabytes.</summary>
    private static async Task WriteAsync(Stream body, IAsyncEnumerable<StoredEvent> events, bool isFull, CancellationToken ct)
    {
        var between = "["u8.ToArray();
        await foreach (var stored in events)
        {
            await body.WriteAsync(between, ct);
            await body.WriteAsync(isFull ? EventJson.ApiObject(stored, null, null) : EventJson.ListItem(stored), ct);
            between = ","u8.ToArray();
        }

        await body.WriteAsync(between is [(byte)'['] ? "[]"u8.ToArray() : "]"u8.ToArray(), ct);
    }

    private static async Task<IResult> ShowOfIssueAsync(
        string issue, string which, HttpRequest request, Access access, IssueStore store, EventListStore events, CancellationToken ct)
    {
        if (await IssueEndpoints.FindAsync(access, issue, store, ct) is not { } found)
            return ApiResults.NotFound();

        var environments = RequestedTime.Environments(request.Query);
        var stored = which switch
        {
            "latest" or "recommended" or "oldest" when environments.Count > 0 => await FirstAsync(found, environments, which == "oldest", events, ct),
            "latest" or "recommended" => await store.NewestEventAsync(found.Id, ct),
            "oldest" => await store.OldestEventAsync(found.Id, ct),
            _ when EventId.TryParse(which, out var id) => await store.EventAsync(found.ProjectId, id, ct),
            _ => null,
        };
        return stored?.IssueId == found.Id ? await ShowAsync(stored, store, ct) : ApiResults.NotFound();
    }

    /// <summary>The newest event in one of the environments, or the oldest.</summary>
    private static async Task<StoredEvent?> FirstAsync(Issue issue, IReadOnlyList<string> environments, bool oldest, EventListStore events, CancellationToken ct)
    {
        var found = await events.PageAsync(new EventQuery { IssueId = issue.Id, Environments = environments }, null, backwards: oldest, 1, ct);
        await foreach (var stored in events.WithBodiesAsync(found, ct))
            return stored;
        return null;
    }

    private static async Task<IResult> ShowOfProjectAsync(
        string project, string eventId, Access access, IssueStore store, ProjectStore projects, CancellationToken ct) =>
        EventId.TryParse(eventId, out var id)
            && await projects.ProjectAsync(access.Organization!.Id, project, ct) is { } found
            && await store.EventAsync(found.Id, id, ct) is { } stored
            ? await ShowAsync(stored, store, ct)
            : ApiResults.NotFound();

    private static async Task<IResult> ShowAsync(StoredEvent stored, IssueStore store, CancellationToken ct)
    {
        var (previous, next) = await store.NeighboursAsync(stored, ct);
        return ApiResults.Bytes(StatusCodes.Status200OK, EventJson.ApiObject(stored, previous, next));
    }

    private static async Task<IResult> FindEventAsync(string eventId, Access access, EventListStore events, IssueStore store, CancellationToken ct)
    {
        if (!EventId.TryParse(eventId, out var id))
            return ApiResults.Detail(StatusCodes.Status400BadRequest, "Event ID must be 32 hex digits, or a UUID with dashes.");
        if (await events.FindAsync(access.Organization!.Id, id, ct) is not { } stored || await store.ByIdAsync(access.Organization.Id, stored.IssueId, ct) is not { } issue)
            return ApiResults.NotFound();

        var (previous, next) = await store.NeighboursAsync(stored, ct);
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartObject();
            WriteOwner(json, issue);
            json.Name("eventId"u8);
            json.Value(stored.EventId);
            json.Name("event"u8);
            EventJson.WriteObject(json, stored, previous, next);
            json.EndObject();
        });
    }

    private static async Task<IResult> FindShortIdAsync(
        string shortId, Access access, IssueStore store, IssuePeople people, IssueJson issueJson, CancellationToken ct)
    {
        if (!ShortId.TryParse(shortId, out var slug, out var number) || await store.ByShortIdAsync(access.Organization!.Id, slug, number, ct) is not { } issue)
            return ApiResults.NotFound();

        var viewer = (await people.ViewersAsync([issue.Id], access.AccountId, ct))[0];
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartObject();
            WriteOwner(json, issue);
            json.Name("group"u8);
            json.StartObject();
            issueJson.WriteMembers(json, issue, viewer);
            json.EndObject();
            json.Name("shortId"u8);
            json.Value(issue.QualifiedShortId);
            json.EndObject();
        });
    }

    /// <summary>Each with the newest event that has it.</summary>
    private static async Task<IResult> HashesAsync(
        string issue, HttpContext context, Access access, IssueStore store, EventListStore events, Links links, CancellationToken ct)
    {
        if (Paging.Refuse(context.Request, out var paging) is { } refusal)
            return refusal;
        if (await IssueEndpoints.FindAsync(access, issue, store, ct) is not { } found)
            return ApiResults.NotFound();

        // Numbered in their order, which changes only when another one joins.
        var hashes = (await events.HashesAsync(found.Id, ct)).Select((hash, i) => (Hash: hash, Number: i + 1L)).ToList();
        var page = paging.PageOf(context, links.BaseUrl, hashes, each => each.Number, ListOrder.OldestFirst);
        var newest = await NewestAsync(found.Id, page.Select(each => each.Hash).ToHashSet(StringComparer.Ordinal), events, ct);
        var isFull = context.Request.Query["full"].FirstOrDefault() is not ("0" or "false");
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartArray();
            foreach (var (hash, _) in page)
            {
                json.StartObject();
                json.Name("id"u8);
                json.Value(hash);
                json.Name("latestEvent"u8);
                if (!newest.TryGetValue(hash, out var stored))
                    json.Null();
                else if (isFull)
                    EventJson.WriteObject(json, stored, null, null);
                else
                    json.Raw(EventJson.ListItem(stored));
                json.Name("mergedBySeer"u8);
                json.Value(false);
                json.EndObject();
            }

            json.EndArray();
        });
    }

    private static async Task<IReadOnlyDictionary<string, StoredEvent>> NewestAsync(
        long issueId, IReadOnlySet<string> hashes, EventListStore events, CancellationToken ct)
    {
        var newest = new Dictionary<string, StoredEvent>(StringComparer.Ordinal);
        var latest = await events.PageAsync(new EventQuery { IssueId = issueId }, null, backwards: false, MostLookedAt, ct);
        await foreach (var stored in events.WithBodiesAsync(latest, ct))
        {
            foreach (var hash in EventJson.Hashes(stored).Where(hashes.Contains))
                newest.TryAdd(hash, stored);
            if (newest.Count == hashes.Count)
                break;
        }

        return newest;
    }

    private static void WriteOwner(StableJsonWriter json, Issue issue)
    {
        json.Name("organizationSlug"u8);
        json.Value(issue.OrganizationSlug);
        json.Name("projectSlug"u8);
        json.Value(issue.ProjectSlug);
        json.Name("groupId"u8);
        json.Value(issue.Id.ToString(CultureInfo.InvariantCulture));
    }
}

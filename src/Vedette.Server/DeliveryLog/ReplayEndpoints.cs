using System.Globalization;
using Vedette.Engine.Deliveries;
using Vedette.Engine.DeliveryLog;
using Vedette.Engine.Replays;
using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Storage;
using Vedette.Tracker;
using Vedette.Wire.Json;

namespace Vedette.Server.DeliveryLog;

/// <summary>Sending again: one delivery at once, or many at a pace.</summary>
internal static class ReplayEndpoints
{
    private const int DefaultPace = 10;
    private const int MostPerSecond = 200;

    private static readonly string[] EventRead = ["event:read", "event:write", "event:admin"];
    private static readonly string[] OrganizationWrite = ["org:write", "org:admin"];
    private static readonly string[] FilterMembers = ["destination", "event", "state", "issue", "since", "until"];

    extension(IEndpointRouteBuilder routes)
    {
        public void MapReplays()
        {
            var organization = routes.MapGroup("/api/vedette/organizations/{organization}/");
            organization.MapPost("deliveries/{delivery:long}/replay/", ReplayAsync).RequireAnyScope(OrganizationWrite);
            organization.MapGet("replays/", ListAsync).RequireAnyScope(EventRead);
            organization.MapPost("replays/", StartAsync).RequireAnyScope(OrganizationWrite);
            organization.MapGet("replays/{job:long}/", ShowAsync).RequireAnyScope(EventRead);
            organization.MapPut("replays/{job:long}/", ChangeAsync).RequireAnyScope(OrganizationWrite);
            organization.MapDelete("replays/{job:long}/", CancelAsync).RequireAnyScope(OrganizationWrite);
        }
    }

    private static async Task<IResult> ReplayAsync(
        long delivery, Access access, Replayer replayer, DeliveryLogStore log, TimeProvider time, CancellationToken ct)
    {
        var organizationId = access.Organization!.Id;
        if (await replayer.ReplayAsync(organizationId, delivery, ct) is not { } outcome)
            return ApiResults.NotFound();

        var (status, conflict) = outcome.Verdict switch
        {
            ReplayVerdict.Made => (StatusCodes.Status201Created, null),
            ReplayVerdict.AlreadyThere => (StatusCodes.Status200OK, null),
            ReplayVerdict.DestinationGone => (StatusCodes.Status409Conflict, "The receiver answered 410. Enable its destination before you replay."),
            ReplayVerdict.DestinationRetired => (StatusCodes.Status409Conflict, "The destination was removed. There is nobody to replay to."),
        };
        if (conflict is not null)
            return ApiResults.Detail(status, conflict);

        return await log.DetailAsync(organizationId, outcome.DeliveryId, ct) is { } made
            ? ApiResults.Json(status, json => DeliveryJson.Write(json, made, time.GetUtcNow()))
            : ApiResults.NotFound();
    }

    private static async Task<IResult> StartAsync(
        HttpRequest request, Access access, ReplayJobStore jobs, DeliveryLogStore log, CancellationToken ct)
    {
        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;

        // A filter that is misspelt and ignored would replay everything.
        if (body.Map.Members.Select(member => member.Key).FirstOrDefault(key => !FilterMembers.Contains(key) && key is not ("dryRun" or "perSecond")) is { } unknown)
            return ApiResults.Invalid(unknown, "This field is not known.");
        if (body.Map["dryRun"] is not (null or bool))
            return ApiResults.Invalid("dryRun", "Must be a valid boolean.");
        if (RefusePace(body.Map, DefaultPace, out var perSecond) is { } badPace)
            return badPace;

        var (filter, refusal) = await DeliveryQuestion.ReadAsync(name => Text(body.Map[name]), access.Organization!.Id, log, ct);
        if (refusal is not null)
            return refusal;
        if (filter.State is DeliveryState.Pending or DeliveryState.Held)
            return ApiResults.Invalid("state", "What is still to be delivered is not replayed.");

        if (body.Map["dryRun"] is not true)
        {
            var job = await jobs.StartAsync(filter, perSecond, ct);
            return ApiResults.Json(StatusCodes.Status201Created, json => Write(json, job));
        }

        var count = await jobs.CountAsync(filter, ct);
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartObject();
            json.Name("dryRun"u8);
            json.Value(true);
            json.Name("count"u8);
            json.Value(count);
            json.EndObject();
        });
    }

    private static async Task<IResult> ListAsync(HttpContext context, Access access, ReplayJobStore jobs, Links links, CancellationToken ct)
    {
        if (Paging.Refuse(context.Request, out var paging) is { } refusal)
            return refusal;

        var found = await jobs.ListAsync(access.Organization!.Id, paging.Cursor?.Value, paging.Cursor?.IsPrevious == true, paging.PerPage + 1, ct);
        var page = paging.Page(context, links.BaseUrl, found, job => (job.Id, 0));
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartArray();
            foreach (var job in page)
                Write(json, job);
            json.EndArray();
        });
    }

    private static async Task<IResult> ShowAsync(long job, Access access, ReplayJobStore jobs, CancellationToken ct) =>
        await jobs.FindAsync(access.Organization!.Id, job, ct) is { } found
            ? ApiResults.Json(StatusCodes.Status200OK, json => Write(json, found))
            : ApiResults.NotFound();

    private static async Task<IResult> ChangeAsync(long job, HttpRequest request, Access access, ReplayJobStore jobs, CancellationToken ct)
    {
        if (await jobs.FindAsync(access.Organization!.Id, job, ct) is not { } found)
            return ApiResults.NotFound();

        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;
        if (RefusePace(body.Map, found.PerSecond, out var perSecond) is { } badPace)
            return badPace;

        ReplayJobState? to = body.Map["state"] switch
        {
            null => found.State,
            "running" => ReplayJobState.Running,
            "paused" => ReplayJobState.Paused,
            _ => null,
        };
        if (to is not { } state)
            return ApiResults.Invalid("state", "Must be one of: running, paused.");
        if (state is ReplayJobState.Running or ReplayJobState.Paused && !await jobs.MoveAsync(found.Id, state, ct))
            return ApiResults.Detail(StatusCodes.Status409Conflict, "The replay has ended.");
        if (perSecond != found.PerSecond)
            await jobs.SetPaceAsync(found.Id, perSecond, ct);
        return await ShowAsync(job, access, jobs, ct);
    }

    /// <summary>What was replayed stays; a job that has ended is left as it is.</summary>
    private static async Task<IResult> CancelAsync(long job, Access access, ReplayJobStore jobs, CancellationToken ct)
    {
        if (await jobs.FindAsync(access.Organization!.Id, job, ct) is not { } found)
            return ApiResults.NotFound();

        await jobs.MoveAsync(found.Id, ReplayJobState.Cancelled, ct);
        return TypedResults.NoContent();
    }

    private static IResult? RefusePace(JsonMap body, int unless, out int perSecond)
    {
        perSecond = unless;
        if (body["perSecond"] is not { } given)
            return null;
        if (given is not double number || number is < 1 or > MostPerSecond || number != Math.Floor(number))
            return ApiResults.Invalid("perSecond", $"Must be a whole number from 1 to {MostPerSecond}.");

        perSecond = (int)number;
        return null;
    }

    /// <summary>Numbers of things may be given as numbers. What is neither is something that no filter takes.</summary>
    private static string? Text(object? value) => value switch
    {
        null => null,
        string text => text,
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        _ => "?",
    };

    private static void Write(StableJsonWriter json, ReplayJob job)
    {
        json.StartObject();
        json.Name("id"u8);
        DeliveryJson.Id(json, job.Id);
        json.Name("state"u8);
        json.Value(StoredName.Of(job.State));
        json.Name("filter"u8);
        WriteFilter(json, job.Filter);
        json.Name("perSecond"u8);
        json.Value((long)job.PerSecond);
        json.Name("total"u8);
        json.Value(job.Total);
        json.Name("replayed"u8);
        json.Value(job.Replayed);
        json.Name("skipped"u8);
        json.Value(job.Skipped);
        json.Name("dateCreated"u8);
        json.Instant(job.CreatedAt);
        json.Name("dateFinished"u8);
        json.Instant(job.FinishedAt);
        json.EndObject();
    }

    private static void WriteFilter(StableJsonWriter json, DeliveryFilter filter)
    {
        json.StartObject();
        json.Name("destination"u8);
        DeliveryJson.Id(json, filter.DestinationId);
        json.Name("event"u8);
        if (filter.EventName is { } name)
            json.Value(name);
        else
            DeliveryJson.Id(json, filter.EventId);
        json.Name("state"u8);
        json.Value(filter.State is { } state ? StoredName.Of(state) : null);
        json.Name("issue"u8);
        DeliveryJson.Id(json, filter.IssueId);
        json.Name("since"u8);
        json.Instant(filter.Since);
        json.Name("until"u8);
        json.Instant(filter.Until);
        json.EndObject();
    }
}

using System.Text;
using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Server.Issues;
using Vedette.Server.Secrets;
using Vedette.Storage;
using Vedette.Tracker.Issues;
using Vedette.Tracker.Seer;
using Vedette.Wire.Json;

namespace Vedette.Server.Seer;

/// <summary>Any agent may report what it does about an issue, under the name that Sentry's clients know.</summary>
internal static class SeerEndpoints
{
    private const int MostRuns = 10;

    extension(IEndpointRouteBuilder routes)
    {
        public void MapSeer()
        {
            foreach (var issues in IssueEndpoints.Prefixes)
            {
                var runs = routes.MapGroup($"{issues}{{issue}}/autofix/");
                runs.MapGet("", ShowAsync).RequireAnyScope(IssueEndpoints.EventRead);
                runs.MapPost("", StartAsync).RequireAnyScope(IssueChangeEndpoints.EventWrite);
                runs.MapPost("{run:long}/steps/", AddStepAsync).RequireAnyScope(IssueChangeEndpoints.EventWrite);
            }
        }
    }

    private static async Task<IResult> ShowAsync(string issue, Access access, IssueStore store, SeerRuns runs, CancellationToken ct)
    {
        if (await IssueEndpoints.FindAsync(access, issue, store, ct) is not { } found)
            return ApiResults.NotFound();

        var newest = await runs.ListAsync(found.Id, MostRuns, ct);
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartObject();
            json.Name("autofix"u8);
            if (newest is [var last, ..])
                Write(json, last);
            else
                json.Null();
            json.Name("runs"u8);
            json.StartArray();
            foreach (var run in newest)
                Write(json, run);
            json.EndArray();
            json.EndObject();
        });
    }

    private static async Task<IResult> StartAsync(
        string issue, HttpRequest request, Access access, IssueStore store, SeerRuns runs, Database database, CancellationToken ct)
    {
        if (await IssueEndpoints.FindAsync(access, issue, store, ct) is not { } found)
            return ApiResults.NotFound();
        var body = await JsonBody.ReadOptionalAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;

        var uuid = RandomUuid.Create().ToString();
        var run = await database.WriteAsync(transaction => runs.StartAsync(transaction, found, uuid), ct);
        return ApiResults.Json(StatusCodes.Status201Created, json =>
        {
            json.StartObject();
            WriteIds(json, run);
            json.EndObject();
        });
    }

    private static async Task<IResult> AddStepAsync(
        string issue, long run, HttpRequest request, Access access, IssueStore store, SeerRuns runs, Database database, CancellationToken ct)
    {
        if (await IssueEndpoints.FindAsync(access, issue, store, ct) is not { } found || await runs.FindAsync(found.Id, run, ct) is not { } known)
            return ApiResults.NotFound();
        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;
        var (form, refusal) = SeerStepForm.Read(body.Map);
        if (form is null)
            return refusal!;

        var added = await database.WriteAsync(transaction => runs.AddStepAsync(transaction, found, known, form.Step, form.Status, form.Carried), ct);
        return added is null
            ? ApiResults.Detail(StatusCodes.Status413PayloadTooLarge, $"The steps of a run hold at most {SeerRuns.MostBytes} bytes together.")
            : ApiResults.Json(StatusCodes.Status201Created, json => Write(json, added));
    }

    private static void Write(StableJsonWriter json, SeerRun run)
    {
        json.StartObject();
        WriteIds(json, run);
        json.Name("dateCreated"u8);
        json.Instant(UnixMicroseconds.ToInstant(run.CreatedAt));
        json.Name("steps"u8);
        json.StartArray();
        foreach (var step in run.Steps)
            Write(json, step);
        json.EndArray();
        json.EndObject();
    }

    private static void WriteIds(StableJsonWriter json, SeerRun run)
    {
        json.Name("run_id"u8);
        json.Value(run.Id);
        json.Name("sentry_run_id"u8);
        json.Value(run.Uuid);
    }

    private static void Write(StableJsonWriter json, SeerStep step)
    {
        json.StartObject();
        json.Name("id"u8);
        json.Value(step.Id);
        json.Name("run_id"u8);
        json.Value(step.RunId);
        json.Name("step"u8);
        json.Value(step.Step);
        json.Name("status"u8);
        json.Value(step.Status);
        json.Name("dateCreated"u8);
        json.Instant(UnixMicroseconds.ToInstant(step.CreatedAt));
        json.Name("data"u8);
        json.Raw(Encoding.UTF8.GetBytes(step.Data));
        json.EndObject();
    }
}

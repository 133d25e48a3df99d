using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using Vedette.Engine.DeliveryLog;
using Vedette.Server.Authorization;
using Vedette.Storage;
using Vedette.Wire.Json;

namespace Vedette.Server.DeliveryLog;

/// <summary>Attempts as server-sent events, one each, while they are recorded by whichever node.</summary>
internal static class LiveTailEndpoint
{
    private static readonly string[] Readers = ["event:read", "event:write", "event:admin"];

    extension(IEndpointRouteBuilder routes)
    {
        public void MapLiveTail() =>
            routes.MapGet("/api/vedette/organizations/{organization}/deliveries/live/", FollowAsync)
                .RequireAnyScope(Readers);
    }

    private static async Task<IResult> FollowAsync(
        HttpContext context, Access access, AttemptTail tail, HolderStore holders, TimeProvider time, IHostApplicationLifetime lifetime, CancellationToken ct)
    {
        var start = await tail.StartAsync(DeliveryQuestion.Number(context.Request.Headers["Last-Event-ID"]), ct);
        var listener = new Listener(access.Organization!.Id, context.Request, holders, time);
        return TypedResults.ServerSentEvents(EventsAsync(context, tail, listener, start, lifetime.ApplicationStopping, ct));
    }

    private static async IAsyncEnumerable<SseItem<string>> EventsAsync(
        HttpContext context, AttemptTail tail, Listener listener, long start, CancellationToken stopping, [EnumeratorCancellation] CancellationToken ct)
    {
        // Who has the headers knows that nothing is missed from now on.
        await context.Response.Body.FlushAsync(ct);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(ct, stopping);
        await using var attempts = tail.FollowAsync(listener.OrganizationId, start, end.Token).GetAsyncEnumerator(end.Token);
        while (await NextAsync(attempts, stopping))
        {
            if (!await listener.MayListenAsync(ct))
                yield break;

            var attempt = attempts.Current;
            yield return new(Text(attempt), "attempt") { EventId = attempt.Id.ToString(CultureInfo.InvariantCulture) };
        }
    }

    /// <summary>A server that stops ends the stream instead of waiting for its listeners; they come back with the number of the last event.</summary>
    private static async Task<bool> NextAsync(IAsyncEnumerator<TailedAttempt> attempts, CancellationToken stopping)
    {
        try
        {
            return await attempts.MoveNextAsync();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return false;
        }
    }

    private static string Text(TailedAttempt attempt)
    {
        var json = new StableJsonWriter();
        json.StartObject();
        json.Name("id"u8);
        DeliveryJson.Id(json, attempt.Id);
        json.Name("delivery"u8);
        DeliveryJson.Id(json, attempt.DeliveryId);
        json.Name("event"u8);
        DeliveryJson.Id(json, attempt.EventId);
        json.Name("eventName"u8);
        json.Value($"{attempt.Resource}.{attempt.Action}");
        json.Name("issue"u8);
        DeliveryJson.Id(json, attempt.IssueId);
        json.Name("destination"u8);
        DeliveryJson.Id(json, attempt.DestinationId);
        json.Name("url"u8);
        json.Value(attempt.Url);
        json.Name("number"u8);
        json.Value(attempt.Number);
        json.Name("date"u8);
        json.Instant(UnixMicroseconds.ToInstant(attempt.StartedAt));
        json.Name("durationMs"u8);
        json.Value(attempt.DurationUs / 1000.0);
        json.Name("outcome"u8);
        json.Value(attempt.Outcome);
        json.Name("reason"u8);
        json.Value(attempt.Reason);
        json.Name("statusCode"u8);
        if (attempt.StatusCode is { } status)
            json.Value(status);
        else
            json.Null();
        json.Name("requestId"u8);
        json.Value(attempt.RequestId);
        json.EndObject();
        return Encoding.UTF8.GetString(json.WrittenSpan);
    }

    /// <summary>Who listens. A stream ends with the first event after its credential is of no use any more.</summary>
    private sealed class Listener(long organizationId, HttpRequest request, HolderStore holders, TimeProvider time)
    {
        private static readonly TimeSpan Trust = TimeSpan.FromSeconds(1);

        private DateTimeOffset trustedUntil;

        public long OrganizationId => organizationId;

        public async Task<bool> MayListenAsync(CancellationToken ct)
        {
            var now = time.GetUtcNow();
            if (now < trustedUntil)
                return true;
            if (await holders.AgainAsync(request, now, ct) is not { } holder || !new Access(holder, null).MayIn(organizationId, Readers))
                return false;

            trustedUntil = now + Trust;
            return true;
        }
    }
}

using System.Globalization;
using Vedette.Server.Api;
using Vedette.Tracker.Ingest;

namespace Vedette.Server.Ingest;

/// <summary>Answers that SDKs read (<c>spec/domain.md</c> 1.7).</summary>
internal static class IngestResults
{
    /// <param name="eventId"><c>null</c> when the envelope held nothing with an id.</param>
    public static IResult Accepted(string? eventId) => ApiResults.Json(StatusCodes.Status200OK, json =>
    {
        json.StartObject();
        if (eventId is not null)
        {
            json.Name("id"u8);
            json.Value(eventId);
        }

        json.EndObject();
    });

    public static IResult Fault(IngestFault fault) =>
        Error(fault.IsTooLarge ? StatusCodes.Status413PayloadTooLarge : StatusCodes.Status400BadRequest, fault.Detail, fault.Causes);

    /// <param name="fault">Any but none.</param>
    public static IResult Fault(IngestBodyFault fault) => fault switch
    {
        IngestBodyFault.TooLarge => Error(
            StatusCodes.Status413PayloadTooLarge,
            "the body is too large",
            $"at most {IngestBody.MostSent} bytes as sent and {IngestBody.MostUnpacked} bytes decompressed are taken"),
        IngestBodyFault.Corrupt => Error(
            StatusCodes.Status400BadRequest, "bad request payload", "the body is not what its Content-Encoding and Transfer-Encoding say"),
        IngestBodyFault.None => throw new ArgumentOutOfRangeException(nameof(fault)),
    };

    /// <summary>SDKs drop what they have until then; other nodes and other kinds of items know nothing of it (<c>spec/domain.md</c> 1.8).</summary>
    public static IResult TooMany(TimeSpan wait) => new RateLimited((long)Math.Ceiling(wait.TotalSeconds));

    /// <param name="causes">What exactly is wrong; empty when <paramref name="detail"/> says it all.</param>
    public static IResult Error(int status, string detail, params IReadOnlyList<string> causes) => ApiResults.Json(status, json =>
    {
        json.StartObject();
        json.Name("detail"u8);
        json.Value(detail);
        json.Name("causes"u8);
        json.StartArray();
        foreach (var cause in causes)
            json.Value(cause);
        json.EndArray();
        json.EndObject();
    });

    private sealed class RateLimited(long seconds) : IResult
    {
        public Task ExecuteAsync(HttpContext context)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            context.Response.Headers["X-Sentry-Rate-Limits"] = string.Create(CultureInfo.InvariantCulture, $"{seconds}:error;feedback:key:key_quota");
            return Error(StatusCodes.Status429TooManyRequests, "event submission rejected with_reason: rate limited", "the project key takes no more events for now").ExecuteAsync(context);
        }
    }
}

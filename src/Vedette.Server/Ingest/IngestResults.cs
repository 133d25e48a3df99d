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
}

using Vedette.Server.Api;
using Vedette.Storage;
using Vedette.Tracker.Releases;
using Vedette.Wire.Json;

namespace Vedette.Server.Releases;

internal static class DeployForm
{
    private const int LongestEnvironment = 64;
    private const int LongestName = 64;
    private const int LongestUrl = 2048;

    /// <summary>One that says nothing of its end has ended now.</summary>
    /// <returns>The deploy, or the answer that names the first wrong field.</returns>
    public static (Deploy? Deploy, IResult? Refusal) Read(JsonMap body, DateTimeOffset now)
    {
        if (BodyFields.RefuseText(body, "environment", LongestEnvironment, required: true, out var environment) is { } badEnvironment)
            return (null, badEnvironment);
        if (environment!.Any(c => c == '/' || char.IsControl(c)))
            return (null, ApiResults.Invalid("environment", "An environment has neither slashes nor line breaks."));
        if (BodyFields.RefuseText(body, "name", LongestName, required: false, out var name) is { } badName)
            return (null, badName);
        if (BodyFields.RefuseText(body, "url", LongestUrl, required: false, out var url) is { } badUrl)
            return (null, badUrl);
        if (ReleaseForm.RefuseInstant(body, "dateStarted", out var started) is { } badStart)
            return (null, badStart);
        if (ReleaseForm.RefuseInstant(body, "dateFinished", out var finished) is { } badEnd)
            return (null, badEnd);

        return (new Deploy { Environment = environment!, Name = name, Url = url, StartedAt = started, FinishedAt = finished ?? UnixMicroseconds.From(now) }, null);
    }
}

using Vedette.Tracker.Issues;
using Vedette.Wire.Json;

namespace Vedette.Server.Issues;

/// <summary>What the detail answer has beyond the base members of an issue (<c>spec/domain.md</c> 3.4).</summary>
internal sealed record IssueDetail(Issue Issue, IReadOnlyList<(long Start, long Times)> Hours, IReadOnlyList<(long Start, long Times)> Days)
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public static async Task<IssueDetail> ReadAsync(Issue issue, IssueStore store, DateTimeOffset now, CancellationToken ct) =>
        new(
            issue,
            await SeriesAsync(issue, store, now, Hour, 24, ct),
            await SeriesAsync(issue, store, now, Day, 30, ct));

    public void WriteMembers(StableJsonWriter json)
    {
        foreach (var empty in new[] { "pluginActions", "pluginIssues", "pluginContexts" })
        {
            json.Name(empty);
            json.StartArray();
            json.EndArray();
        }

        json.Name("userReportCount"u8);
        json.Value(0);
        json.Name("firstRelease"u8);
        WriteRelease(json, Issue.FirstRelease);
        json.Name("lastRelease"u8);
        WriteRelease(json, Issue.LastRelease);
        json.Name("stats"u8);
        json.StartObject();
        json.Name("24h"u8);
        WriteSeries(json, Hours);
        json.Name("30d"u8);
        WriteSeries(json, Days);
        json.EndObject();
    }

    private static void WriteRelease(StableJsonWriter json, string? version)
    {
        if (version is null)
        {
            json.Null();
            return;
        }

        json.StartObject();
        json.Name("version"u8);
        json.Value(version);
        json.EndObject();
    }

    private static void WriteSeries(StableJsonWriter json, IReadOnlyList<(long Start, long Times)> series)
    {
        json.StartArray();
        foreach (var (start, times) in series)
        {
            json.StartArray();
            json.Value(start);
            json.Value(times);
            json.EndArray();
        }

        json.EndArray();
    }

    /// <summary>One point a step, also where nothing happened.</summary>
    private static async Task<IReadOnlyList<(long Start, long Times)>> SeriesAsync(
        Issue issue, IssueStore store, DateTimeOffset now, TimeSpan step, int steps, CancellationToken ct)
    {
        var seconds = (long)step.TotalSeconds;
        var current = now.ToUnixTimeSeconds() / seconds;
        var first = current - steps + 1;
        var counts = (await store.CountsAsync(issue.Id, DateTimeOffset.FromUnixTimeSeconds(first * seconds), step, ct))
            .ToDictionary(count => count.Step, count => count.Times);
        return [.. Enumerable.Range(0, steps).Select(i => ((first + i) * seconds, counts.GetValueOrDefault(first + i)))];
    }
}

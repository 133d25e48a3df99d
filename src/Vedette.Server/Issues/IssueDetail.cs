using Vedette.Tracker.Issues;
using Vedette.Tracker.Search;
using Vedette.Wire.Json;

namespace Vedette.Server.Issues;

/// <summary>What the detail answer has beyond the base members of an issue (<c>spec/domain.md</c> 3.4).</summary>
internal sealed record IssueDetail(Issue Issue, EventSeries Hours, EventSeries Days, IReadOnlyList<IssueTag> Tags)
{
    public static async Task<IssueDetail> ReadAsync(Issue issue, IssueListStore lists, IssueTagStore tags, DateTimeOffset now, CancellationToken ct)
    {
        var (hours, days) = (BucketSpan.Last(24, IssueCounts.HourSeconds, now), BucketSpan.Last(30, IssueCounts.DaySeconds, now));
        return new(
            issue,
            new EventSeries(hours, (await lists.BucketsAsync([issue.Id], hours, ct))[0]),
            new EventSeries(days, (await lists.BucketsAsync([issue.Id], days, ct))[0]),
            await tags.TagsAsync(issue.Id, ct));
    }

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
        Hours.Write(json);
        json.Name("30d"u8);
        Days.Write(json);
        json.EndObject();
        json.Name("tags"u8);
        json.StartArray();
        foreach (var tag in Tags)
        {
            json.StartObject();
            json.Name("key"u8);
            json.Value(tag.Key);
            json.Name("name"u8);
            json.Value(TagNames.Of(tag.Key));
            json.Name("totalValues"u8);
            json.Value(tag.TotalValues);
            json.EndObject();
        }

        json.EndArray();
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
}

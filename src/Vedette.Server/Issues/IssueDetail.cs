using System.Text;
using Vedette.Storage;
using Vedette.Tracker.Issues;
using Vedette.Tracker.Search;
using Vedette.Wire.Json;

namespace Vedette.Server.Issues;

/// <summary>What the detail answer has beyond the base members of an issue (<c>spec/domain.md</c> 3.4).</summary>
internal sealed record IssueDetail(Issue Issue, IReadOnlyList<Activity> Activities, EventSeries Hours, EventSeries Days)
{
    private const int MostActivities = 100;

    public static async Task<IssueDetail> ReadAsync(Issue issue, IssueStore store, IssueListStore lists, DateTimeOffset now, CancellationToken ct)
    {
        var (hours, days) = (BucketSpan.Last(24, IssueCounts.HourSeconds, now), BucketSpan.Last(30, IssueCounts.DaySeconds, now));
        return new(
            issue,
            await store.ActivitiesAsync(issue.Id, MostActivities, ct),
            new EventSeries(hours, (await lists.BucketsAsync([issue.Id], hours, ct))[0]),
            new EventSeries(days, (await lists.BucketsAsync([issue.Id], days, ct))[0]));
    }

    public void WriteMembers(StableJsonWriter json)
    {
        json.Name("activity"u8);
        WriteActivities(json);
        foreach (var empty in new[] { "seenBy", "participants", "pluginActions", "pluginIssues", "pluginContexts" })
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
    }

    /// <summary>Newest first; the synthetic <c>first_seen</c> ends the list.</summary>
    private void WriteActivities(StableJsonWriter json)
    {
        json.StartArray();
        foreach (var activity in Activities)
            WriteActivity(json, activity.Id, activity.Type, Encoding.UTF8.GetBytes(activity.Data), activity.CreatedAt);
        WriteActivity(json, 0, "first_seen", Encoding.UTF8.GetBytes($$"""{"priority":"{{Issue.Priority}}"}"""), Issue.FirstSeen);
        json.EndArray();
    }

    private static void WriteActivity(StableJsonWriter json, long id, string type, byte[] data, long createdAt)
    {
        json.StartObject();
        json.Name("id"u8);
        json.Value(id.ToString(System.Globalization.CultureInfo.InvariantCulture));
        json.Name("user"u8);
        json.Null();
        json.Name("type"u8);
        json.Value(type);
        json.Name("data"u8);
        json.Raw(data);
        json.Name("dateCreated"u8);
        json.Instant(UnixMicroseconds.ToInstant(createdAt));
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
}

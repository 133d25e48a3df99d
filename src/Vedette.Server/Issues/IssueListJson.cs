using Vedette.Server.Api;
using Vedette.Storage;
using Vedette.Tracker.Issues;
using Vedette.Tracker.Search;
using Vedette.Wire.Json;

namespace Vedette.Server.Issues;

/// <summary>Issues as lists show them: the base members, and what was counted in the span of time that is asked for (<c>spec/domain.md</c> 3.4).</summary>
internal sealed class IssueListJson(IssueListStore lists, IssueJson issueJson)
{
    /// <summary>What a list may be asked to show, and Vedette does not know.</summary>
    private static readonly string[] NotKept = ["inbox", "owners"];

    public async Task<IResult> ListAsync(IssueQuestion question, IReadOnlyList<Issue> page, IQueryCollection given, CancellationToken ct)
    {
        var collapsed = given["collapse"].OfType<string>().ToHashSet(StringComparer.Ordinal);
        var expanded = given["expand"].OfType<string>().ToHashSet(StringComparer.Ordinal);
        var ids = page.Select(issue => issue.Id).ToList();
        var inEnvironments = question.Environments.Count == 0 ? null : await lists.SeenAsync(ids, [IssueQuestion.In(question.Environments)], ct);
        var filters = question.Query.Conditions.OfType<TagCondition>().Where(condition => !condition.IsNegated).ToList();
        var filtered = filters.Count == 0 || collapsed.Contains("filtered") ? null : await lists.SeenAsync(ids, filters, ct);
        var inWindow = question.Query.Window is { } window ? await lists.BucketsAsync(ids, BucketSpan.Of(window.From, window.Until), ct) : null;
        var series = question.Stats is { } stats && !collapsed.Contains("stats") ? await lists.BucketsAsync(ids, stats.Buckets, ct) : null;

        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartArray();
            for (var i = 0; i < page.Count; i++)
            {
                var lifetime = inEnvironments is null ? page[i] : Seen(page[i], inEnvironments[i]);
                var shown = inWindow is null ? lifetime : lifetime with { TimesSeen = inWindow[i].Where(IsMeant).Sum(bucket => bucket.Times) };
                json.StartObject();
                WriteMembers(json, shown, collapsed);
                if (series is not null)
                {
                    json.Name("stats"u8);
                    json.StartObject();
                    json.Name(question.Stats!.Value.Period);
                    new EventSeries(question.Stats.Value.Buckets, series[i].Where(IsMeant)).Write(json);
                    json.EndObject();
                }

                if (!collapsed.Contains("lifetime"))
                    WriteSeen(json, "lifetime", lifetime);
                if (!collapsed.Contains("filtered"))
                    WriteSeen(json, "filtered", filtered is null ? null : Seen(page[i], filtered[i]));
                foreach (var nothing in NotKept.Where(expanded.Contains))
                {
                    json.Name(nothing);
                    json.Null();
                }

                json.EndObject();
            }

            json.EndArray();
        });

        bool IsMeant(Bucket bucket) => question.Environments.Count == 0 || question.Environments.Contains(bucket.Environment, StringComparer.Ordinal);
    }

    private void WriteMembers(StableJsonWriter json, Issue issue, HashSet<string> collapsed)
    {
        if (!collapsed.Contains("base"))
        {
            issueJson.WriteMembers(json, issue);
            return;
        }

        json.Name("id"u8);
        json.Value(issue.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    private static void WriteSeen(StableJsonWriter json, string name, Issue? issue)
    {
        json.Name(name);
        if (issue is null)
        {
            json.Null();
            return;
        }

        json.StartObject();
        json.Name("count"u8);
        json.Value(issue.TimesSeen.ToString(System.Globalization.CultureInfo.InvariantCulture));
        json.Name("userCount"u8);
        json.Value(issue.UserCount);
        json.Name("firstSeen"u8);
        json.Instant(UnixMicroseconds.ToInstant(issue.FirstSeen));
        json.Name("lastSeen"u8);
        json.Instant(UnixMicroseconds.ToInstant(issue.LastSeen));
        json.Name("stats"u8);
        json.Null();
        json.EndObject();
    }

    private static Issue Seen(Issue issue, Seen seen) => issue with { TimesSeen = seen.Times, FirstSeen = seen.First, LastSeen = seen.Last };
}

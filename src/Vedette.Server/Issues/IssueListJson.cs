using System.Globalization;
using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Tracker.Issues;
using Vedette.Tracker.Search;
using Vedette.Wire.Json;

namespace Vedette.Server.Issues;

/// <summary>Issues as lists show them: the base members, and what was counted in the span of time that is asked for (<c>spec/domain.md</c> 3.4).</summary>
internal sealed class IssueListJson(IssueListStore lists, IssuePeople people, IssueJson issueJson)
{
    /// <summary>What a list may be asked to show, and Vedette does not know.</summary>
    private static readonly string[] NotKept = ["inbox", "owners"];

    public async Task<IResult> ListAsync(IssueQuestion question, IReadOnlyList<Issue> page, HttpRequest request, Access access, CancellationToken ct)
    {
        var collapsed = request.Query["collapse"].OfType<string>().ToHashSet(StringComparer.Ordinal);
        var expanded = request.Query["expand"].OfType<string>().ToHashSet(StringComparer.Ordinal);
        var ids = page.Select(issue => issue.Id).ToList();
        var viewers = await people.ViewersAsync(ids, access.AccountId, ct);
        var inEnvironments = question.Environments.Count == 0 ? null : await lists.SeenAsync(ids, [IssueQuestion.In(question.Environments)], ct);
        var filters = question.Query.Conditions.OfType<TagCondition>().Where(condition => !condition.IsNegated).ToList();
        var filtered = filters.Count == 0 || collapsed.Contains("filtered") ? null : await lists.SeenAsync(ids, filters, ct);
        var inWindow = question.Window is { } window ? await lists.BucketsAsync(ids, window, ct) : null;
        var series = question.Stats is { } stats && !collapsed.Contains("stats") ? await lists.BucketsAsync(ids, stats.Buckets, ct) : null;

        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartArray();
            for (var i = 0; i < page.Count; i++)
            {
                var lifetime = inEnvironments?[i] ?? IssueSeen.Of(page[i]);
                var shown = inWindow is null ? lifetime : lifetime with { Times = inWindow[i].Where(IsMeant).Sum(bucket => bucket.Times) };
                json.StartObject();
                if (collapsed.Contains("base"))
                    WriteId(json, page[i]);
                else
                    issueJson.WriteMembers(json, page[i], viewers[i], shown);
                if (series is not null)
                {
                    json.Name("stats"u8);
                    json.StartObject();
                    json.Name(question.Stats!.Value.Period);
                    new EventSeries(question.Stats.Value.Buckets, series[i].Where(IsMeant)).Write(json);
                    json.EndObject();
                }

                if (!collapsed.Contains("lifetime"))
                    WriteSeen(json, "lifetime", lifetime, page[i].UserCount);
                if (!collapsed.Contains("filtered"))
                    WriteSeen(json, "filtered", filtered?[i], page[i].UserCount);
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

    private static void WriteId(StableJsonWriter json, Issue issue)
    {
        json.Name("id"u8);
        json.Value(issue.Id.ToString(CultureInfo.InvariantCulture));
    }

    private static void WriteSeen(StableJsonWriter json, string name, IssueSeen? seen, long userCount)
    {
        json.Name(name);
        if (seen is null)
        {
            json.Null();
            return;
        }

        json.StartObject();
        IssueJson.WriteSeen(json, seen, userCount);
        json.Name("stats"u8);
        json.Null();
        json.EndObject();
    }
}

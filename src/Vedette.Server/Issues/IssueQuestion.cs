using System.Diagnostics.CodeAnalysis;
using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Tracker.Ingest;
using Vedette.Tracker.Issues;
using Vedette.Tracker.Projects;
using Vedette.Tracker.Search;

namespace Vedette.Server.Issues;

/// <summary>Which issues a request means, and what it wants to know of them (<c>spec/domain.md</c> 3.1).</summary>
internal sealed record IssueQuestion
{
    public const string Unresolved = "is:unresolved";

    private const string DefaultStats = "24h";
    private const int MostEnvironments = 50;

    /// <summary>SDKs' clocks may be a minute ahead of ours.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromMinutes(1) + TimeSpan.FromMicroseconds(1);

    /// <summary>How Sentry computes the last three is not documented; they are accepted, and sort as the nearest that is.</summary>
    private static readonly Dictionary<string, IssueSort> Sorts = new()
    {
        ["date"] = IssueSort.LastSeen,
        ["new"] = IssueSort.FirstSeen,
        ["freq"] = IssueSort.TimesSeen,
        ["user"] = IssueSort.UserCount,
        ["inbox"] = IssueSort.FirstSeen,
        ["trends"] = IssueSort.TimesSeen,
        ["recommended"] = IssueSort.LastSeen,
    };

    public required IssueQuery Query { get; init; }

    /// <summary>As it was written.</summary>
    public required string Text { get; init; }

    /// <summary>Set when the query is nothing but an event's id.</summary>
    public required string? EventId { get; init; }

    /// <summary>Whose events are counted; empty for all.</summary>
    public required IReadOnlyList<string> Environments { get; init; }

    /// <summary>Under which name which events are counted; <c>null</c> for none.</summary>
    public required (string Period, BucketSpan Buckets)? Stats { get; init; }

    /// <summary>
    /// Of the project that the route names, where <c>statsPeriod</c> says which events are counted and not which issues are
    /// meant; or else of the organization, or of those of its projects that the request names.
    /// </summary>
    /// <param name="missing">The query that is meant when there is none.</param>
    /// <returns>The question, or the answer to a wrong one.</returns>
    public static async Task<(IssueQuestion? Question, IResult? Refusal)> ReadAsync(
        HttpRequest request, Access access, ProjectStore projects, string missing, DateTimeOffset now, CancellationToken ct)
    {
        var ofProject = request.RouteValues["project"] as string;
        var named = ofProject is null ? request.Query["project"].OfType<string>().Where(name => name is not ("" or "-1")) : [ofProject];
        var ids = new List<long>();
        foreach (var name in named.Distinct(StringComparer.Ordinal))
        {
            if (await projects.ProjectAsync(access.Organization!.Id, name, ct) is not { } project)
                return (null, ApiResults.NotFound());
            ids.Add(project.Id);
        }

        TimeWindow? window = null;
        if (ofProject is null && !TryReadWindow(request.Query, now, out window, out var wrong))
            return (null, Wrong(wrong));
        var period = request.Query[ofProject is null ? "groupStatsPeriod" : "statsPeriod"].FirstOrDefault() ?? DefaultStats;
        if (ofProject is not null && period == "auto")
            return (null, WrongPeriod());
        return Read(request.Query, access, new IssueQuery { OrganizationId = access.Organization!.Id, ProjectIds = [.. ids.Distinct()], Window = window }, missing, period, now);
    }

    public static TagCondition In(IReadOnlyList<string> environments) => new("environment", [.. environments.Select(SearchText.Of)], IsNegated: false);

    private static (IssueQuestion? Question, IResult? Refusal) Read(
        IQueryCollection given, Access access, IssueQuery query, string missing, string period, DateTimeOffset now)
    {
        var text = given["query"].FirstOrDefault() ?? missing;
        if (!IssueSearch.TryParse(text, now, term => PeopleFields.Of(term, access.AccountId), out var search, out var error))
            return (null, Wrong(error.ToString()));

        var sort = given["sort"].FirstOrDefault() is { Length: > 0 } named ? named : "date";
        if (!Sorts.TryGetValue(sort, out var order))
            return (null, Wrong($"Invalid sort parameter. Must be one of: {string.Join(", ", Sorts.Keys)}."));

        var environments = given["environment"].OfType<string>().Where(name => name.Length > 0).Distinct(StringComparer.Ordinal).ToList();
        if (environments.Count > MostEnvironments)
            return (null, Wrong($"No more than {MostEnvironments} environments can be asked for at once."));

        (string, BucketSpan)? stats = period switch
        {
            "24h" => (period, BucketSpan.Last(24, IssueCounts.HourSeconds, now)),
            "14d" => (period, BucketSpan.Last(14, IssueCounts.DaySeconds, now)),
            "auto" when query.Window is { } window => (period, BucketSpan.Within(window, now)),
            "auto" => (period, BucketSpan.Last(14, IssueCounts.DaySeconds, now)),
            _ => null,
        };
        if (stats is null && period.Length > 0)
            return (null, WrongPeriod());

        return (new IssueQuestion
        {
            Query = query with { Conditions = environments.Count == 0 ? search.Conditions : [.. search.Conditions, In(environments)], Sort = order },
            Text = text,
            EventId = search.EventId,
            Environments = environments,
            Stats = stats,
        }, null);
    }

    private static bool TryReadWindow(IQueryCollection given, DateTimeOffset now, out TimeWindow? window, [NotNullWhen(false)] out string? wrong)
    {
        (window, wrong) = (null, null);
        if (given["statsPeriod"].FirstOrDefault() is { Length: > 0 } period)
        {
            if (SearchTime.TryReadDuration(period) is { } span && span > TimeSpan.Zero)
                window = new TimeWindow(now - span, now + Ahead);
            else
                wrong = $"Invalid statsPeriod: '{period}'";
            return wrong is null;
        }

        var (start, end) = (given["start"].FirstOrDefault(), given["end"].FirstOrDefault());
        if (string.IsNullOrEmpty(start) && string.IsNullOrEmpty(end))
            return true;

        if (SdkInstant.Read(start) is not { } from || SdkInstant.Read(end) is not { } until)
            wrong = "start and end are both required, as instants such as 2026-03-01T12:00:00Z";
        else if (from >= until)
            wrong = "start must be before end";
        else
            window = new TimeWindow(from, until);
        return wrong is null;
    }

    private static IResult WrongPeriod() => Wrong("Invalid stats_period. Valid choices are '', '24h', and '14d'");

    private static IResult Wrong(string detail) => ApiResults.Detail(StatusCodes.Status400BadRequest, detail);
}

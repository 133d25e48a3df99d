using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Server.Projects;
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
    private const int MostPoints = 366;

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

    /// <summary>When the events happened that are meant; <c>null</c> for all.</summary>
    public required BucketSpan? Window { get; init; }

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
        if (await RequestedProjects.ReadAsync(request, access, projects, ct) is not { } ids)
            return (null, ApiResults.NotFound());

        SeenCondition? window = null;
        if (ofProject is null)
        {
            if (!RequestedTime.TryRead(request.Query, now, out var from, out var until, out var wrong))
                return (null, Wrong(wrong));
            window = from is { } start ? new SeenCondition(start, until) : null;
        }

        var period = request.Query[ofProject is null ? "groupStatsPeriod" : "statsPeriod"].FirstOrDefault() ?? DefaultStats;
        if (ofProject is not null && period == "auto")
            return (null, WrongPeriod());
        return Read(request.Query, access, new IssueQuery { OrganizationId = access.Organization!.Id, ProjectIds = ids }, window, missing, period, now);
    }

    public static TagCondition In(IReadOnlyList<string> environments) => new("environment", [.. environments.Select(SearchText.Of)], IsNegated: false);

    private static (IssueQuestion? Question, IResult? Refusal) Read(
        IQueryCollection given, Access access, IssueQuery query, SeenCondition? window, string missing, string period, DateTimeOffset now)
    {
        var text = given["query"].FirstOrDefault() ?? missing;
        if (!IssueSearch.TryParse(text, now, term => PeopleFields.Of(term, access.AccountId), out var search, out var error))
            return (null, Wrong(error.ToString()));

        var sort = given["sort"].FirstOrDefault() is { Length: > 0 } named ? named : "date";
        if (!Sorts.TryGetValue(sort, out var order))
            return (null, Wrong($"Invalid sort parameter. Must be one of: {string.Join(", ", Sorts.Keys)}."));

        var environments = RequestedTime.Environments(given);
        if (environments.Count > MostEnvironments)
            return (null, Wrong($"No more than {MostEnvironments} environments can be asked for at once."));

        (string, BucketSpan)? stats = period switch
        {
            "24h" => (period, BucketSpan.Last(24, IssueCounts.HourSeconds, now)),
            "14d" => (period, BucketSpan.Last(14, IssueCounts.DaySeconds, now)),
            "auto" when window is not null => (period, BucketSpan.Within(window.From, window.Until, now).Latest(MostPoints)),
            "auto" => (period, BucketSpan.Last(14, IssueCounts.DaySeconds, now)),
            _ => null,
        };
        if (stats is null && period.Length > 0)
            return (null, WrongPeriod());

        List<IssueCondition> conditions = [.. search.Conditions];
        if (environments.Count > 0)
            conditions.Add(In(environments));
        if (window is not null)
            conditions.Add(window);
        return (new IssueQuestion
        {
            Query = query with { Conditions = conditions, Sort = order },
            Window = window is null ? null : BucketSpan.Within(window.From, window.Until, now),
            Text = text,
            EventId = search.EventId,
            Environments = environments,
            Stats = stats,
        }, null);
    }

    private static IResult WrongPeriod() => Wrong("Invalid stats_period. Valid choices are '', '24h', and '14d'");

    private static IResult Wrong(string detail) => ApiResults.Detail(StatusCodes.Status400BadRequest, detail);
}

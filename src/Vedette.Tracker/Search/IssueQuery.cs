using Vedette.Tracker.Issues;

namespace Vedette.Tracker.Search;

/// <summary>In which order issues are listed; always the greatest first.</summary>
public enum IssueSort
{
    LastSeen,
    FirstSeen,
    TimesSeen,
    UserCount,
}

/// <summary>Which issues of one organization are meant, and in which order. Feedback is left out unless a condition names a category.</summary>
public sealed record IssueQuery
{
    private const string CategoryColumn = "category";
    private static readonly string[] AllCategories = ["error", "feedback"];

    public required long OrganizationId { get; init; }

    /// <summary>Of projects that are there; empty for all.</summary>
    public IReadOnlyList<long> ProjectIds { get; init; } = [];

    /// <summary>All of them must hold.</summary>
    public IReadOnlyList<IssueCondition> Conditions { get; init; } = [];

    public IssueSort Sort { get; init; }

    /// <summary>Those that the conditions leave, so that each can be one walk through an index.</summary>
    internal IReadOnlyList<IssueStatus> Statuses
    {
        get
        {
            var states = Conditions.OfType<StateCondition>().ToList();
            return [.. Enum.GetValues<IssueStatus>().Where(status => states.All(condition => MayBe(condition, status)))];
        }
    }

    /// <inheritdoc cref="Statuses"/>
    internal IReadOnlyList<string> Categories
    {
        get
        {
            var named = Conditions.OfType<TextCondition>().Where(condition => condition.Column == CategoryColumn).ToList();
            return named.Count == 0
                ? AllCategories[..1]
                : [.. AllCategories.Where(category => named.TrueForAll(condition => condition.IsNegated != condition.AnyOf.Any(text => text.Text == category)))];
        }
    }

    /// <summary>What <see cref="Statuses"/> and <see cref="Categories"/> do not say.</summary>
    internal IReadOnlyList<IssueCondition> Rest =>
        [.. Conditions.Where(condition => condition is not (TextCondition { Column: CategoryColumn } or StateCondition { IsAboutStatus: true }))];

    internal string Column => Sort switch
    {
        IssueSort.LastSeen => "last_seen",
        IssueSort.FirstSeen => "first_seen",
        IssueSort.TimesSeen => "times_seen",
        IssueSort.UserCount => "user_count",
    };

    public IssuePlace PlaceOf(Issue issue) => new(
        Sort switch
        {
            IssueSort.LastSeen => issue.LastSeen,
            IssueSort.FirstSeen => issue.FirstSeen,
            IssueSort.TimesSeen => issue.TimesSeen,
            IssueSort.UserCount => issue.UserCount,
        },
        issue.Id);

    private static bool MayBe(StateCondition condition, IssueStatus status) => condition.IsNegated
        ? !condition.AnyOf.Any(state => state.Status == status && state.Substatuses.Count == 0)
        : condition.AnyOf.Any(state => state.Status == status);
}

/// <summary>Where a page ends: the next one begins after it.</summary>
/// <param name="Value">Of what the list is sorted by.</param>
public sealed record IssuePlace(long Value, long Id);

using Vedette.Storage;

namespace Vedette.Tracker.Issues;

/// <summary>What the events of an issue had for tags, as it was counted while they were stored.</summary>
public sealed class IssueTagStore(Database database)
{
    /// <summary>By key.</summary>
    public Task<IReadOnlyList<IssueTag>> TagsAsync(long issueId, CancellationToken ct) =>
        database.ReadAsync(session => session.ListAsync<IssueTag>(
            $"""
            select key, count(*) as unique_values, cast(sum(times) as bigint) as total_values from issue_tag
            where issue_id = @issueId and substr(key, 1, 1) <> '{IssueTags.MemberMark}'
            group by key order by key
            """,
            new { issueId }), ct);

    /// <returns><c>null</c> when no event of the issue had the tag.</returns>
    public Task<IssueTag?> TagAsync(long issueId, string key, CancellationToken ct) =>
        IsMember(key)
            ? Task.FromResult<IssueTag?>(null)
            : database.ReadAsync(session => session.FirstAsync<IssueTag>(
                "select key, count(*) as unique_values, cast(sum(times) as bigint) as total_values from issue_tag where issue_id = @issueId and key = @key group by key",
                new { issueId, key }), ct);

    /// <summary>The first values in that order; of equal ones, in the order of the alphabet.</summary>
    /// <param name="holding">Only values that hold this, in any case of its letters; empty for all.</param>
    public Task<IReadOnlyList<TagValue>> ValuesAsync(long issueId, string key, TagValueOrder order, string holding, int most, CancellationToken ct)
    {
        var column = order switch
        {
            TagValueOrder.Times => "times",
            TagValueOrder.LastSeen => "last_seen",
            TagValueOrder.FirstSeen => "first_seen",
        };
        return IsMember(key)
            ? Task.FromResult<IReadOnlyList<TagValue>>([])
            : database.ReadAsync(session => session.ListAsync<TagValue>(
                $@"
                select value, times, first_seen, last_seen from issue_tag
                where issue_id = @issueId and key = @key and lower(value) like lower(@pattern) escape '\'
                order by {column} desc, value limit @most
                ",
                new { issueId, key, pattern = $"%{LikePattern.Escape(holding)}%", most }), ct);
    }

    private static bool IsMember(string key) => key.StartsWith(IssueTags.MemberMark);
}

public enum TagValueOrder
{
    Times,
    LastSeen,
    FirstSeen,
}

public sealed record IssueTag
{
    public string Key { get; init; } = "";

    /// <summary>How many different values there were.</summary>
    public long UniqueValues { get; init; }

    /// <summary>How many events had the tag.</summary>
    public long TotalValues { get; init; }
}

/// <summary>Unix microseconds.</summary>
public sealed record TagValue
{
    public string Value { get; init; } = "";

    public long Times { get; init; }

    public long FirstSeen { get; init; }

    public long LastSeen { get; init; }
}

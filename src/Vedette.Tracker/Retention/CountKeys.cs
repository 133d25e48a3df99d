namespace Vedette.Tracker.Retention;

/// <summary>Names a row of <c>event_bucket</c>.</summary>
internal sealed record BucketKey
{
    public const string Columns = "issue_id, step, start, environment";

    public const string Delete = "delete from event_bucket where issue_id = @IssueId and step = @Step and start = @Start and environment = @Environment";

    public long IssueId { get; init; }

    public long Step { get; init; }

    public long Start { get; init; }

    public string Environment { get; init; } = "";
}

/// <summary>Names a row of <c>issue_tag</c>, as it was read.</summary>
internal sealed record IssueTagKey
{
    public const string Columns = "t.issue_id, t.key, t.value, t.last_seen";

    /// <summary>A row that was counted up meanwhile stays.</summary>
    public const string Delete = "delete from issue_tag where issue_id = @IssueId and key = @Key and value = @Value and last_seen = @LastSeen";

    public long IssueId { get; init; }

    public string Key { get; init; } = "";

    public string Value { get; init; } = "";

    public long LastSeen { get; init; }
}

using Vedette.Server.Installations;
using Vedette.Storage;
using Vedette.Tracker.Issues;

namespace Vedette.Server.Issues;

/// <summary>Somebody and an issue.</summary>
internal sealed record IssuePerson
{
    public long Id { get; init; }

    public string Name { get; init; } = "";

    public string Email { get; init; } = "";

    /// <summary>Unix microseconds.</summary>
    public long At { get; init; }

    /// <summary>The app that acts through this account; <c>null</c> for a person.</summary>
    public string? AppSlug { get; init; }

    public string? AppName { get; init; }

    public string? AppUuid { get; init; }
}

/// <summary>What issues are to people: who has seen one, marked it, or takes part in it.</summary>
internal sealed class IssuePeople(Database database, TimeProvider time)
{
    private const string Select =
        """
        select a.id, a.name, a.email, p.slug as app_slug, p.name as app_name, p.uuid as app_uuid, x.at
        from account a
        left join app p on p.proxy_account_id = a.id
        """;

    /// <summary>Of each issue, in the order given.</summary>
    public async Task<IReadOnlyList<IssueViewer>> ViewersAsync(IReadOnlyList<long> issueIds, long accountId, CancellationToken ct)
    {
        var (rows, links) = await database.ReadAsync(
            async session => (
                await session.ListEachAsync<ViewerRow>(
                    """
                    select
                        (select count(*) from issue_seen s where s.issue_id = @IssueId and s.account_id = @accountId) as seen,
                        (select count(*) from issue_bookmark b where b.issue_id = @IssueId and b.account_id = @accountId) as bookmarked,
                        (select x.reason from issue_subscription x where x.issue_id = @IssueId and x.account_id = @accountId and x.is_active = 1) as reason
                    from issue i where i.id = @IssueId
                    """,
                    [.. issueIds.Select(id => new { IssueId = id, accountId })]),
                await ExternalIssueStore.OfIssuesAsync(session, issueIds)),
            ct);
        var annotations = links.ToLookup(link => link.IssueId, link => new IssueAnnotation(link.DisplayName, link.WebUrl));
        return
        [
            .. issueIds.Zip(rows, (id, row) => row is [var viewer]
                ? new IssueViewer(viewer.Seen > 0, viewer.Bookmarked > 0, viewer.Reason, [.. annotations[id]])
                : new IssueViewer(false, false, null, [])),
        ];
    }

    /// <summary>Who has looked at it, latest first.</summary>
    public Task<IReadOnlyList<IssuePerson>> SeenByAsync(long issueId, int most, CancellationToken ct) =>
        database.ReadAsync(session => session.ListAsync<IssuePerson>(
            $"{From("(select account_id, seen_at as at from issue_seen where issue_id = @issueId)")} order by x.at desc, a.id limit @most", new { issueId, most }), ct);

    /// <summary>Who takes part in it, longest first.</summary>
    public Task<IReadOnlyList<IssuePerson>> ParticipantsAsync(long issueId, int most, CancellationToken ct) =>
        database.ReadAsync(session => session.ListAsync<IssuePerson>(
            $"{From("(select account_id, created_at as at from issue_subscription where issue_id = @issueId and is_active = 1)")} order by x.at, a.id limit @most", new { issueId, most }), ct);

    /// <summary>Accounts by number. Those that are not there any more are left out.</summary>
    public async Task<IReadOnlyDictionary<long, IssuePerson>> AccountsAsync(IEnumerable<long> ids, CancellationToken ct)
    {
        var rows = await database.ReadAsync(
            session => session.ListEachAsync<IssuePerson>(
                $"{From("(select @Id as account_id, 0 as at)")} where a.id = @Id", [.. ids.Distinct().Select(id => new { Id = id })]),
            ct);
        return rows.SelectMany(each => each).ToDictionary(person => person.Id);
    }

    public Task SeeAsync(Transaction transaction, long issueId, long accountId, bool hasSeen) =>
        hasSeen
            ? transaction.ExecuteAsync(
                """
                insert into issue_seen (issue_id, account_id, seen_at) values (@issueId, @accountId, @now)
                on conflict (issue_id, account_id) do update set seen_at = excluded.seen_at
                """,
                new { issueId, accountId, now = Now() })
            : transaction.ExecuteAsync("delete from issue_seen where issue_id = @issueId and account_id = @accountId", new { issueId, accountId });

    /// <summary>Who marks an issue takes part in it.</summary>
    public async Task BookmarkAsync(Transaction transaction, long issueId, long accountId, bool isBookmarked)
    {
        if (!isBookmarked)
        {
            await transaction.ExecuteAsync("delete from issue_bookmark where issue_id = @issueId and account_id = @accountId", new { issueId, accountId });
            return;
        }

        await transaction.ExecuteAsync(
            "insert into issue_bookmark (issue_id, account_id, created_at) values (@issueId, @accountId, @now) on conflict do nothing",
            new { issueId, accountId, now = Now() });
        await JoinAsync(transaction, issueId, accountId, "bookmark");
    }

    /// <summary>What somebody does makes them take part, unless they have said that they do not want to.</summary>
    /// <param name="reason">As Sentry names it.</param>
    public Task JoinAsync(Transaction transaction, long issueId, long accountId, string reason) =>
        transaction.ExecuteAsync(
            "insert into issue_subscription (issue_id, account_id, is_active, reason, created_at) values (@issueId, @accountId, 1, @reason, @now) on conflict do nothing",
            new { issueId, accountId, reason, now = Now() });

    /// <summary>Somebody was mentioned, or everybody of a team.</summary>
    public Task JoinAsync(Transaction transaction, long issueId, Assignee mentioned) => mentioned.Kind switch
    {
        AssigneeKind.User => JoinAsync(transaction, issueId, mentioned.Id, "mentioned"),
        AssigneeKind.Team => transaction.ExecuteAsync(
            """
            insert into issue_subscription (issue_id, account_id, is_active, reason, created_at)
            select @issueId, m.account_id, 1, 'team_mentioned', @now from team_member x
            join organization_member m on m.id = x.member_id and m.account_id is not null
            where x.team_id = @Id
            on conflict do nothing
            """,
            new { issueId, mentioned.Id, now = Now() }),
    };

    /// <summary>Somebody says whether they want to take part.</summary>
    public Task SubscribeAsync(Transaction transaction, long issueId, long accountId, bool isActive) =>
        transaction.ExecuteAsync(
            """
            insert into issue_subscription (issue_id, account_id, is_active, reason, created_at) values (@issueId, @accountId, @active, 'unknown', @now)
            on conflict (issue_id, account_id) do update set is_active = excluded.is_active
            """,
            new { issueId, accountId, active = isActive ? 1 : 0, now = Now() });

    /// <summary>What people are to a merged issue they are to the one that it went into, and so are the trackers that it is linked with.</summary>
    public async Task MoveAsync(Transaction transaction, long child, long parent)
    {
        var args = new { child, parent };
        foreach (var (table, other) in new[] { ("issue_seen", "account_id"), ("issue_bookmark", "account_id"), ("issue_subscription", "account_id"), ("external_issue", "app_id") })
        {
            await transaction.ExecuteAsync(
                $"update {table} set issue_id = @parent where issue_id = @child and {other} not in (select x.{other} from {table} x where x.issue_id = @parent)", args);
        }
    }

    private static string From(string rows) => $"{Select} join {rows} x on x.account_id = a.id";

    private long Now() => UnixMicroseconds.From(time.GetUtcNow());

    private sealed record ViewerRow
    {
        public long Seen { get; init; }

        public long Bookmarked { get; init; }

        public string? Reason { get; init; }
    }
}

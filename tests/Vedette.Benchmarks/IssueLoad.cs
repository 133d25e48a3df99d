using System.Globalization;
using System.Text;
using Vedette.Storage;

namespace Vedette.Benchmarks;

/// <summary>
/// Issues with their events and everything that is counted of them, as a busy organization has them after three months: a few
/// issues with very many events, and very many with a few. Written past the server, because through it a round would take an hour.
/// </summary>
internal sealed class IssueLoad(Database database, int issues, int events)
{
    private const int AtOnce = 5000;
    private const long Microseconds = 1_000_000;
    private const long DaySeconds = 86_400;
    private const int Days = 90;

    private const string SqliteIndexes =
        "select name, sql as definition from sqlite_master where type = 'index' and sql is not null and tbl_name in ('issue', 'event', 'issue_tag', 'event_bucket')";

    private const string PostgresIndexes =
        """
        select indexname as name, indexdef as definition from pg_indexes
        where tablename in ('issue', 'event', 'issue_tag', 'event_bucket') and indexdef not like 'CREATE UNIQUE%'
        """;

    private readonly Random random = new(7);
    private readonly long now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
    private long nextEvent = 1;

    public static int Releases => 200;

    public static int Users => 50_000;

    /// <param name="projectId">Where they all go: no index helps less than the one of a project that is its whole organization.</param>
    public async Task FillAsync(long projectId)
    {
        // Rows come in the order of their keys, and of nothing else: an index that is made once is made in a tenth of the time.
        var indexes = await database.ReadAsync(session => session.ListAsync<Index>(database.IsSingleNode ? SqliteIndexes : PostgresIndexes), CancellationToken.None);
        await RunAsync(indexes.Select(index => $"drop index {index.Name}"));
        for (var first = 1; first <= issues; first += AtOnce)
        {
            var some = Enumerable.Range(first, Math.Min(AtOnce, issues - first + 1)).Select(id => NewIssue(id, projectId)).ToList();
            await database.WriteAsync(transaction => WriteAsync(transaction, some), CancellationToken.None);
        }

        await RunAsync(indexes.Select(index => index.Definition));
    }

    private async Task RunAsync(IEnumerable<string> statements)
    {
        foreach (var statement in statements)
            await database.WriteAsync(transaction => transaction.ExecuteAsync(statement), CancellationToken.None);
    }

    private static async Task WriteAsync(Transaction transaction, List<LoadedIssue> some)
    {
        await transaction.ExecuteEachAsync(
            """
            insert into issue (
                id, project_id, organization_id, short_id, category, type, level, title, culprit, search_text, metadata, platform, status, substatus, state_at, priority,
                first_seen, last_seen, times_seen, user_count, num_comments, is_unhandled, first_release, last_release)
            values (
                @Id, @ProjectId, 1, @Id, 'error', 'error', @Level, @Title, @Culprit, @SearchText, '{"type":"TypeError","value":"x is undefined"}', 'node', @Status, @Substatus, @FirstSeen,
                'high', @FirstSeen, @LastSeen, @TimesSeen, @UserCount, 0, 0, @Release, @Release)
            """,
            some);
        await transaction.ExecuteEachAsync(
            """
            insert into event (id, project_id, event_id, issue_id, occurred_at, received_at, type, level, environment, release, user_tag, platform, title, message, body)
            values (@Id, @ProjectId, @EventId, @IssueId, @At, @At, 'error', 'error', @Environment, @Release, @UserTag, 'node', @Title, '', @Body)
            """,
            some.SelectMany(issue => issue.Events).ToList());
        await transaction.ExecuteEachAsync(
            """
            insert into issue_tag (issue_id, key, value, project_id, times, first_seen, last_seen)
            values (@IssueId, @Key, @Value, @ProjectId, @Times, @FirstSeen, @LastSeen)
            """,
            some.SelectMany(issue => issue.Tags).ToList());
        await transaction.ExecuteEachAsync(
            "insert into event_bucket (issue_id, step, start, environment, project_id, times) values (@IssueId, @Step, @Start, @Environment, @ProjectId, @Times)",
            some.SelectMany(issue => issue.Buckets).ToList());
    }

    private LoadedIssue NewIssue(int id, long projectId)
    {
        // One in a thousand has hundreds of events, the others share the rest.
        var few = Math.Max(1, events / issues);
        var count = id % 1000 == 0 ? few * 200 : random.Next(1, Math.Max(2, (int)(few * 1.6)));
        var began = now - random.NextInt64(Days * DaySeconds);
        var release = $"shop@{random.Next(Releases)}.0";
        var title = $"TypeError: {Word()} of {Word()} {id} is undefined";
        var culprit = $"{Word()} in {Word()}";
        var status = random.Next(100) switch
        {
            < 45 => ("unresolved", "ongoing"),
            < 50 => ("unresolved", "new"),
            < 92 => ("resolved", null),
            _ => ("ignored", "archived_forever"),
        };
        var loaded = new List<LoadedEvent>(count);
        for (var i = 0; i < count; i++)
        {
            loaded.Add(new LoadedEvent
            {
                Id = nextEvent,
                EventId = nextEvent.ToString("x32", CultureInfo.InvariantCulture),
                IssueId = id,
                ProjectId = projectId,
                At = ((i == 0 ? began : random.NextInt64(began, now)) * Microseconds) + random.Next((int)Microseconds),
                Environment = random.Next(10) < 8 ? "production" : "staging",
                Release = release,
                UserTag = $"id:{random.Next(Users)}",
                Server = $"web-{random.Next(12)}",
                Title = title,
            });
            nextEvent++;
        }

        return new LoadedIssue
        {
            Id = id,
            ProjectId = projectId,
            Level = random.Next(20) == 0 ? "fatal" : "error",
            Title = title,
            Culprit = culprit,
            Status = status.Item1,
            Substatus = status.Item2,
            Release = release,
            Events = loaded,
        };
    }

    private string Word() => Words[random.Next(Words.Length)];

    private static readonly string[] Words =
        ["cart", "checkout", "session", "payment", "invoice", "customer", "basket", "voucher", "address", "shipping", "catalogue", "product", "price", "stock", "login", "token"];

    private sealed record Index
    {
        public string Name { get; init; } = "";

        public string Definition { get; init; } = "";
    }

    private sealed record LoadedIssue
    {
        public required long Id { get; init; }

        public required long ProjectId { get; init; }

        public required string Level { get; init; }

        public required string Title { get; init; }

        public required string Culprit { get; init; }

        public required string Status { get; init; }

        public required string? Substatus { get; init; }

        public required string Release { get; init; }

        public required IReadOnlyList<LoadedEvent> Events { get; init; }

        public string SearchText => $"{Title}\n{Culprit}\n".ToLowerInvariant();

        public long FirstSeen => Events.Min(each => each.At);

        public long LastSeen => Events.Max(each => each.At);

        public long TimesSeen => Events.Count;

        public long UserCount => Events.Select(each => each.UserTag).Distinct(StringComparer.Ordinal).Count();

        public IEnumerable<LoadedTag> Tags =>
            from each in Events
            from tag in each.Tags
            group each.At by tag into seen
            select new LoadedTag(Id, seen.Key.Key, seen.Key.Value, ProjectId, seen.Count(), seen.Min(), seen.Max());

        public IEnumerable<LoadedBucket> Buckets =>
            from each in Events
            from step in new[] { 60L, 3600, DaySeconds }
            group each by (step, Start: each.At / Microseconds / step * step, each.Environment) into bucket
            select new LoadedBucket(Id, bucket.Key.step, bucket.Key.Start, bucket.Key.Environment, ProjectId, bucket.Count());
    }

    private sealed record LoadedEvent
    {
        public required long Id { get; init; }

        public required string EventId { get; init; }

        public required long IssueId { get; init; }

        public required long ProjectId { get; init; }

        public required long At { get; init; }

        public required string Environment { get; init; }

        public required string Release { get; init; }

        public required string UserTag { get; init; }

        public required string Server { get; init; }

        public required string Title { get; init; }

        public IEnumerable<KeyValuePair<string, string>> Tags =>
        [
            new("level", "error"), new("environment", Environment), new("release", Release), new("user", UserTag), new("server_name", Server),
            new("runtime.name", "node"), new("os.name", "Debian"), new("@error.type", "TypeError"),
        ];

        public byte[] Body => Encoding.UTF8.GetBytes(
            $$"""{"event_id":"{{EventId}}","platform":"node","tags":[["environment","{{Environment}}"],["release","{{Release}}"]],"title":"{{Title}}","type":"error"}""");
    }

    private sealed record LoadedTag(long IssueId, string Key, string Value, long ProjectId, long Times, long FirstSeen, long LastSeen);

    private sealed record LoadedBucket(long IssueId, long Step, long Start, string Environment, long ProjectId, long Times);
}

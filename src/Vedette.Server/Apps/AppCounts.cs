using Vedette.Storage;

namespace Vedette.Server.Apps;

/// <param name="Since">Unix seconds.</param>
/// <param name="Until">Unix seconds, after <paramref name="Since"/>.</param>
/// <param name="Step">Seconds: an hour or a day.</param>
internal sealed record CountWindow(long Since, long Until, long Step);

/// <summary>How often apps are installed, uninstalled, looked at and used, by the hour.</summary>
internal sealed class AppCounts(Database database, TimeProvider time)
{
    public const string Installed = "install";
    public const string Uninstalled = "uninstall";
    public const string Viewed = "sentry_app_viewed";

    private const long Hour = 3600;

    /// <param name="componentType">Of the schema element that was used.</param>
    public static string Used(string componentType) => $"component.{componentType}";

    public Task CountAsync(Transaction transaction, long appId, string name) =>
        transaction.ExecuteAsync(
            """
            insert into app_count (app_id, name, hour, times) values (@appId, @name, @hour, 1)
            on conflict (app_id, name, hour) do update set times = app_count.times + 1
            """,
            new { appId, name, hour = time.GetUtcNow().ToUnixTimeSeconds() / Hour });

    public Task CountAsync(long appId, string name, CancellationToken ct) =>
        database.WriteAsync(transaction => CountAsync(transaction, appId, name), ct);

    /// <returns>A point for each step of the window, oldest first, also where nothing happened: unix seconds and how often.</returns>
    public async Task<IReadOnlyList<(long At, long Times)>> SeriesAsync(long appId, string name, CountWindow window, CancellationToken ct)
    {
        var (first, last) = (window.Since / window.Step * window.Step, window.Until);
        var rows = await database.ReadAsync(
            session => session.ListAsync<Row>(
                "select hour, times from app_count where app_id = @appId and name = @name and hour >= @from and hour <= @to",
                new { appId, name, from = first / Hour, to = last / Hour }), ct);
        var found = rows.ToLookup(row => row.Hour * Hour / window.Step * window.Step, row => row.Times);
        var points = new List<(long, long)>();
        for (var at = first; at <= last; at += window.Step)
            points.Add((at, found[at].Sum()));
        return points;
    }

    private sealed record Row
    {
        public long Hour { get; init; }

        public long Times { get; init; }
    }
}

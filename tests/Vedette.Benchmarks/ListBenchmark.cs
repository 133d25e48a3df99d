using System.Diagnostics;

namespace Vedette.Benchmarks;

/// <summary>The first page of 100 issues of a large organization, as a client gets it over HTTP, by what it asks for.</summary>
internal sealed class ListBenchmark : IAsyncDisposable
{
    private const int Issues = 1_000_000;
    private const int Events = 5_000_000;
    private const int Times = 31;

    /// <summary>Milliseconds that the median may take.</summary>
    private const double Bar = 50;

    private const string List = "/api/0/organizations/default/issues/";

    private static readonly (string What, string Path)[] Questions =
    [
        ("unresolved", List),
        ("all", $"{List}?query="),
        ("of a project, as sentry-cli asks", "/api/0/projects/default/default/issues/?query="),
        ("by events", $"{List}?sort=freq"),
        ("by users", $"{List}?sort=user"),
        ("newest", $"{List}?sort=new"),
        ("last 24 hours", $"{List}?statsPeriod=24h"),
        ("last 14 days by day", $"{List}?statsPeriod=14d&groupStatsPeriod=14d"),
        ("an hour a month ago", $"{List}?query=&start={At(-720)}&end={At(-719)}"),
        ("an environment", $"{List}?environment=staging"),
        ("fatal ones", $"{List}?query=level:fatal"),
        ("a release", $"{List}?query=release:shop@7.0"),
        ("releases with a star", $"{List}?query=release:shop@1*"),
        ("a release that is not there", $"{List}?query=release:nothing*"),
        ("a user", $"{List}?query=user.id:4711"),
        ("a common tag, and another", $"{List}?query=server_name:web-3%20os.name:Debian"),
        ("without a tag that all have", $"{List}?query=!has:os.name"),
        ("a common word", $"{List}?query=voucher"),
        ("a word that one issue holds", $"{List}?query=777777"),
    ];

    private readonly ServerUnderTest server;

    private ListBenchmark(ServerUnderTest server) => this.server = server;

    public static async Task<ListBenchmark> FillAsync(BenchKind kind)
    {
        var started = await ServerUnderTest.StartAsync(kind);
        await using (var database = started.OpenDatabase())
            await new IssueLoad(database, Issues, Events).FillAsync(projectId: 1);
        await started.AnalyzeAsync();
        return new ListBenchmark(started);
    }

    /// <returns>For each question the median in milliseconds, beside the bar.</returns>
    public async Task<IReadOnlyList<(string What, Round Round)>> RunAsync()
    {
        var rounds = new List<(string, Round)>();
        foreach (var (what, path) in Questions)
        {
            var times = new List<double>();
            for (var i = 0; i < Times; i++)
            {
                var began = Stopwatch.GetTimestamp();
                await server.GetAsync(path);
                times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }

            rounds.Add((what, new Round(Row.Median(times), Bar)));
        }

        return rounds;
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private static string At(int hours) =>
        Uri.EscapeDataString(TimeProvider.System.GetUtcNow().AddHours(hours).ToString("yyyy-MM-dd'T'HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture));
}

using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.Logging;
using Vedette.Engine;
using Vedette.Engine.Deliveries;
using Vedette.Engine.Subscriptions;
using Vedette.Storage;
using Vedette.Storage.Sqlite;

namespace Vedette.Simulation;

/// <summary>One life of one node: the engine as the server puts it together, until it dies.</summary>
internal sealed class Process
{
    private const int MostDeaths = 6;

    private static readonly SecretBox Box = new(Encoding.UTF8.GetBytes, Encoding.UTF8.GetString);

    private readonly Run run;
    private readonly ProcessContext context;

    public Process(Run run, int node, int life, SqliteDatabase file, WriteLock writeLock, TimeSpan clockOffset)
    {
        this.run = run;
        Name = $"{(char)('A' + node - 1)}{life}";
        (Node, Life) = (node, life);
        context = new ProcessContext(run.World);
        Clock = new ProcessClock(run.World, context) { Offset = clockOffset };

        // The engine takes its scheduler and its first continuations from here.
        SynchronizationContext.SetSynchronizationContext(context);
        var scheduler = TaskScheduler.FromCurrentSynchronizationContext();
        Database = new SimDatabase(this, file, writeLock, scheduler);
        Destinations = new DestinationStore(Clock);
        var notices = new DestinationNotices { OnBroken = (transaction, id) => Destinations.DisableAsync(transaction, id, "broken") };
        var options = run.Plan.Options with { Scheduler = scheduler };
        var metrics = new EngineMetrics();
        var dispatcher = new Dispatcher(
            Database, Destinations, notices, new WebhookSender(new SimNetwork(this), Box, Clock), options, metrics, Clock, new Random(run.World.Dice.Next()), new CriticalOnly(run.World));
        Intake = new EventIntake(dispatcher, metrics, Clock);
        Execution = ExecuteAsync(dispatcher, CancellationToken.None);
        SynchronizationContext.SetSynchronizationContext(null);
    }

    public string Name { get; }

    public int Node { get; }

    /// <summary>How often the node was started.</summary>
    public int Life { get; }

    public ProcessClock Clock { get; }

    public SimDatabase Database { get; }

    public DestinationStore Destinations { get; }

    public EventIntake Intake { get; }

    /// <summary>The dispatcher's loop, which never ends by itself.</summary>
    public Task Execution { get; }

    public Plan Plan => run.Plan;

    public World World => run.World;

    public Oracle Oracle => run.Oracle;

    public Mutation Mutation => run.Mutation;

    public bool IsDead => context.IsDead;

    public bool IsDatabaseAway => run.IsDatabaseAway(Node);

    public TimeSpan Now => Clock.GetUtcNow() - World.Start;

    public void Do(Func<Task> work) => World.Post(context, static state => _ = ((Func<Task>)state!)(), work);

    /// <summary>Without any shutdown code: nothing of it reads, writes, sends or goes on any more.</summary>
    public void Die(string where)
    {
        if (context.IsDead)
            return;

        World.Tell($"{Name} dies: {where}");
        context.IsDead = true;
        Database.BreakAll();
        run.Died(this);
    }

    /// <summary>Every await of the database passes here: others may run, time may pass, the process may die.</summary>
    public async Task TurnAsync(string where)
    {
        if (run.IsTrouble && run.Deaths < MostDeaths && World.Chance(Plan.Deaths))
            Die($"at \"{(where.Length > 60 ? where[..60].ReplaceLineEndings(" ") : where)}\"");
        if (IsDead)
            await Never();
        if (run.IsTrouble && World.Chance(Plan.SlowStatements))
            await Task.Delay(World.Between(0, Plan.LongestStatement.TotalSeconds), Clock);
        else if (World.Chance(0.2))
            await Task.Delay(World.Between(0, 0.003), Clock);
        if (IsDead)
            await Never();
    }

    public bool StatementFails() => run.IsTrouble && World.Chance(Plan.StatementFaults);

    public CommitFate FateOfCommit() => run.IsTrouble && World.Chance(Plan.CommitFaults) ? World.Pick(CommitFate.Fails, CommitFate.FailsAfterwards) : CommitFate.Succeeds;

    public static Task Never() => new TaskCompletionSource().Task;

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "ExecuteAsync")]
    private static extern Task ExecuteAsync(Dispatcher dispatcher, CancellationToken ct);

    /// <summary>The engine logs as critical what only a bug can cause.</summary>
    private sealed class CriticalOnly(World world) : ILogger<Dispatcher>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Critical;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                world.Violate($"{formatter(state, exception)}: {exception}");
        }
    }
}

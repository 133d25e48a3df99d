using System.Data.Common;
using System.Text;
using Vedette.Engine;
using Vedette.Engine.Subscriptions;
using Vedette.Storage;
using Vedette.Storage.Migrations;
using Vedette.Storage.Sqlite;
using Vedette.Wire;

namespace Vedette.Simulation;

/// <param name="Violation"><c>null</c> when every promise was kept.</param>
/// <param name="Story">Empty unless it was asked for.</param>
internal sealed record Outcome(int Seed, string? Violation, string Story, int Deliveries, int Sends, int Deaths, long Steps);

/// <summary>One seed from its beginning to the end: trouble for a while, then calm until everything has settled.</summary>
internal sealed class Run
{
    private static readonly TimeSpan Patience = TimeSpan.FromHours(3);
    private static readonly Lazy<byte[]> EmptyFile = new(CreateEmptyFile);


    /// <summary>Crashes here are those of a process, never of the machine, so the file need not be on a disk.</summary>
    private static readonly string Memory = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();

    private static int folders;

    private readonly Dictionary<int, Process> processes = [];
    private readonly List<(int Node, TimeSpan From, TimeSpan To)> outages = [];
    private readonly WriteLock writeLock = new();
    private readonly SqliteDatabase file;

    private Run(int seed, bool tells, Mutation mutation, SqliteDatabase file, StorageConnection reader)
    {
        World = new World(seed, tells);
        Plan = Plan.Of(World);
        Mutation = mutation;
        this.file = file;
        Oracle = new Oracle(World, Plan, reader);
    }

    public World World { get; }

    public Plan Plan { get; }

    public Oracle Oracle { get; }

    public Mutation Mutation { get; }

    public int Deaths { get; private set; }

    public bool IsTrouble => World.Now < Plan.Trouble;

    public bool IsDatabaseAway(int node) => outages.Exists(outage => (outage.Node == node || outage.Node == 0) && outage.From <= World.Now && World.Now < outage.To);

    /// <summary>Plays one seed on the calling thread. The same seed gives the same outcome, word for word.</summary>
    public static Outcome Play(int seed, bool tells = false, Mutation mutation = Mutation.None)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Memory, $"vedette-simulation-{Environment.ProcessId}-{Interlocked.Increment(ref folders)}")).FullName;
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            var path = Path.Combine(folder, "simulation.db");
            File.WriteAllBytes(path, EmptyFile.Value);
            var opened = new SqliteDatabase(path);
            var reader = opened.OpenWriterAsync(CancellationToken.None).GetAwaiter().GetResult();
            var run = new Run(seed, tells, mutation, opened, reader);
            run.Play();
            foreach (var process in run.processes.Values)
                process.Database.BreakAll();
            reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
            opened.DisposeAsync().AsTask().GetAwaiter().GetResult();
            var story = tells ? $"seed {seed}: {run.Plan}\n{string.Join('\n', run.Plan.Destinations.Select((d, i) => $"d{i + 1}: {d}"))}\n{string.Join('\n', run.World.Story)}\n" : "";
            return new Outcome(seed, run.World.Violation, story, run.Oracle.Deliveries, run.Oracle.Sends, run.Deaths, run.World.Steps);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
            Directory.Delete(folder, recursive: true);
        }
    }

    public void Died(Process process)
    {
        Deaths++;
        World.After(World.Between(0.05, World.Pick(1, 20)), () => StartNode(process.Node, process.Life + 1));
    }

    private void Play()
    {
        AddDestinations();
        for (var node = 1; node <= Plan.Nodes; node++)
            StartNode(node, 1);
        PlanOutages();
        PlanEvents();
        for (var i = 0; i < Plan.Disables; i++)
            World.After(World.Between(0, Plan.Trouble.TotalSeconds), Disable);
        if (Plan.ClockJump != TimeSpan.Zero)
            World.After(World.Between(0, Plan.Trouble.TotalSeconds), JumpClock);

        World.RunUntil(Plan.Trouble, static () => false);
        World.Tell("the trouble is over");
        World.RunUntil(Plan.Trouble + Patience, () => World.Now > Plan.Trouble + TimeSpan.FromSeconds(60) && Oracle.Pending == 0);
        World.RunUntil(World.Now + TimeSpan.FromSeconds(45), static () => false);
        foreach (var process in processes.Values.Where(process => process.Execution.IsCompleted))
            World.Violate($"the dispatcher of {process.Name} ended: {process.Execution.Exception}");
        if (World.Violation is null)
            Oracle.CheckEnd();
    }

    private void AddDestinations()
    {
        var store = new DestinationStore(TimeProvider.System);
        file.WriteAsync(async transaction =>
        {
            for (var i = 1; i <= Plan.Destinations.Count; i++)
            {
                var planned = Plan.Destinations[i - 1];
                await store.AddAsync(transaction, new Destination
                {
                    Kind = DestinationKind.App,
                    PublicId = $"00000000-0000-4000-8000-{i:x12}",
                    OrganizationId = 1,
                    Url = $"https://d{i}.example/hook",
                    Secret = Encoding.UTF8.GetBytes("secret"),
                    Timeout = planned.Timeout,
                    Concurrency = planned.Concurrency,
                    Ordered = planned.Ordered,
                }, ["error.created"]);
            }
        }, CancellationToken.None).GetAwaiter().GetResult();
    }

    private void StartNode(int node, int life)
    {
        var offset = processes.TryGetValue(node, out var before) ? before.Clock.Offset : node == 2 ? Plan.ClockSkew : TimeSpan.Zero;
        processes[node] = new Process(this, node, life, file, writeLock, offset);
        World.Tell($"{processes[node].Name} starts");
    }

    private void PlanOutages()
    {
        for (var i = 0; i < Plan.Outages; i++)
        {
            var from = World.Between(0, Plan.Trouble.TotalSeconds);
            var to = from + World.Between(0.5, World.Pick(5, 60));
            var node = World.Dice.Next(0, Plan.Nodes + 1);
            outages.Add((node, from, to < Plan.Trouble ? to : Plan.Trouble));
            World.After(from, () => World.Tell($"the database is away for {(node == 0 ? "all" : $"node {node}")} until {to}"));
        }
    }

    private void PlanEvents()
    {
        var number = 0;
        while (number < Plan.Events)
        {
            var at = World.Between(0, Plan.Trouble.TotalSeconds);
            for (var burst = World.Dice.Next(1, 7); burst > 0 && number < Plan.Events; burst--)
            {
                var name = $"e{++number}";
                World.After(at, () => Accept(name));
            }
        }
    }

    private void Accept(string name)
    {
        var process = processes[World.Dice.Next(1, Plan.Nodes + 1)];
        if (process.IsDead)
            return;

        var data = $"{{\"n\":\"{name}\",\"pad\":\"{(World.Chance(0.1) ? new string('x', 20_000) : "")}\"}}";
        var hookEvent = new HookEvent
        {
            OrganizationId = 1,
            IssueId = World.Dice.Next(1, 4),
            Resource = "error",
            Action = "created",
            Subject = new HookSubject("event", name),
            Actor = HookActor.Platform,
            Data = () => Encoding.UTF8.GetBytes(data),
        };
        var fails = World.Chance(0.08);
        World.Tell($"{process.Name} is sent {name}{(fails ? ", whose transaction will fail" : "")}");
        process.Do(() => AcceptAsync(process, hookEvent, name, fails));
    }

    private async Task AcceptAsync(Process process, HookEvent hookEvent, string name, bool fails)
    {
        try
        {
            await process.Database.WriteAsync(async transaction =>
            {
                await process.Intake.AcceptAsync(transaction, hookEvent);
                if (fails)
                    throw new InvalidOperationException("the caller's own change failed");
            }, CancellationToken.None);
            World.Tell($"{process.Name} acknowledges {name}");
            Oracle.Acknowledged(name, mustExist: true);
        }
        catch (DbException e)
        {
            // Whether it is there nobody knows.
            World.Tell($"{process.Name} refuses {name}: {e.Message}");
        }
        catch (InvalidOperationException) when (fails)
        {
            World.Tell($"{process.Name} refuses {name}: its own transaction failed");
            Oracle.Acknowledged(name, mustExist: false);
        }
    }

    private void Disable()
    {
        var id = World.Dice.Next(1, Plan.Destinations.Count + 1);
        Change($"disables d{id}", process => process.Database.WriteAsync(t => process.Destinations.DisableAsync(t, id, "owner"), CancellationToken.None));
        World.After(World.Between(0.5, 30), () => Enable(id, release: World.Chance(0.7)));
    }

    private void Enable(int id, bool release) =>
        Change($"enables d{id} and {(release ? "releases" : "drops")} what was held",
            process => process.Database.WriteAsync(t => process.Destinations.EnableAsync(t, id, release), CancellationToken.None));

    private void Change(string what, Func<Process, Task> change)
    {
        var process = processes[World.Dice.Next(1, Plan.Nodes + 1)];
        if (process.IsDead)
            return;

        World.Tell($"{process.Name} {what}");
        process.Do(async () =>
        {
            try
            {
                await change(process);
            }
            catch (DbException e)
            {
                World.Tell($"{process.Name} could not say whether it {what}: {e.Message}");
            }
        });
    }

    private void JumpClock()
    {
        World.Tell($"the clock is set by {Plan.ClockJump.TotalSeconds:0.#} s");
        processes[1].Clock.Offset += Plan.ClockJump;
    }

    private static byte[] CreateEmptyFile()
    {
        var folder = Directory.CreateTempSubdirectory("vedette-simulation-").FullName;
        var path = Path.Combine(folder, "empty.db");
        var database = new SqliteDatabase(path);
        _ = Migrator.ApplyAsync(database, [EngineMigrations.Set], TimeProvider.System, CancellationToken.None).GetAwaiter().GetResult();
        database.WriteAsync(transaction => transaction.ExecuteAsync(Oracle.CountsEnabling), CancellationToken.None).GetAwaiter().GetResult();
        database.DisposeAsync().AsTask().GetAwaiter().GetResult();
        var bytes = File.ReadAllBytes(path);
        Directory.Delete(folder, recursive: true);
        return bytes;
    }
}

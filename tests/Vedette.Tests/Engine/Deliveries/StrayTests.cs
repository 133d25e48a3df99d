using Vedette.Engine;
using Vedette.Storage;
using Vedette.Tests.Harness;
using Vedette.Tests.Storage;
using Xunit;

namespace Vedette.Tests.Engine.Deliveries;

/// <summary>Two nodes on one PostgreSQL: one accepts for a destination whose state the other changes, and neither sees the other's work.</summary>
public sealed class StrayTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    public static bool PostgresIsThere => PostgresServer.IsThere;

    [Fact(Skip = PostgresServer.WhyNot, SkipUnless = nameof(PostgresIsThere))]
    public async Task What_was_accepted_while_another_node_disabled_its_destination_is_held()
    {
        await using var nodes = await Nodes.CreateAsync();
        var accepted = await nodes.AcceptMeanwhileAsync((t, id) => nodes.Other.Destinations.DisableAsync(t, id, "owner"));
        Assert.Equal("pending", accepted);

        await nodes.LookAsync("held");

        Assert.Empty(nodes.Receiver.Requests);
    }

    [Fact(Skip = PostgresServer.WhyNot, SkipUnless = nameof(PostgresIsThere))]
    public async Task What_was_held_while_another_node_enabled_its_destination_is_sent()
    {
        await using var nodes = await Nodes.CreateAsync();
        await nodes.WriteAsync((t, id) => nodes.Other.Destinations.DisableAsync(t, id, "owner"));
        var accepted = await nodes.AcceptMeanwhileAsync((t, id) => nodes.Other.Destinations.EnableAsync(t, id, release: true));
        Assert.Equal("held", accepted);

        await nodes.LookAsync("delivered");

        Assert.Single(nodes.Receiver.Requests);
    }

    [Fact(Skip = PostgresServer.WhyNot, SkipUnless = nameof(PostgresIsThere))]
    public async Task What_was_accepted_while_another_node_was_told_410_is_gone()
    {
        await using var nodes = await Nodes.CreateAsync();
        var accepted = await nodes.AcceptMeanwhileAsync((t, id) => nodes.Other.Destinations.EndAsync(t, id, nodes.Receiver.Url));
        Assert.Equal("pending", accepted);

        await nodes.LookAsync("gone");

        Assert.Empty(nodes.Receiver.Requests);
    }

    [Fact(Skip = PostgresServer.WhyNot, SkipUnless = nameof(PostgresIsThere))]
    public async Task A_lifecycle_notice_that_was_accepted_while_another_node_disabled_its_destination_is_sent()
    {
        await using var nodes = await Nodes.CreateAsync();
        var accepted = await nodes.AcceptMeanwhileAsync((t, id) => nodes.Other.Destinations.DisableAsync(t, id, "owner"), isNotice: true);
        Assert.Equal("pending", accepted);

        await nodes.LookAsync("delivered");

        Assert.Equal("installation", Assert.Single(nodes.Receiver.Requests).Header("Sentry-Hook-Resource"));
    }

    private sealed class Nodes : IAsyncDisposable
    {
        private readonly TestDatabase database;
        private readonly FakeClock clock = new();
        private readonly EngineNode accepting;
        private long destination;

        private Nodes(TestDatabase database)
        {
            this.database = database;
            accepting = new EngineNode(database.Node, clock, new EngineOptions { Delivers = false });
            Other = new EngineNode(database.AddNode(), clock);
        }

        public TestReceiver Receiver { get; } = new();

        /// <summary>The one that delivers.</summary>
        public EngineNode Other { get; }

        public static async Task<Nodes> CreateAsync()
        {
            var created = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
            Assert.Null(await Vedette.Storage.Migrations.Migrator.ApplyAsync(created.Node, [EngineMigrations.Set], TimeProvider.System, None));
            var nodes = new Nodes(created);
            nodes.destination = await nodes.accepting.AddDestinationAsync(nodes.Receiver.Url);
            return nodes;
        }

        public Task WriteAsync(Func<Transaction, long, Task> change) => Other.Database.WriteAsync(transaction => change(transaction, destination), None);

        /// <summary>Accepts an event in a transaction that ends after <paramref name="change"/> has been committed.</summary>
        /// <returns>The state of its delivery.</returns>
        public async Task<string> AcceptMeanwhileAsync(Func<Transaction, long, Task> change, bool isNotice = false)
        {
            var wrote = new TaskCompletionSource();
            var changed = new TaskCompletionSource();
            var accepted = accepting.Database.WriteAsync(
                async transaction =>
                {
                    await (isNotice ? accepting.NotifyAsync(transaction, destination) : accepting.AcceptAsync(transaction));
                    wrote.SetResult();
                    await changed.Task;
                },
                None);
            await wrote.Task;
            await WriteAsync(change);
            changed.SetResult();
            await accepted;
            return await StateAsync();
        }

        /// <summary>Lets the other node look at the table, until the delivery is in that state.</summary>
        public async Task LookAsync(string state)
        {
            await Other.StartAsync();
            await clock.AdvanceUntilAsync(TimeSpan.FromMilliseconds(250), async () => await StateAsync() == state, $"a delivery that is {state}");
        }

        public async ValueTask DisposeAsync()
        {
            await Other.DisposeAsync();
            await accepting.DisposeAsync();
            await Receiver.DisposeAsync();
            await database.DisposeAsync();
        }

        private Task<string> StateAsync() => Other.Database.ReadAsync(session => session.SingleAsync<string>("select state from delivery"), None);
    }
}

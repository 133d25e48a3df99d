using Vedette.Engine;
using Vedette.Tests.Harness;
using Vedette.Tests.Storage;
using Xunit;

namespace Vedette.Tests.Engine.Deliveries;

public sealed class FairTurnTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    /// <summary>No clock moves, so what hangs hangs throughout.</summary>
    [Theory, EachDatabase]
    public async Task Many_that_hang_do_not_take_the_places_of_one_that_is_well(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        Assert.Null(await Vedette.Storage.Migrations.Migrator.ApplyAsync(database.Node, [EngineMigrations.Set], TimeProvider.System, None));
        await using var well = new TestReceiver();
        await using var hanging = new TestReceiver { Behaviour = TestReceiver.Hang };
        await using var node = new EngineNode(database.Node, new FakeClock(), new EngineOptions { MostInFlight = 8 });
        await node.StartAsync();
        await node.AddDestinationAsync(well.Url, organizationId: 1);
        await node.AcceptAsync(1, organizationId: 1);
        await well.WaitForAsync(1);
        await Poll.UntilAsync(async () => await node.CountAsync("select count(*) from delivery where state = 'delivered'") == 1, "the first is recorded");
        for (var organization = 2; organization <= 4; organization++)
        {
            await node.AddDestinationAsync(hanging.Url, organizationId: organization);
            await node.AcceptAsync(8, organization);
        }

        await hanging.WaitForAsync(4);
        await node.AcceptAsync(5, organizationId: 1);

        await well.WaitForAsync(6);
        Assert.Equal(4, hanging.Requests.Count);
    }
}

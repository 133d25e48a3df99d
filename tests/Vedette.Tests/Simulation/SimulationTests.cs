using Vedette.Simulation;
using Vedette.Tests.Engine.Deliveries;
using Xunit;

namespace Vedette.Tests.Simulation;

/// <summary>See docs/simulation.md. A failing seed is told again by <c>dotnet run --project tests/Vedette.Simulation -- --seed N</c>.</summary>
[Collection(nameof(AloneInTheProcess))]
public sealed class SimulationTests
{
    private const int Quick = 200;
    private const int All = 2000;

    [Fact]
    public void The_engine_keeps_its_promises_in_the_first_seeds() => AssertKept(1, Quick);

    /// <summary>Each search keeps all processors busy, so it goes alone: beside it the fake clocks of other tests run ahead of what they wait for.</summary>
    [Theory, Trait("slow", "yes")]
    [InlineData(201, 800)]
    [InlineData(801, 1400)]
    [InlineData(1401, All)]
    public void The_engine_keeps_its_promises_in_all_seeds(int from, int to) => AssertKept(from, to);

    [Theory]
    [InlineData(4)]
    [InlineData(99)]
    [InlineData(267)]
    public void A_seed_tells_the_same_story_twice(int seed)
    {
        var first = Run.Play(seed, tells: true);
        var second = Run.Play(seed, tells: true);

        Assert.True(first.Sends > 0);
        Assert.Equal(first.Story, second.Story);
    }

    /// <summary>A rest that was still to be written was taken for one that somebody had ended.</summary>
    [Fact]
    public void The_engine_keeps_its_promises_in_a_later_seed_that_found_a_fault() => Assert.Null(Run.Play(2180).Violation);

    [Theory]
    [InlineData(nameof(Mutation.NoFencing))]
    [InlineData(nameof(Mutation.AnswersBeforeCommit))]
    [InlineData(nameof(Mutation.IgnoresCap))]
    public void A_known_fault_of_the_engine_is_found(string mutation)
    {
        var found = Seeds.Search(1, All, Enum.Parse<Mutation>(mutation));

        Assert.NotNull(found.Failed);
        Assert.Contains("VIOLATION", found.Failed.Story, StringComparison.Ordinal);
    }

    private static void AssertKept(int from, int to)
    {
        var count = to - from + 1;
        var found = Seeds.Search(from, count);

        Assert.True(found.Failed is null, $"{found.Failed?.Story}seed {found.Failed?.Seed}: {found.Failed?.Violation}");
        Assert.Equal(count, found.Played);
        Assert.True(found.Deaths > 0 && found.Sends > found.Deliveries, "nothing went wrong in these seeds, so they show nothing");
    }
}

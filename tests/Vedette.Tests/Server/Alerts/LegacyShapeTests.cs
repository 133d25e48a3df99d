using FsCheck;
using FsCheck.Fluent;
using Vedette.Server.Alerts;
using Vedette.Tracker.Alerts;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Alerts;

/// <summary>A rule means the same in both shapes, whatever is true of the event.</summary>
public sealed class LegacyShapeTests
{
    private static readonly ConditionKind[] Kinds =
        [ConditionKind.FirstSeenEvent, ConditionKind.RegressionEvent, ConditionKind.EventFrequencyCount, ConditionKind.EventUniqueUserFrequencyCount, ConditionKind.Level, ConditionKind.AgeComparison];

    private static readonly Gen<(int Seed, int First, int Second)> Sizes =
        from seed in Gen.Choose(0, int.MaxValue)
        from first in Gen.Choose(0, 3)
        from second in Gen.Choose(0, 3)
        select (seed, first, second);

    private static readonly AlertLogic[] Matches = [AlertLogic.Any, AlertLogic.All, AlertLogic.None];

    [Fact]
    public void A_rule_of_the_older_api_means_the_same_as_a_workflow_and_back() =>
        Prop.ForAll(Sizes.ToArbitrary(), given =>
        {
            var dice = new Random(given.Seed);
            var shape = new LegacyShape(Matches[dice.Next(3)], Some(dice, given.First, 0), Matches[dice.Next(3)], Some(dice, given.Second, 4));

            var (triggers, filters) = shape.ToGroups();
            var back = LegacyShape.Of(triggers, filters);
            var again = back.ToGroups();

            for (var truth = 0; truth < 256; truth++)
            {
                Assert.Equal(Means(shape, truth), Means(triggers, filters, truth));
                Assert.Equal(Means(shape, truth), Means(back, truth));
                Assert.Equal(Means(shape, truth), Means(again.Triggers, again.Filters, truth));
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void A_workflow_means_the_same_as_a_rule_of_the_older_api_and_back() =>
        Prop.ForAll(Sizes.ToArbitrary(), given =>
        {
            var dice = new Random(given.Seed);
            var triggers = new AlertGroup(0, Enum.GetValues<AlertLogic>()[dice.Next(4)], Some(dice, given.First, 0), []);
            var filters = new AlertGroup(0, Enum.GetValues<AlertLogic>()[dice.Next(4)], Some(dice, given.Second, 4), []);

            var shape = LegacyShape.Of(triggers, filters);
            var again = shape.ToGroups();

            for (var truth = 0; truth < 256; truth++)
            {
                Assert.Equal(Means(triggers, filters, truth), Means(shape, truth));
                Assert.Equal(Means(triggers, filters, truth), Means(again.Triggers, again.Filters, truth));
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void What_asks_for_a_frequency_or_a_level_is_a_filter_of_the_workflow()
    {
        var (triggers, filters) = new LegacyShape(
            AlertLogic.All, [Of(1, ConditionKind.FirstSeenEvent), Of(2, ConditionKind.EventFrequencyCount), Of(3, ConditionKind.Level)],
            AlertLogic.All, [Of(4, ConditionKind.AgeComparison)]).ToGroups();

        Assert.Equal((AlertLogic.AnyShort, [1L]), (triggers.Logic, triggers.Conditions.Select(condition => condition.Id).ToArray()), Same);
        Assert.Equal((AlertLogic.All, [2L, 3L, 4L]), (filters.Logic, filters.Conditions.Select(condition => condition.Id).ToArray()), Same);
    }

    [Fact]
    public void What_would_mean_something_else_as_a_filter_stays_a_trigger()
    {
        var (triggers, filters) = new LegacyShape(
            AlertLogic.Any, [Of(1, ConditionKind.FirstSeenEvent), Of(2, ConditionKind.EventFrequencyCount)], AlertLogic.All, []).ToGroups();

        Assert.Equal((AlertLogic.AnyShort, [1L, 2L]), (triggers.Logic, triggers.Conditions.Select(condition => condition.Id).ToArray()), Same);
        Assert.Empty(filters.Conditions);
    }

    private static bool Same((AlertLogic Logic, long[] Ids) one, (AlertLogic Logic, long[] Ids) other) => one.Logic == other.Logic && one.Ids.SequenceEqual(other.Ids);

    private static AlertCondition Of(long id, ConditionKind kind) => new(id, kind, new JsonMap());

    /// <param name="first">The number of the first one.</param>
    private static List<AlertCondition> Some(Random dice, int count, int first) =>
        [.. Enumerable.Range(first, count).Select(id => Of(id, Kinds[dice.Next(Kinds.Length)]))];

    private static bool Means(LegacyShape shape, int truth) => Holds(shape.ActionMatch, shape.Conditions, truth) && Holds(shape.FilterMatch, shape.Filters, truth);

    private static bool Means(AlertGroup triggers, AlertGroup filters, int truth) =>
        Holds(triggers.Logic, triggers.Conditions, truth) && Holds(filters.Logic, filters.Conditions, truth);

    private static bool Holds(AlertLogic logic, IReadOnlyList<AlertCondition> conditions, int truth) =>
        AlertLogics.Decide(logic, [.. conditions.Select(condition => (bool?)((truth >> (int)condition.Id & 1) == 1))])!.Value;
}

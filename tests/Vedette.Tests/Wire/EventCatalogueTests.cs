using Vedette.Wire;
using Xunit;

namespace Vedette.Tests.Wire;

public sealed class EventCatalogueTests
{
    /// <summary>The names are a contract with receivers; this list is typed from the specification.</summary>
    [Fact]
    public void Exactly_the_specified_events_can_be_sent()
    {
        Assert.Equal(
            [
                "activity_alert.triggered",
                "comment.created", "comment.deleted", "comment.updated",
                "error.created",
                "event.alert", "event.created",
                "event_alert.triggered",
                "installation.created", "installation.deleted",
                "issue.assigned", "issue.created", "issue.ignored", "issue.resolved", "issue.unresolved",
                "metric_alert.critical", "metric_alert.open", "metric_alert.resolved", "metric_alert.warning",
                "preprod_artifact.build_distribution_completed", "preprod_artifact.size_analysis_completed",
                "seer.coding_completed", "seer.coding_started", "seer.iteration_completed", "seer.iteration_started", "seer.pr_created",
                "seer.root_cause_completed", "seer.root_cause_started", "seer.solution_completed", "seer.solution_started",
            ],
            EventCatalogue.All.Select(e => e.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Only_subscriptions_need_a_scope_and_only_they_can_be_listed()
    {
        Assert.All(EventCatalogue.All, e => Assert.Equal(e.Reach == HookReach.Subscription, e.RequiredScope is not null));
        Assert.All(EventCatalogue.All, e => Assert.EndsWith(".", e.Trigger, StringComparison.Ordinal));
        Assert.Equal(["issue", "error", "comment", "seer", "preprod_artifact"], EventCatalogue.SubscribableResources);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("issue", "issue.assigned issue.created issue.ignored issue.resolved issue.unresolved")]
    [InlineData("error", "error.created")]
    [InlineData("comment", "comment.created comment.deleted comment.updated")]
    [InlineData("preprod_artifact", "preprod_artifact.build_distribution_completed preprod_artifact.size_analysis_completed")]
    [InlineData("seer", "seer.coding_completed seer.coding_started seer.iteration_completed seer.iteration_started seer.pr_created seer.root_cause_completed seer.root_cause_started seer.solution_completed seer.solution_started")]
    [InlineData("issue.resolved", "issue.resolved")]
    [InlineData("issue.resolved error issue.resolved error", "error.created issue.resolved")]
    [InlineData("issue.resolved issue", "issue.assigned issue.created issue.ignored issue.resolved issue.unresolved")]
    [InlineData("issue.archived", "issue.archived")]
    [InlineData("issue.archived issue.ignored", "issue.archived issue.ignored")]
    public void Resources_and_single_events_become_a_sorted_list_of_events(string names, string expected)
    {
        var known = EventCatalogue.TryExpand(Words(names), out var expanded, out var unknown);

        Assert.True(known);
        Assert.Empty(unknown);
        Assert.Equal(Words(expected), expanded);
    }

    [Theory]
    [InlineData("nonsense", "nonsense")]
    [InlineData("Issue", "Issue")]
    [InlineData("issue.", "issue.")]
    [InlineData("issue.deleted error nonsense", "issue.deleted nonsense")]
    [InlineData("installation", "installation")]
    [InlineData("installation.created", "installation.created")]
    [InlineData("event_alert metric_alert.open activity_alert", "event_alert metric_alert.open activity_alert")]
    [InlineData("event error event.created", "event event.created")]
    public void Names_that_nobody_can_subscribe_to_are_given_back_as_they_came(string names, string expected)
    {
        var known = EventCatalogue.TryExpand(Words(names), out _, out var unknown);

        Assert.False(known);
        Assert.Equal(Words(expected), unknown);
    }

    [Fact]
    public void Service_hooks_have_two_events_of_their_own()
    {
        Assert.Equal(["event.alert", "event.created"], EventCatalogue.OfServiceHooks);
        Assert.Equal(
            ["error.created", "event.alert", "event.created", "issue.created"],
            EventCatalogue.All.Select(e => e.Name).Where(EventCatalogue.IsOfProjects).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Stored_events_roll_up_to_their_resources_in_stored_order()
    {
        Assert.Equal(["seer", "issue", "error"], EventCatalogue.RollUp(["seer.pr_created", "issue.archived", "issue.resolved", "error.created", "seer.coding_started"]));
        Assert.Empty(EventCatalogue.RollUp([]));
    }

    [Fact]
    public void Expanding_what_was_rolled_up_covers_what_was_stored() =>
        Assert.All(EventCatalogue.All.Where(e => e.Reach == HookReach.Subscription), e =>
        {
            Assert.True(EventCatalogue.TryExpand(EventCatalogue.RollUp([e.Name]), out var expanded, out _));
            Assert.Contains(e.Name, expanded);
        });

    [Theory]
    [InlineData("issue.created", "event:read")]
    [InlineData("issue.archived", "event:read")]
    [InlineData("error.created", "event:read")]
    [InlineData("comment.updated", "event:read")]
    [InlineData("seer.pr_created", "event:read")]
    [InlineData("preprod_artifact.size_analysis_completed", "project:read")]
    [InlineData("installation.created", null)]
    [InlineData("metric_alert.open", null)]
    [InlineData("nonsense.created", null)]
    public void The_scope_is_that_of_the_resource(string name, string? scope) =>
        Assert.Equal(scope, EventCatalogue.RequiredScope(name));

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}

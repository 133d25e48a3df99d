using System.Text;
using Vedette.Server.Alerts;
using Vedette.Storage;
using Vedette.Tracker.Alerts;
using Vedette.Tracker.Issues;
using Vedette.Tracker.Projects;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Alerts;

/// <summary>Every condition, filter and way of comparing (<c>spec/domain.md</c> 4.3, 4.4) that can be decided without counting.</summary>
public sealed class ConditionTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private const string Body =
        """
        {"environment":"production","release":"shop@1.2.0","transaction":"checkout","user":{"id":"7","email":"ada@example.org","username":"ada","ip_address":"10.0.0.7"},
         "request":{"method":"POST","url":"https://shop.example/cart"},"sdk":{"name":"sentry.dotnet"},
         "contexts":{"response":{"status_code":502},"app":{"in_foreground":true},"unreal":{"crash_type":"assert"}},
         "threads":{"values":[{"id":1,"main":true},{"id":2,"main":false}]},
         "exception":{"values":[
            {"type":"IOException","value":"disk full","thread_id":2,"mechanism":{"handled":true},"stacktrace":{"frames":[{"module":"Shop.Disk","filename":"Disk.cs","abs_path":"/src/Disk.cs","package":"shop"}]}},
            {"type":"CartError","value":"cart 17 is empty","thread_id":1,"mechanism":{"handled":false},
             "stacktrace":{"frames":[{"module":"Shop.Cart","filename":"Cart.cs","context_line":"Check(cart);","pre_context":["var cart = Load();"]}]}}]},
         "tags":[["level","error"],["region","EU-West"],["sentry:user","id:7"],["retries","3"]]}
        """;

    [Theory]
    [InlineData("eq", "EU-WEST", true)]
    [InlineData("eq", "EU", false)]
    [InlineData("ne", "us", true)]
    [InlineData("ne", "eu-west", false)]
    [InlineData("sw", "eu", true)]
    [InlineData("sw", "west", false)]
    [InlineData("nsw", "west", true)]
    [InlineData("nsw", "EU", false)]
    [InlineData("ew", "WEST", true)]
    [InlineData("ew", "eu", false)]
    [InlineData("new", "eu", true)]
    [InlineData("new", "west", false)]
    [InlineData("co", "u-w", true)]
    [InlineData("co", "us", false)]
    [InlineData("nc", "us", true)]
    [InlineData("nc", "-", false)]
    [InlineData("in", "us, eu-west", true)]
    [InlineData("in", "us,eu", false)]
    [InlineData("nin", "us,eu", true)]
    [InlineData("nin", "eu-west,us", false)]
    [InlineData("gt", "1", false)]
    public void Tags_are_compared_without_regard_to_case(string match, string value, bool holds) =>
        Assert.Equal(holds, Holds($$"""{"id":"sentry.rules.filters.tagged_event.TaggedEventFilter","key":"region","match":"{{match}}","value":"{{value}}"}"""));

    [Theory]
    [InlineData("gt", "2", true)]
    [InlineData("gt", "3", false)]
    [InlineData("gte", "3", true)]
    [InlineData("gte", "3.5", false)]
    [InlineData("lt", "3", false)]
    [InlineData("lt", "10", true)]
    [InlineData("lte", "3", true)]
    [InlineData("lte", "2", false)]
    [InlineData("gt", "many", false)]
    public void Numbers_are_compared_as_numbers(string match, string value, bool holds) =>
        Assert.Equal(holds, Holds($$"""{"id":"sentry.rules.filters.tagged_event.TaggedEventFilter","key":"retries","match":"{{match}}","value":"{{value}}"}"""));

    [Theory]
    [InlineData("region", "is", true)]
    [InlineData("Region", "is", true)]
    [InlineData("region", "ns", false)]
    [InlineData("none", "is", false)]
    [InlineData("none", "ns", true)]
    [InlineData("user", "is", true)]
    [InlineData("sentry:user", "is", true)]
    [InlineData("sentry:level", "is", true)]
    public void Tags_are_set_with_and_without_their_prefix(string key, string match, bool holds) =>
        Assert.Equal(holds, Holds($$"""{"id":"sentry.rules.conditions.tagged_event.TaggedEventCondition","key":"{{key}}","match":"{{match}}"}"""));

    [Theory]
    [InlineData("message", "boom", true)]
    [InlineData("platform", "csharp", true)]
    [InlineData("environment", "production", true)]
    [InlineData("type", "error", true)]
    [InlineData("error.handled", "true", true)]
    [InlineData("error.unhandled", "true", true)]
    [InlineData("error.main_thread", "true", true)]
    [InlineData("exception.type", "IOException", true)]
    [InlineData("exception.type", "CartError", true)]
    [InlineData("exception.type", "Other", false)]
    [InlineData("exception.value", "disk full", true)]
    [InlineData("user.id", "7", true)]
    [InlineData("user.email", "ADA@example.org", true)]
    [InlineData("user.username", "ada", true)]
    [InlineData("user.ip_address", "10.0.0.7", true)]
    [InlineData("http.method", "post", true)]
    [InlineData("http.url", "https://shop.example/cart", true)]
    [InlineData("http.status_code", "502", true)]
    [InlineData("sdk.name", "sentry.dotnet", true)]
    [InlineData("stacktrace.code", "Check(cart);", true)]
    [InlineData("stacktrace.code", "var cart = Load();", true)]
    [InlineData("stacktrace.module", "Shop.Disk", true)]
    [InlineData("stacktrace.filename", "Cart.cs", true)]
    [InlineData("stacktrace.abs_path", "/src/Disk.cs", true)]
    [InlineData("stacktrace.package", "shop", true)]
    [InlineData("unreal.crash_type", "assert", true)]
    [InlineData("app.in_foreground", "true", true)]
    public void Attributes_are_found_in_every_exception_and_frame(string attribute, string value, bool holds) =>
        Assert.Equal(holds, Holds($$"""{"id":"sentry.rules.filters.event_attribute.EventAttributeFilter","attribute":"{{attribute}}","match":"eq","value":"{{value}}"}"""));

    [Fact]
    public void Every_attribute_of_the_list_has_been_tried() =>
        Assert.Equal(
            EventAttributes.Names.Order(StringComparer.Ordinal),
            typeof(ConditionTests).GetMethod(nameof(Attributes_are_found_in_every_exception_and_frame))!.GetCustomAttributes(typeof(InlineDataAttribute), false)
                .Select(data => (string)((InlineDataAttribute)data).Data[0]!).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("""{"id":"sentry.rules.filters.level.LevelFilter","level":"40","match":"eq"}""", true)]
    [InlineData("""{"id":"sentry.rules.filters.level.LevelFilter","level":"30","match":"eq"}""", false)]
    [InlineData("""{"id":"sentry.rules.filters.level.LevelFilter","level":"40","match":"gte"}""", true)]
    [InlineData("""{"id":"sentry.rules.filters.level.LevelFilter","level":50,"match":"gte"}""", false)]
    [InlineData("""{"id":"sentry.rules.conditions.level.LevelCondition","level":"50","match":"lte"}""", true)]
    [InlineData("""{"id":"sentry.rules.conditions.level.LevelCondition","level":"30","match":"lte"}""", false)]
    [InlineData("""{"id":"sentry.rules.filters.age_comparison.AgeComparisonFilter","comparison_type":"older","value":2,"time":"hour"}""", true)]
    [InlineData("""{"id":"sentry.rules.filters.age_comparison.AgeComparisonFilter","comparison_type":"older","value":"3","time":"hour"}""", false)]
    [InlineData("""{"id":"sentry.rules.filters.age_comparison.AgeComparisonFilter","comparison_type":"newer","value":1,"time":"day"}""", true)]
    [InlineData("""{"id":"sentry.rules.filters.age_comparison.AgeComparisonFilter","comparison_type":"newer","value":10,"time":"minute"}""", false)]
    [InlineData("""{"id":"sentry.rules.filters.age_comparison.AgeComparisonFilter","comparison_type":"newer","value":1,"time":"week"}""", true)]
    [InlineData("""{"id":"sentry.rules.filters.issue_occurrences.IssueOccurrencesFilter","value":10}""", true)]
    [InlineData("""{"id":"sentry.rules.filters.issue_occurrences.IssueOccurrencesFilter","value":11}""", false)]
    [InlineData("""{"id":"sentry.rules.filters.assigned_to.AssignedToFilter","targetType":"Unassigned"}""", false)]
    [InlineData("""{"id":"sentry.rules.filters.assigned_to.AssignedToFilter","targetType":"Team","targetIdentifier":3}""", true)]
    [InlineData("""{"id":"sentry.rules.filters.assigned_to.AssignedToFilter","targetType":"Team","targetIdentifier":"4"}""", false)]
    [InlineData("""{"id":"sentry.rules.filters.assigned_to.AssignedToFilter","targetType":"Member","targetIdentifier":"3"}""", false)]
    [InlineData("""{"id":"sentry.rules.filters.issue_category.IssueCategoryFilter","value":1}""", true)]
    [InlineData("""{"id":"sentry.rules.filters.issue_category.IssueCategoryFilter","value":6}""", false)]
    [InlineData("""{"id":"sentry.rules.filters.issue_type.IssueTypeFilter","value":"error"}""", true)]
    [InlineData("""{"id":"sentry.rules.filters.issue_type.IssueTypeFilter","value":"feedback"}""", false)]
    [InlineData("""{"id":"workflow_engine.issue_priority_greater_or_equal","value":75}""", true)]
    [InlineData("""{"id":"workflow_engine.issue_priority_deescalating"}""", false)]
    [InlineData("""{"id":"sentry.rules.conditions.event_frequency.EventFrequencyPercentCondition","value":1,"interval":"5m","comparisonType":"count"}""", false)]
    public void Filters_look_at_the_issue(string condition, bool holds) => Assert.Equal(holds, Holds(condition));

    [Theory]
    [InlineData("first_seen_event.FirstSeenEventCondition", IssueTurn.New)]
    [InlineData("regression_event.RegressionEventCondition", IssueTurn.Regressed)]
    [InlineData("reappeared_event.ReappearedEventCondition", IssueTurn.Reappeared)]
    [InlineData("every_event.EveryEventCondition", IssueTurn.Seen, IssueTurn.New, IssueTurn.Regressed, IssueTurn.Reappeared)]
    [InlineData("high_priority_issue.NewHighPriorityIssueCondition", IssueTurn.New)]
    [InlineData("high_priority_issue.ExistingHighPriorityIssueCondition", IssueTurn.Regressed, IssueTurn.Reappeared)]
    public void Triggers_look_at_what_happened(string id, params IssueTurn[] turns) =>
        Assert.Equal(
            Enum.GetValues<IssueTurn>().Where(turns.Contains),
            Enum.GetValues<IssueTurn>().Where(turn => Holds($$"""{"id":"sentry.rules.conditions.{{id}}"}""", turn)));

    [Fact]
    public void Priority_decides_what_is_high() =>
        Assert.False(Holds("""{"id":"sentry.rules.conditions.high_priority_issue.NewHighPriorityIssueCondition"}""", IssueTurn.New, "medium"));

    [Theory]
    [InlineData(20, 10, 100)]
    [InlineData(15, 10, 50)]
    [InlineData(10, 3, 233)]
    [InlineData(5, 10, 0)]
    [InlineData(7, 0, 700)]
    public void Percents_are_whole_and_never_below_nothing(long recent, long before, long percent) => Assert.Equal(percent, AlertWindows.Percent(recent, before));

    [Theory]
    [InlineData(AlertLogic.Any, "", true)]
    [InlineData(AlertLogic.All, "", true)]
    [InlineData(AlertLogic.None, "", true)]
    [InlineData(AlertLogic.Any, "01", true)]
    [InlineData(AlertLogic.AnyShort, "00", false)]
    [InlineData(AlertLogic.Any, "0?", null)]
    [InlineData(AlertLogic.Any, "1?", true)]
    [InlineData(AlertLogic.All, "11", true)]
    [InlineData(AlertLogic.All, "10", false)]
    [InlineData(AlertLogic.All, "1?", null)]
    [InlineData(AlertLogic.All, "0?", false)]
    [InlineData(AlertLogic.None, "00", true)]
    [InlineData(AlertLogic.None, "01", false)]
    [InlineData(AlertLogic.None, "0?", null)]
    [InlineData(AlertLogic.None, "1?", false)]
    public void Conditions_make_one(AlertLogic logic, string values, bool? expected) =>
        Assert.Equal(expected, AlertLogics.Decide(logic, [.. values.Select(value => value switch { '1' => true, '0' => false, _ => (bool?)null })]));

    /// <summary>None of these asks the database.</summary>
    private static bool Holds(string condition, IssueTurn turn = IssueTurn.Seen, string priority = "high")
    {
        var (read, wrong) = LegacyConditions.Read(Parse(condition));
        Assert.True(read is not null, wrong);
        var issue = new Issue
        {
            Id = 1,
            Category = "error",
            Type = "error",
            Priority = priority,
            FirstSeen = UnixMicroseconds.From(Now - TimeSpan.FromHours(2.5)),
            TimesSeen = 10,
            AssigneeKind = "team",
            AssigneeId = 3,
        };
        var stored = new StoredEvent { Message = "boom", Title = "CartError: cart 17 is empty", Platform = "csharp", Type = "error", Level = "error" };
        return AlertConditions.HoldsAsync(null!, new AlertSubject(new Project(), issue, stored, Parse(Body), turn), read, null, Now).AsTask().GetAwaiter().GetResult()!.Value;
    }

    private static JsonMap Parse(string json) => LenientJson.TryParse(Encoding.UTF8.GetBytes(json), out var value, out var error) ? (JsonMap)value! : throw new FormatException(error);
}

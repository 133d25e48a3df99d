using Vedette.Tracker.Issues;
using Vedette.Tracker.Search;
using Xunit;

namespace Vedette.Tests.Tracker.Search;

/// <summary>From terms to what they mean of issues.</summary>
public sealed class IssueSearchTests
{
    private const long Second = 1_000_000;
    private const long Day = 86_400 * Second;
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly long NowUs = Now.ToUnixTimeSeconds() * Second;

    [Theory]
    [InlineData("unresolved", "Unresolved")]
    [InlineData("muted", "Ignored")]
    [InlineData("regressed", "Unresolved/Regressed")]
    [InlineData("for_review", "Unresolved/New,Escalating,Regressed")]
    [InlineData("[resolved,archived_forever]", "Resolved Ignored/ArchivedForever")]
    public void States_have_names(string value, string states)
    {
        var condition = (StateCondition)One($"is:{value}");

        Assert.Equal(states, string.Join(' ', condition.AnyOf.Select(state => state.Substatuses.Count == 0 ? $"{state.Status}" : $"{state.Status}/{string.Join(',', state.Substatuses)}")));
    }

    [Fact]
    public void Times_are_spans()
    {
        var midnight = NowUs - (Day / 2);

        AssertSpan(NowUs - Day, null, "age:-24h");
        AssertSpan(null, NowUs - (7 * Day) + 1, "firstSeen:+7d");
        AssertSpan(NowUs - (90 * Second), null, "lastSeen:-90s");
        AssertSpan(NowUs - (14 * Day), null, "lastSeen:-2w");
        AssertSpan(midnight, midnight + Day, "firstSeen:2026-03-01");
        AssertSpan(midnight + Day, null, "firstSeen:>2026-03-01");
        AssertSpan(midnight, null, "firstSeen:>=2026-03-01");
        AssertSpan(null, midnight, "firstSeen:<2026-03-01");
        AssertSpan(null, midnight + Day, "firstSeen:<=2026-03-01");
        AssertSpan(NowUs, NowUs + Second, "firstSeen:2026-03-01T12:00:00Z");
        AssertSpan(NowUs, null, "firstSeen:>=2026-03-01T14:00:00+02:00");
        AssertSpan(NowUs + 1, null, "firstSeen:>2026-03-01T12:00:00.000000");

        static void AssertSpan(long? from, long? until, string query) => Assert.Equal((from, until), One(query) is InstantCondition span ? (span.From, span.Until) : default);
    }

    [Fact]
    public void Numbers_are_compared()
    {
        Assert.Equal(new NumberCondition("times_seen", Comparison.Greater, 10, false), One("timesSeen:>10"));
        Assert.Equal(new NumberCondition("times_seen", Comparison.LessOrEqual, 3, true), One("!times_seen:<=3"));
        Assert.Equal(new NumberCondition("is_unhandled", Comparison.Equal, 1, false), One("error.unhandled:true"));
        Assert.Equal(new NumberCondition("is_unhandled", Comparison.Equal, 1, false), One("error.handled:0"));
    }

    [Fact]
    public void Other_names_are_tags()
    {
        Assert.Equal(("color", "blue"), Tag("color:blue"));
        Assert.Equal(("level", "high"), Tag("tags[level]:high"));
        Assert.Equal(("@user.email", "a@b.example"), Tag("user.email:a@b.example"));
        Assert.Equal(("@error.type", ">5"), Tag("error.type:>5"));
        Assert.Equal(("user", "id:7"), Tag("user.id:7"));
        Assert.Equal(("@user.email", 0, false), Has("has:user.email"));
        Assert.Equal(("color", 0, true), Has("!has:color"));
        Assert.Equal(("color", 0, true), Has("color:\"\""));
        Assert.Equal(("color", 0, false), Has("!color:\"\""));

        static (string, string) Tag(string query) => One(query) is TagCondition { AnyOf: [var value] } tag ? (tag.Key, value.Text) : default;
        static (string, int, bool) Has(string query) => One(query) is TagCondition tag ? (tag.Key, tag.AnyOf.Count, tag.IsNegated) : default;
    }

    [Fact]
    public void Issues_are_named_by_number_and_by_short_id()
    {
        var condition = (IdentityCondition)One("issue:[7,WEB-2F,my-shop-z]");

        Assert.Equal([7], condition.Ids);
        Assert.Equal([("web", 79), ("my-shop", 31)], condition.ShortIds);
    }

    [Theory]
    [InlineData("4c79f60c11214eb38604f4ae0781bfb2", "4c79f60c11214eb38604f4ae0781bfb2")]
    [InlineData(" 4C79F60C-1121-4EB3-8604-F4AE0781BFB2 ", "4c79f60c11214eb38604f4ae0781bfb2")]
    [InlineData("4c79f60c11214eb38604f4ae0781bfb2 x", null)]
    [InlineData("4c79f60c11214eb38604f4ae0781bfb", null)]
    [InlineData("event.id:4c79f60c11214eb38604f4ae0781bfb2", null)]
    public void An_events_id_alone_means_that_event(string query, string? eventId) => Assert.Equal(eventId, Parse(query).EventId);

    [Theory]
    [InlineData("x is:nonsense", 3, "is: takes unresolved, resolved, ")]
    [InlineData("is:unres*", 1, "is: takes ")]
    [InlineData("level:loud", 1, "level: takes sample, debug, info, warning, error, fatal")]
    [InlineData("issue.priority:[low,huge]", 1, "issue.priority: takes low, medium, high")]
    [InlineData("timesSeen:many", 1, "timesSeen: takes a number, ")]
    [InlineData("timesSeen:[1,2]", 1, "timesSeen: takes a number, ")]
    [InlineData("timesSeen:>99999999999999999999", 1, "timesSeen: takes a number, ")]
    [InlineData("age:24h", 1, "age: takes a time, ")]
    [InlineData("age:-24y", 1, "age: takes a time, ")]
    [InlineData("age:-9999999d", 1, "age: takes a time, ")]
    [InlineData("lastSeen:yesterday", 1, "lastSeen: takes a time, ")]
    [InlineData("lastSeen:1795000000", 1, "lastSeen: takes a time, ")]
    [InlineData("issue:nothing", 1, "issue: takes the number of an issue")]
    [InlineData("has:[a,b]", 1, "has: takes the name of one tag")]
    [InlineData("a b:[x,\"\"]", 3, "an empty value cannot be one of several")]
    [InlineData("error.unhandled:maybe", 1, "error.unhandled: takes true or false")]
    public void A_value_that_means_nothing_is_refused_by_name(string query, int position, string problem)
    {
        Assert.False(IssueSearch.TryParse(query, Now, static _ => null, out var search, out var error));

        Assert.Null(search);
        Assert.Equal(position, error.Position);
        Assert.StartsWith(problem, error.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "Unresolved Resolved Ignored")]
    [InlineData("is:unresolved", "Unresolved")]
    [InlineData("is:regressed", "Unresolved")]
    [InlineData("is:[new,muted]", "Unresolved Ignored")]
    [InlineData("!is:resolved", "Unresolved Ignored")]
    [InlineData("!is:new", "Unresolved Resolved Ignored")]
    [InlineData("is:unresolved !is:unresolved", "")]
    public void Only_the_statuses_that_can_match_are_looked_at(string query, string statuses) =>
        Assert.Equal(statuses, string.Join(' ', new IssueQuery { OrganizationId = 1, Conditions = Parse(query).Conditions }.Statuses));

    private static IssueCondition One(string query) => Assert.Single(Parse(query).Conditions);

    private static IssueSearch Parse(string query)
    {
        Assert.True(IssueSearch.TryParse(query, Now, static _ => null, out var search, out var error), error?.ToString());
        return search;
    }
}

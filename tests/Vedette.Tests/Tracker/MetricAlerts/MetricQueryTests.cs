using Vedette.Tracker.MetricAlerts;
using Xunit;

namespace Vedette.Tests.Tracker.MetricAlerts;

/// <summary>Which events a metric alert counts.</summary>
public sealed class MetricQueryTests
{
    private const string Event = """
        {"platform":"csharp","level":"error","release":"shop@1.2.0","environment":"prod","transaction":"/cart",
         "tags":{"color":"blue","empty":"x"},"user":{"id":"7","email":"ada@example.org"},
         "exception":{"values":[{"type":"TypeError","value":"cart 17 is empty","mechanism":{"type":"x","handled":false}}]}}
        """;

    [Theory]
    [InlineData("", true)]
    [InlineData("level:error", true)]
    [InlineData("level:ERROR", true)]
    [InlineData("!level:error", false)]
    [InlineData("level:[info, error]", true)]
    [InlineData("color:blue", true)]
    [InlineData("color:Blue", false)]
    [InlineData("color:B*", true)]
    [InlineData("color:red", false)]
    [InlineData("!color:red", true)]
    [InlineData("color:[red, blue]", true)]
    [InlineData("tags[color]:blue", true)]
    [InlineData("size:1", false)]
    [InlineData("!size:1", true)]
    [InlineData("size:\"\"", true)]
    [InlineData("color:\"\"", false)]
    [InlineData("has:color", true)]
    [InlineData("has:size", false)]
    [InlineData("!has:size", true)]
    [InlineData("release:shop@1.2.0", true)]
    [InlineData("release:shop@1.*", true)]
    [InlineData("release:*2.0", true)]
    [InlineData("release:*1*0", true)]
    [InlineData("release:*1*1", false)]
    [InlineData("environment:prod platform:csharp", true)]
    [InlineData("environment:dev platform:csharp", false)]
    [InlineData("user.id:7", true)]
    [InlineData("user.id:8", false)]
    [InlineData("user.email:*@example.org", true)]
    [InlineData("error.type:TypeError", true)]
    [InlineData("error.type:Type*", true)]
    [InlineData("error.type:KeyError", false)]
    [InlineData("error.unhandled:true", true)]
    [InlineData("error.handled:true", false)]
    [InlineData("event.type:error", true)]
    [InlineData("event.type:default", false)]
    [InlineData("title:\"TypeError: cart 17 is empty\"", true)]
    [InlineData("title:TypeError*", true)]
    [InlineData("title:TypeError", false)]
    [InlineData("cart", true)]
    [InlineData("CART", true)]
    [InlineData("\"17 is\"", true)]
    [InlineData("\"17 was\"", false)]
    [InlineData("c*empty", true)]
    public void A_query_is_asked_of_one_event(string text, bool fits)
    {
        Assert.True(MetricQuery.TryParse(text, out var query, out _));

        Assert.Equal(fits, query.Fits(QueriedEvent.Of(Events.Normalize(Event))));
    }

    [Theory]
    [InlineData("is:unresolved", "is: is about issues, and metric alerts count events (at character 1)")]
    [InlineData("color:blue assigned:me", "assigned: is about issues, and metric alerts count events (at character 12)")]
    [InlineData("timesSeen:>10", "timesSeen: is about issues, and metric alerts count events (at character 1)")]
    [InlineData("release:latest", "release:latest changes with every release; name a release, or one with a star (at character 1)")]
    [InlineData("has:[a, b]", "has: takes the name of one tag (at character 1)")]
    [InlineData("error.handled:maybe", "error.handled: takes true or false (at character 1)")]
    [InlineData("color:[blue", "the list is not closed by ] (at character 7)")]
    public void What_one_event_cannot_answer_is_refused(string text, string problem)
    {
        Assert.False(MetricQuery.TryParse(text, out _, out var error));

        Assert.Equal($"Error parsing search query: {problem}", error.ToString());
    }
}

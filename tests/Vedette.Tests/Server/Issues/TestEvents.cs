using System.Globalization;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Server.Issues;

internal static class TestEvents
{
    /// <summary>An issue a message, seen in the order given.</summary>
    public static async Task SendMessagesAsync(this VedetteApp app, params string[] messages)
    {
        foreach (var message in messages)
        {
            var json = System.Text.Json.JsonSerializer.Serialize(message);
            await app.SendAsync($$"""{"message":{{json}},"fingerprint":[{{json}}]}""");
            (app.Time as FakeClock)?.Advance(TimeSpan.FromSeconds(1));
        }
    }

    public static async Task SendAsync(this VedetteApp app, string eventJson)
    {
        var answer = await app.SendEventAsync(eventJson);
        Assert.Equal(200, answer.Status);
    }

    /// <summary>An error that groups with all others of this method.</summary>
    public static string Boom(string more = "") =>
        $$$"""{"platform":"csharp","fingerprint":["boom"],"exception":{"values":[{"type":"E","value":"boom"}]}{{{more}}}}""";

    public static string At(DateTimeOffset instant) => $",\"timestamp\":{(instant.ToUnixTimeMilliseconds() / 1000.0).ToString(CultureInfo.InvariantCulture)}";
}

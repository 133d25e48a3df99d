using Vedette.Wire.Json;

namespace Vedette.Tracker.Ingest;

/// <summary>The payload's plain texts, each with the rule that it has to obey.</summary>
internal sealed class EventText(JsonMap payload, EventErrors errors)
{
    public string? Release => Checked("release", EventLimits.Release, static text => !text.Any(char.IsControl));

    public string? Dist => Checked("dist", EventLimits.Dist, static text => text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-'));

    public string? Logger => Checked("logger", EventLimits.Logger, Anything);

    public string? Transaction => Checked("transaction", EventLimits.Transaction, Anything);

    public string? ServerName => Checked("server_name", EventLimits.ServerName, Anything);

    public string? Site => Checked("site", EventLimits.TagValue, Anything);

    public string? Checksum => Checked("checksum", EventLimits.Message, Anything);

    public string Platform => Checked("platform", EventLimits.Platform, Anything)?.ToLowerInvariant() ?? "other";

    /// <summary>SDKs that know no environment send it as a tag, which then moves here.</summary>
    public string? Environment(EventTags tags)
    {
        var environment = Checked("environment", EventLimits.Environment, IsEnvironment);
        if (environment is null && tags["environment"] is { } tag && IsEnvironment(tag))
            environment = EventLimits.Cut(tag, EventLimits.Environment);
        tags.Remove("environment");
        return environment;
    }

    private static bool IsEnvironment(string text) => !text.Any(static c => c == '/' || char.IsControl(c));

    private static bool Anything(string text) => true;

    /// <returns><c>null</c> when absent, empty, of another type or against the rule.</returns>
    private string? Checked(string name, int max, Func<string, bool> rule)
    {
        var value = payload[name];
        if (value is null)
            return null;

        var text = value is string given ? EventLimits.Cut(given.Trim(), max).TrimEnd() : null;
        if (text is not null && rule(text))
            return text.Length == 0 ? null : text;

        errors.InvalidData(name);
        return null;
    }
}

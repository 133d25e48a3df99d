namespace Vedette.Tracker.Ingest;

internal static class EventLevels
{
    public static EventLevel Of(object? given, EventErrors errors)
    {
        if (given is null)
            return EventLevel.Error;

        if (Parse(given) is { } level)
            return level;

        errors.InvalidData("level");
        return EventLevel.Error;
    }

    public static string Text(EventLevel level) => level switch
    {
        EventLevel.Sample => "sample",
        EventLevel.Debug => "debug",
        EventLevel.Info => "info",
        EventLevel.Warning => "warning",
        EventLevel.Error => "error",
        EventLevel.Fatal => "fatal",
    };

    /// <summary>Loggers say "log", "warn" and "critical" for levels that have other names here; Python's numbers are ours.</summary>
    private static EventLevel? Parse(object given) => given switch
    {
        10.0 => EventLevel.Debug,
        20.0 => EventLevel.Info,
        30.0 => EventLevel.Warning,
        40.0 => EventLevel.Error,
        50.0 => EventLevel.Fatal,
        string { Length: <= 16 } text => text.Trim().ToLowerInvariant() switch
        {
            "fatal" or "critical" => EventLevel.Fatal,
            "error" => EventLevel.Error,
            "warning" or "warn" => EventLevel.Warning,
            "info" or "log" => EventLevel.Info,
            "debug" => EventLevel.Debug,
            "sample" => EventLevel.Sample,
            _ => null,
        },
        _ => null,
    };
}

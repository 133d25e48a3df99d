using Vedette.Wire.Json;

namespace Vedette.Tracker.Ingest;

internal static class ThreadValues
{
    private static readonly MemberShape Thread = new(
        ("id", MemberKind.Scalar),
        ("name", MemberKind.Text),
        ("crashed", MemberKind.Truth),
        ("current", MemberKind.Truth),
        ("main", MemberKind.Truth),
        ("state", MemberKind.Text));

    public static List<JsonMap> Read(object? given, EventErrors errors)
    {
        var threads = ValueLists.Read(given, "threads", loneElement: false, errors);
        if (threads.Count > EventLimits.Threads)
        {
            // The one that crashed says more than any number of idle ones.
            threads = [.. threads.OrderBy(t => t["crashed"] is true ? 0 : t["current"] is true ? 1 : 2).Take(EventLimits.Threads)];
        }

        return threads.ConvertAll(thread => Read(thread, errors));
    }

    private static JsonMap Read(JsonMap given, EventErrors errors)
    {
        const string Path = "threads.values";
        var stored = new JsonMap();
        foreach (var (name, value) in Thread.Fit(given, Path, errors).Members)
            stored[name] = name == "stacktrace" ? StackTraces.Read(value, $"{Path}.stacktrace", errors) : value;
        return stored;
    }
}

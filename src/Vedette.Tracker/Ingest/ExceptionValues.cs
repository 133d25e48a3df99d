using Vedette.Wire.Json;

namespace Vedette.Tracker.Ingest;

/// <summary>The chain of exceptions, oldest cause first; the last one is what was thrown last.</summary>
internal static class ExceptionValues
{
    private static readonly MemberShape Value = new(
        ("type", MemberKind.Text),
        ("module", MemberKind.Text),
        ("thread_id", MemberKind.Scalar),
        ("mechanism", MemberKind.Map));

    private static readonly MemberShape Mechanism = new(
        ("type", MemberKind.Text),
        ("handled", MemberKind.Truth),
        ("synthetic", MemberKind.Truth),
        ("is_exception_group", MemberKind.Truth),
        ("exception_id", MemberKind.Number),
        ("parent_id", MemberKind.Number));

    public static List<JsonMap> Read(object? given, EventErrors errors)
    {
        var values = ValueLists.Read(given, "exception", loneElement: true, errors);
        return EventLimits.WithoutMiddle(values, EventLimits.Exceptions).ConvertAll(value => Read(value, errors));
    }

    private static JsonMap Read(JsonMap given, EventErrors errors)
    {
        const string Path = "exception.values";
        var stored = new JsonMap();
        foreach (var (name, value) in Value.Fit(given, Path, errors).Members)
        {
            stored[name] = (name, value) switch
            {
                ("type", string type) => EventLimits.Cut(type, EventLimits.ExceptionType),
                ("value", not null) => EventLimits.Cut(JsonText.Of(value), EventLimits.ExceptionValue),
                ("mechanism", JsonMap mechanism) => Mechanism.Fit(mechanism, $"{Path}.mechanism", errors),
                ("stacktrace", _) => StackTraces.Read(value, $"{Path}.stacktrace", errors),
                _ => value,
            };
        }

        return stored;
    }

    /// <summary>The last one, unless the SDK names another by <c>main_exception_id</c>. <c>null</c> when there is none.</summary>
    public static JsonMap? Main(List<JsonMap> exceptions, object? mainId)
    {
        if (mainId is double id && exceptions.FindLast(e => e.Map("mechanism")?["exception_id"] is double own && own == id) is { } named)
            return named;

        return exceptions.Count == 0 ? null : exceptions[^1];
    }

    /// <summary>One unhandled exception makes the event unhandled.</summary>
    public static bool? Handled(List<JsonMap> exceptions)
    {
        bool? handled = null;
        foreach (var exception in exceptions)
        {
            if (exception.Map("mechanism")?["handled"] is bool said)
                handled = said && handled is not false;
        }

        return handled;
    }
}

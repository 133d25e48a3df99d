using Vedette.Wire.Json;

namespace Vedette.Tracker.Grouping;

/// <summary>Where it happened: of the stack that counts, the last frame of the application's own code, else the last one.</summary>
internal static class CrashFrame
{
    public static JsonMap? Of(GroupingSubject subject)
    {
        // An exception without a stack usually wraps one that has it.
        var stack = subject.MainException?.Map("stacktrace")
            ?? subject.Exceptions.FindLast(e => e.Map("stacktrace") is not null)?.Map("stacktrace");
        if (subject.Exceptions.Count == 0)
            stack = subject.Stacktrace ?? Thread(subject.Threads)?.Map("stacktrace");
        return stack is null ? null : Of(stack);
    }

    /// <summary>The single crashed thread, else the single current one, else the only one.</summary>
    public static JsonMap? Thread(List<JsonMap> threads) =>
        Single(threads, static thread => thread["crashed"] is true)
        ?? Single(threads, static thread => thread["current"] is true)
        ?? Single(threads, static _ => true);

    private static JsonMap? Of(JsonMap stack)
    {
        JsonMap? last = null;
        JsonMap? lastInApp = null;
        foreach (var frame in stack.List("frames")!.OfType<JsonMap>())
        {
            last = frame;
            if (frame["in_app"] is true)
                lastInApp = frame;
        }

        return lastInApp ?? last;
    }

    private static JsonMap? Single(List<JsonMap> threads, Func<JsonMap, bool> wanted)
    {
        JsonMap? found = null;
        foreach (var thread in threads)
        {
            if (!wanted(thread))
                continue;
            if (found is not null)
                return null;
            found = thread;
        }

        return found;
    }
}

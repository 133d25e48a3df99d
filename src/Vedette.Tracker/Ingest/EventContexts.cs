using Vedette.Wire.Json;

namespace Vedette.Tracker.Ingest;

/// <summary>Objects that describe where the event happened.</summary>
internal static class EventContexts
{
    /// <summary>Kept before an application's own contexts when there is no room for all.</summary>
    private static readonly string[] First = ["trace", "runtime", "os", "browser", "device", "app", "response", "culture"];

    public static JsonMap? Read(object? given, EventErrors errors)
    {
        if (given is not JsonMap map)
        {
            if (given is not null)
                errors.InvalidData("contexts");
            return null;
        }

        var contexts = new JsonMap();
        foreach (var (name, value) in map.Members)
        {
            if (value is JsonMap context)
                contexts[name] = Typed(name, context);
            else if (value is not null)
                errors.InvalidData($"contexts.{EventLimits.Cut(name, EventLimits.TagKey)}");
        }

        return contexts.Count == 0 ? null : contexts;
    }

    /// <summary>What <see cref="Read"/> gave, within <see cref="EventLimits.ContextsBytes"/>; feedback has its own limit.</summary>
    public static JsonMap? Store(JsonMap? contexts, EventErrors errors)
    {
        if (contexts is null)
            return null;

        var budget = new SizeBudget(EventLimits.ContextsBytes);
        var kept = new Dictionary<string, object?>();
        foreach (var name in First.Where(contexts.Contains).Concat(contexts.Members.Select(m => m.Key).Except(First)))
            kept[name] = name == "feedback" ? Feedback(contexts.Map(name)!) : budget.Take(contexts[name]);
        if (budget.WasExceeded)
            errors.TooLong("contexts");

        var stored = new JsonMap();
        foreach (var (name, _) in contexts.Members)
        {
            if (kept[name] is JsonMap { Count: > 0 } context)
                stored[name] = context;
        }

        return stored.Count == 0 ? null : stored;
    }

    /// <summary>A form asks for texts; what else an SDK adds here is not shown anywhere.</summary>
    private static JsonMap Feedback(JsonMap given)
    {
        var feedback = new JsonMap();
        foreach (var (name, value) in given.Members)
        {
            if (value is string text)
                feedback[name] = EventLimits.Cut(text, name == "message" ? EventLimits.FeedbackMessage : EventLimits.UserMember);
        }

        return feedback;
    }

    private static JsonMap Typed(string name, JsonMap context)
    {
        if (context["type"] is not null)
            return context;

        var typed = new JsonMap();
        foreach (var (member, value) in context.Members)
            typed[member] = value;
        typed["type"] = name;
        return typed;
    }
}

using Vedette.Wire.Json;

namespace Vedette.Tracker.Ingest;

/// <summary>Members that are only kept for people to read, and the fingerprint; each within its bounds, <c>null</c> when nothing is left.</summary>
internal static class EventExtras
{
    /// <summary>The last ones: what happened just before.</summary>
    public static JsonMap? Breadcrumbs(object? given, EventErrors errors)
    {
        var crumbs = ValueLists.Read(given, "breadcrumbs", loneElement: false, errors);
        if (crumbs.Count > EventLimits.Breadcrumbs)
            crumbs = crumbs[^EventLimits.Breadcrumbs..];
        return ValueLists.Store(given, crumbs);
    }

    public static JsonMap? Extra(JsonMap? given, EventErrors errors)
    {
        if (given is not { Count: > 0 })
            return null;

        var budget = new SizeBudget(EventLimits.ExtraBytes);
        var kept = (JsonMap?)budget.Take(given);
        if (budget.WasExceeded)
            errors.TooLong("extra");
        return kept;
    }

    public static JsonMap? Modules(JsonMap? given, EventErrors errors)
    {
        var modules = new JsonMap();
        foreach (var (name, value) in given?.Members.Take(EventLimits.Modules) ?? [])
        {
            if (JsonText.OfScalar(value) is { } version)
                modules[name] = version;
            else if (value is not null)
                errors.InvalidData("modules");
        }

        return modules.Count == 0 ? null : modules;
    }

    /// <summary>Without the client's address, which some SDKs put here and which must not reach webhooks.</summary>
    public static JsonMap? Sdk(JsonMap? given)
    {
        if (given is not { Count: > 0 })
            return null;

        var sdk = new JsonMap();
        foreach (var (name, value) in given.Members)
        {
            if (name != "client_ip")
                sdk[name] = value;
        }

        return sdk.Count == 0 ? null : sdk;
    }

    public static List<string> Fingerprint(List<object?>? given, EventErrors errors)
    {
        var fingerprint = new List<string>();
        foreach (var item in given?.Take(EventLimits.Fingerprint) ?? [])
        {
            if (JsonText.OfScalar(item) is { } text)
                fingerprint.Add(text);
            else if (item is not null)
                errors.InvalidData("fingerprint");
        }

        return fingerprint;
    }
}

namespace Vedette.Wire;

/// <summary>Why a receiver gets an event.</summary>
public enum HookReach
{
    /// <summary>The app lists the resource or the single event.</summary>
    Subscription,

    /// <summary>An alert names the app as its action.</summary>
    Alert,

    /// <summary>The app itself was installed or uninstalled.</summary>
    Lifecycle,

    /// <summary>A service hook of the project lists it; apps cannot.</summary>
    ServiceHook,
}

/// <param name="RequiredScope">What an app must hold to subscribe; <c>null</c> when it cannot subscribe.</param>
/// <param name="Trigger">One sentence for documents and help texts.</param>
public sealed record CatalogueEntry(string Resource, string Action, HookReach Reach, string? RequiredScope, string Trigger)
{
    /// <summary>As stored in subscriptions and shown in logs: <c>issue.created</c>.</summary>
    public string Name { get; } = $"{Resource}.{Action}";
}

/// <summary>
/// Every event that can be sent (<c>spec/webhooks.md</c> 1.1). Subscriptions, validation, documents and tests read this
/// table; what is not in it is not sent.
/// </summary>
public static class EventCatalogue
{
    private const string EventRead = "event:read";
    private const string ProjectRead = "project:read";

    public static IReadOnlyList<CatalogueEntry> All { get; } =
    [
        new("installation", "created", HookReach.Lifecycle, null, "An app was installed in an organization."),
        new("installation", "deleted", HookReach.Lifecycle, null, "An app was uninstalled."),
        new("issue", "assigned", HookReach.Subscription, EventRead, "An issue was assigned to a user or a team."),
        new("issue", "created", HookReach.Subscription, EventRead, "The first event of a new issue was received."),
        new("issue", "ignored", HookReach.Subscription, EventRead, "An issue was archived."),
        new("issue", "resolved", HookReach.Subscription, EventRead, "An issue was resolved."),
        new("issue", "unresolved", HookReach.Subscription, EventRead, "An issue was reopened, regressed or escalated."),
        new("error", "created", HookReach.Subscription, EventRead, "An error event was received."),
        new("comment", "created", HookReach.Subscription, EventRead, "A comment was added to an issue."),
        new("comment", "deleted", HookReach.Subscription, EventRead, "A comment was deleted."),
        new("comment", "updated", HookReach.Subscription, EventRead, "A comment was edited."),
        new("event_alert", "triggered", HookReach.Alert, null, "An issue alert with this app as its action fired."),
        new("metric_alert", "critical", HookReach.Alert, null, "A metric alert became critical."),
        new("metric_alert", "open", HookReach.Alert, null, "A metric alert's incident was opened by hand."),
        new("metric_alert", "resolved", HookReach.Alert, null, "A metric alert was resolved."),
        new("metric_alert", "warning", HookReach.Alert, null, "A metric alert became a warning."),
        new("activity_alert", "triggered", HookReach.Alert, null, "A workflow fired by an issue's activity named this app."),
        new("seer", "coding_completed", HookReach.Subscription, EventRead, "An agent's run finished coding."),
        new("seer", "coding_started", HookReach.Subscription, EventRead, "An agent's run started coding."),
        new("seer", "iteration_completed", HookReach.Subscription, EventRead, "An agent's run finished an iteration."),
        new("seer", "iteration_started", HookReach.Subscription, EventRead, "An agent's run started an iteration."),
        new("seer", "pr_created", HookReach.Subscription, EventRead, "An agent's run opened a pull request."),
        new("seer", "root_cause_completed", HookReach.Subscription, EventRead, "An agent's run found a root cause."),
        new("seer", "root_cause_started", HookReach.Subscription, EventRead, "An agent's run started looking for a root cause."),
        new("seer", "solution_completed", HookReach.Subscription, EventRead, "An agent's run proposed a solution."),
        new("seer", "solution_started", HookReach.Subscription, EventRead, "An agent's run started to work on a solution."),
        new("preprod_artifact", "build_distribution_completed", HookReach.Subscription, ProjectRead, "A mobile build became available or failed."),
        new("preprod_artifact", "size_analysis_completed", HookReach.Subscription, ProjectRead, "The size analysis of a mobile build ended."),
        new("event", "alert", HookReach.ServiceHook, null, "An alert rule fired for an event."),
        new("event", "created", HookReach.ServiceHook, null, "An event was received and stored."),
    ];

    /// <summary>Resources that an app may list in <c>events</c>.</summary>
    public static IReadOnlyList<string> SubscribableResources { get; } =
        [.. All.Where(e => e.Reach == HookReach.Subscription).Select(e => e.Resource).Distinct(StringComparer.Ordinal)];

    /// <summary>Single events that a service hook may list, sorted.</summary>
    public static IReadOnlyList<string> OfServiceHooks { get; } =
        [.. All.Where(e => e.Reach == HookReach.ServiceHook).Select(e => e.Name).Order(StringComparer.Ordinal)];

    /// <summary>Whether who subscribes to it may want it of some projects only (<c>spec/webhooks.md</c> 3.1); other events come from every project.</summary>
    public static bool IsOfProjects(string eventName) =>
        eventName is "issue.created" or "error.created" || OfServiceHooks.Contains(eventName, StringComparer.Ordinal);

    /// <summary>
    /// An older name of <c>issue.ignored</c>: an app that stored it, and not the newer one, gets the event under the old
    /// action (<c>spec/webhooks.md</c> 1.1).
    /// </summary>
    public const string LegacyArchived = "issue.archived";

    /// <summary>
    /// Resources and single events, mixed, become the sorted list of single events that is stored. On <c>false</c>,
    /// <paramref name="unknown"/> holds the names that are no subscribable resource or event, as they were given.
    /// </summary>
    public static bool TryExpand(IEnumerable<string> names, out IReadOnlyList<string> expanded, out IReadOnlyList<string> unknown)
    {
        var known = new SortedSet<string>(StringComparer.Ordinal);
        var bad = new List<string>();
        foreach (var name in names)
        {
            var matches = All.Where(e => e.Reach == HookReach.Subscription && (e.Resource == name || e.Name == name)).ToList();
            if (matches.Count > 0)
                known.UnionWith(matches.Select(e => e.Name));
            else if (name == LegacyArchived)
                known.Add(name);
            else
                bad.Add(name);
        }

        (expanded, unknown) = ([.. known], bad);
        return bad.Count == 0;
    }

    /// <summary>The resources of stored single events, each once, in the order of the stored list.</summary>
    public static IReadOnlyList<string> RollUp(IEnumerable<string> stored) =>
        [.. stored.Select(ResourceOf).Distinct(StringComparer.Ordinal)];

    public static string ResourceOf(string eventName) => eventName[..eventName.IndexOf('.', StringComparison.Ordinal)];

    public static string? RequiredScope(string eventName) =>
        eventName == LegacyArchived ? EventRead : All.FirstOrDefault(e => e.Name == eventName)?.RequiredScope;
}

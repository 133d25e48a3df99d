using Vedette.Storage;
using Vedette.Tracker.Issues;

namespace Vedette.Tracker.Alerts;

/// <summary>What became of an action when its rule fired. Its name stands in the list of firings.</summary>
public enum AlertOutcome
{
    /// <summary>Handed over: to the deliveries of the app, or to the mail.</summary>
    Sent,

    /// <summary>The app is in the organization no more, or its installation waits to be confirmed.</summary>
    MissingInstallation,

    /// <summary>The app has no webhook URL.</summary>
    NoWebhookUrl,

    /// <summary>No app that takes alerts has the slug any more.</summary>
    MissingService,

    /// <summary>The mail would have gone to nobody.</summary>
    NoRecipients,

    /// <summary>The project has no such plugin: there are none.</summary>
    NoPlugin,
}

/// <summary>Something was done to an issue, instead of an event.</summary>
/// <param name="Type">As <c>activity_alert</c> names it: <c>status_resolved</c>.</param>
public sealed record AlertActivity(string Type, IssueActor By);

/// <summary>One action of a rule that fires.</summary>
/// <param name="Activity"><c>null</c> when an event made it fire.</param>
/// <param name="IsTest">Somebody tries the rule; whoever is told can see that.</param>
public sealed record AlertCall(AlertRule Rule, AlertAction Action, AlertSubject Subject, AlertActivity? Activity, bool IsTest);

/// <summary>
/// What alerts do. The tracker knows neither apps nor mail, so the host says here how an action is done, in the transaction in
/// which the rule fires.
/// </summary>
public sealed record AlertOutlets(Func<Transaction, AlertCall, Task<AlertOutcome>> RunAsync);

using Vedette.Engine.Deliveries;
using Vedette.Engine.DeliveryLog;
using Vedette.Wire.Json;

namespace Vedette.Server.Components;

/// <summary>One request to an app.</summary>
/// <param name="Event">Its name in the request log (<c>spec/platform-api.md</c> 1.10).</param>
/// <param name="Url">See <see cref="ComponentUrl"/>; <c>null</c> when the app can have none.</param>
/// <param name="Body">Empty for a GET.</param>
internal sealed record AppCall(string Event, HttpMethod Method, Uri? Url, byte[] Body)
{
    public const string OptionsRequested = "select_options.requested";
    public const string IssueCreated = "external_issue.created";
    public const string IssueLinked = "external_issue.linked";
    public const string AlertActionRequested = "alert_rule_action.requested";

    /// <summary>All that the log knows, also those that only Sentry writes.</summary>
    public static IReadOnlyList<string> Events { get; } = [IssueCreated, IssueLinked, OptionsRequested, AlertActionRequested, "alert_rule_action.error"];
}

/// <summary>What came of it.</summary>
/// <param name="Reason">One line, for the log: it may name addresses.</param>
/// <param name="Status"><c>null</c> when there was no response.</param>
/// <param name="Body">As far as it was read.</param>
/// <param name="IsWhole">It was read to its end.</param>
internal sealed record AppAnswer(AttemptOutcome Outcome, string Reason, string RequestId, int? Status, byte[] Body, bool IsWhole)
{
    /// <summary>A redirect is none by itself (<c>spec/platform-api.md</c> 4.2), but there is hardly an answer in it.</summary>
    public bool IsFailure => LoggedAttempt.IsFailureOf(Outcome);

    /// <summary>For whoever asked. A blocked address reads like one where nobody answers.</summary>
    public string PublicReason => (Outcome, Status) switch
    {
        (_, { } status) => $"the app answered {status}",
        (AttemptOutcome.Timeout, null) => $"the app did not answer within {AppCaller.Limit.TotalSeconds:0} seconds",
        _ => "the app could not be reached",
    };

    /// <returns><c>false</c> with the reason when it is no JSON, or more than is read of one.</returns>
    public bool TryReadJson(out object? value, out string? wrong)
    {
        value = null;
        wrong = IsWhole ? null : $"the response is larger than {AppCaller.MostBody / 1024} KiB";
        if (wrong is not null)
            return false;
        if (LenientJson.TryParse(Body, out value, out var error))
            return true;

        wrong = $"the response is no JSON: {error}";
        return false;
    }
}

/// <summary>An app did not do its part. It is said to whoever asked, in Sentry's words and with the reason beside them.</summary>
/// <param name="Reason">Ours, and never the app's own text.</param>
internal sealed record AppFailure(int Status, string Detail, string Reason)
{
    public void Write(StableJsonWriter json)
    {
        json.StartObject();
        json.Name("detail"u8);
        json.Value(Detail);
        json.Name("context"u8);
        json.StartObject();
        json.Name("reason"u8);
        json.Value(Reason);
        json.EndObject();
        json.EndObject();
    }
}

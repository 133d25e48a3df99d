namespace Vedette.Tracker;

/// <summary>URLs of things: absolute, as API answers and webhooks carry them, but for <see cref="Local"/>.</summary>
/// <param name="baseUrl">Without a final slash.</param>
public sealed class Links(string baseUrl)
{
    private readonly string prefix = new Uri(baseUrl).AbsolutePath.TrimEnd('/');

    public string BaseUrl => baseUrl;

    /// <summary>People come by https, be it to a proxy before this server.</summary>
    public bool IsSecure { get; } = baseUrl.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    /// <summary>As our own pages name what this server has, by whatever name the browser knows the server.</summary>
    /// <param name="path">As routes have it; a proxy before this server may have put more before it.</param>
    public string Local(string path) => $"{prefix}{path}";

    public string IssueApi(string organization, long issue) => $"{baseUrl}/api/0/organizations/{organization}/issues/{issue}/";

    public string IssueWeb(string organization, long issue) => $"{baseUrl}/organizations/{organization}/issues/{issue}/";

    public string ProjectIssuesWeb(string organization, long project) => $"{baseUrl}/organizations/{organization}/issues/?project={project}";

    public string EventApi(string organization, string project, string eventId) =>
        $"{baseUrl}/api/0/projects/{organization}/{project}/events/{eventId}/";

    public string EventWeb(string organization, long issue, string eventId) => $"{IssueWeb(organization, issue)}events/{eventId}/";

    public string WorkflowApi(string organization, long workflow) => $"{baseUrl}/api/0/organizations/{organization}/workflows/{workflow}/";

    public string WorkflowWeb(string organization, long workflow) => $"{baseUrl}/organizations/{organization}/monitors/alerts/{workflow}/";

    /// <param name="detection"><c>static</c> or <c>percent</c>.</param>
    public string IncidentWeb(string organization, long rule, long identifier, string detection) =>
        $"{baseUrl}/organizations/{organization}/alerts/rules/details/{rule}/?alert={identifier}&referrer=metric_alert_sentry_app&detection_type={detection}";

    public string AppSettingsWeb(string organization, string app) => $"{baseUrl}/settings/{organization}/developer-settings/{app}/";

    /// <summary>Where an invite is accepted.</summary>
    public string AcceptWeb(long member, string token) => $"{baseUrl}/accept/{member}/{token}/";

    /// <summary>What an SDK is configured with: <c>spec/domain.md</c> 1.1. Its path prefix, if any, survives.</summary>
    public string Dsn(string publicKey, long project)
    {
        var at = baseUrl.IndexOf("://", StringComparison.Ordinal) + 3;
        return $"{baseUrl[..at]}{publicKey}@{baseUrl[at..]}/{project}";
    }
}

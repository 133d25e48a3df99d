using Vedette.Wire.Json;

namespace Vedette.Server.Audit;

/// <summary>Names of what the log records. They are Sentry's, and part of the data.</summary>
internal static class AuditEvents
{
    /// <summary>By the system: its receiver counts as broken. Data <c>{name}</c>; the target is the organization.</summary>
    public const string InternalIntegrationDisabled = "INTERNAL_INTEGRATION_DISABLED";

    /// <summary>Data <c>{slug, name}</c>.</summary>
    public const string OrganizationAdded = "ORG_ADD";

    /// <inheritdoc cref="OrganizationAdded"/>
    public const string OrganizationChanged = "ORG_EDIT";

    /// <inheritdoc cref="OrganizationAdded"/>
    public const string OrganizationRemoved = "ORG_REMOVE";

    /// <summary>Data <c>{slug, name}</c>.</summary>
    public const string TeamAdded = "TEAM_ADD";

    /// <inheritdoc cref="TeamAdded"/>
    public const string TeamChanged = "TEAM_EDIT";

    /// <inheritdoc cref="TeamAdded"/>
    public const string TeamRemoved = "TEAM_REMOVE";

    /// <summary>By an operator. Data <c>{email, role}</c>; the target is the account.</summary>
    public const string MemberAdded = "MEMBER_ADD";

    /// <summary>Data <c>{email, role}</c>; the target is the member.</summary>
    public const string MemberInvited = "MEMBER_INVITE";

    /// <inheritdoc cref="MemberInvited"/>
    public const string MemberReinvited = "MEMBER_REINVITE";

    /// <inheritdoc cref="MemberInvited"/>
    public const string MemberAccepted = "MEMBER_ACCEPT";

    /// <inheritdoc cref="MemberInvited"/>
    public const string MemberChanged = "MEMBER_EDIT";

    /// <inheritdoc cref="MemberInvited"/>
    public const string MemberRemoved = "MEMBER_REMOVE";

    /// <summary>Data <c>{email, team_slug}</c>; the target is the member.</summary>
    public const string MemberJoinedTeam = "MEMBER_JOIN_TEAM";

    /// <inheritdoc cref="MemberJoinedTeam"/>
    public const string MemberLeftTeam = "MEMBER_LEAVE_TEAM";

    /// <summary>Data <c>{slug, name}</c>.</summary>
    public const string ProjectAdded = "PROJECT_ADD";

    /// <inheritdoc cref="ProjectAdded"/>
    public const string ProjectChanged = "PROJECT_EDIT";

    /// <inheritdoc cref="ProjectAdded"/>
    public const string ProjectRemoved = "PROJECT_REMOVE";

    /// <summary>Data <c>{team_slug, project_slug}</c>; the target is the project.</summary>
    public const string ProjectTeamAdded = "PROJECT_TEAM_ADD";

    /// <inheritdoc cref="ProjectTeamAdded"/>
    public const string ProjectTeamRemoved = "PROJECT_TEAM_REMOVE";

    /// <summary>Data <c>{public_key}</c>.</summary>
    public const string KeyAdded = "PROJECTKEY_ADD";

    /// <inheritdoc cref="KeyAdded"/>
    public const string KeyChanged = "PROJECTKEY_EDIT";

    /// <inheritdoc cref="KeyAdded"/>
    public const string KeyRemoved = "PROJECTKEY_REMOVE";

    /// <summary>Data <c>{sentry_app, name}</c>; the target is the app.</summary>
    public const string AppAdded = "SENTRY_APP_ADD";

    /// <inheritdoc cref="AppAdded"/>
    public const string AppChanged = "SENTRY_APP_EDIT";

    /// <inheritdoc cref="AppAdded"/>
    public const string AppSecretRotated = "SENTRY_APP_ROTATE_SECRET";

    /// <inheritdoc cref="AppAdded"/>
    public const string AppRemoved = "SENTRY_APP_REMOVE";

    /// <inheritdoc cref="AppAdded"/>
    public const string InternalIntegrationAdded = "INTERNAL_INTEGRATION_ADD";

    /// <inheritdoc cref="AppAdded"/>
    public const string InternalIntegrationRemoved = "INTERNAL_INTEGRATION_REMOVE";

    /// <summary>Data <c>{sentry_app}</c>; the target is the installation.</summary>
    public const string AppInstalled = "SENTRY_APP_INSTALL";

    /// <inheritdoc cref="AppInstalled"/>
    public const string AppUninstalled = "SENTRY_APP_UNINSTALL";

    /// <summary>Data <c>{sentry_app}</c>; the target is the token.</summary>
    public const string AppTokenAdded = "INTERNAL_INTEGRATION_ADD_TOKEN";

    /// <inheritdoc cref="AppTokenAdded"/>
    public const string AppTokenRemoved = "INTERNAL_INTEGRATION_REMOVE_TOKEN";

    /// <summary>Data <c>{name}</c>; the target is the token.</summary>
    public const string OrganizationTokenAdded = "ORGAUTHTOKEN_ADD";

    /// <inheritdoc cref="OrganizationTokenAdded"/>
    public const string OrganizationTokenRemoved = "ORGAUTHTOKEN_REMOVE";

    /// <summary>Data <c>{url}</c>.</summary>
    public const string ServiceHookAdded = "SERVICEHOOK_ADD";

    /// <inheritdoc cref="ServiceHookAdded"/>
    public const string ServiceHookChanged = "SERVICEHOOK_EDIT";

    /// <inheritdoc cref="ServiceHookAdded"/>
    public const string ServiceHookRemoved = "SERVICEHOOK_REMOVE";

    /// <summary>Data <c>{label}</c>; the target is the rule, in whichever shape it was saved.</summary>
    public const string RuleAdded = "RULE_ADD";

    /// <inheritdoc cref="RuleAdded"/>
    public const string RuleChanged = "RULE_EDIT";

    /// <inheritdoc cref="RuleAdded"/>
    public const string RuleRemoved = "RULE_REMOVE";

    /// <summary>Silent for everyone. Data <c>{label}</c>; the target is the rule.</summary>
    public const string RuleSnoozed = "RULE_SNOOZE";

    /// <inheritdoc cref="RuleSnoozed"/>
    public const string RuleUnsnoozed = "RULE_UNSNOOZE";

    /// <summary>Its target is the metric alert.</summary>
    public const string MetricAlertAdded = "ALERT_RULE_ADD";

    /// <inheritdoc cref="MetricAlertAdded"/>
    public const string MetricAlertChanged = "ALERT_RULE_EDIT";

    /// <inheritdoc cref="MetricAlertAdded"/>
    public const string MetricAlertRemoved = "ALERT_RULE_REMOVE";

    /// <summary>A person let an application in. Data <c>{name, scopes}</c>; the target is the authorization. Sentry keeps no record of it.</summary>
    public const string ApplicationAllowed = "OAUTH_APPLICATION_ALLOW";

    /// <summary>A person revoked the access of an application, or it gave up a token itself. Data as above.</summary>
    public const string ApplicationRevoked = "OAUTH_APPLICATION_REVOKE";

    /// <summary>As the API names them.</summary>
    public static IReadOnlyDictionary<string, string> ApiNames { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [InternalIntegrationDisabled] = "internal-integration.disable",
        [OrganizationAdded] = "org.create",
        [OrganizationChanged] = "org.edit",
        [OrganizationRemoved] = "org.remove",
        [TeamAdded] = "team.create",
        [TeamChanged] = "team.edit",
        [TeamRemoved] = "team.remove",
        [MemberAdded] = "member.add",
        [MemberInvited] = "member.invite",
        [MemberReinvited] = "member.reinvite",
        [MemberAccepted] = "member.accept-invite",
        [MemberChanged] = "member.edit",
        [MemberRemoved] = "member.remove",
        [MemberJoinedTeam] = "member.join-team",
        [MemberLeftTeam] = "member.leave-team",
        [ProjectAdded] = "project.create",
        [ProjectChanged] = "project.edit",
        [ProjectRemoved] = "project.remove",
        [ProjectTeamAdded] = "project-team.add",
        [ProjectTeamRemoved] = "project-team.remove",
        [KeyAdded] = "projectkey.create",
        [KeyChanged] = "projectkey.edit",
        [KeyRemoved] = "projectkey.remove",
        [AppAdded] = "sentry-app.add",
        [AppChanged] = "sentry-app.edit",
        [AppSecretRotated] = "sentry-app.rotate-secret",
        [AppRemoved] = "sentry-app.remove",
        [InternalIntegrationAdded] = "internal-integration.create",
        [InternalIntegrationRemoved] = "internal-integration.remove",
        [AppInstalled] = "sentry-app.install",
        [AppUninstalled] = "sentry-app.uninstall",
        [AppTokenAdded] = "internal-integration.add-token",
        [AppTokenRemoved] = "internal-integration.remove-token",
        [OrganizationTokenAdded] = "org-auth-token.create",
        [OrganizationTokenRemoved] = "org-auth-token.remove",
        [ServiceHookAdded] = "servicehook.add",
        [ServiceHookChanged] = "servicehook.edit",
        [RuleAdded] = "rule.create",
        [RuleChanged] = "rule.edit",
        [RuleRemoved] = "rule.remove",
        [RuleSnoozed] = "rule.mute",
        [RuleUnsnoozed] = "rule.unmute",
        [MetricAlertAdded] = "alertrule.create",
        [MetricAlertChanged] = "alertrule.edit",
        [MetricAlertRemoved] = "alertrule.remove",
        [ApplicationAllowed] = "oauth-application.allow",
        [ApplicationRevoked] = "oauth-application.revoke",
        [ServiceHookRemoved] = "servicehook.remove",
    };

    /// <summary>What happened, in a few words, to follow the name of the actor.</summary>
    public static string Note(string name, JsonMap data) => name switch
    {
        InternalIntegrationDisabled => $"disabled the internal integration {data.Text("name")}, because its receiver fails",
        OrganizationAdded => "created the organization",
        OrganizationChanged => "edited the organization",
        OrganizationRemoved => "removed the organization",
        TeamAdded => $"created team {data.Text("slug")}",
        TeamChanged => $"edited team {data.Text("slug")}",
        TeamRemoved => $"removed team {data.Text("slug")}",
        MemberAdded => $"added {data.Text("email")} as {data.Text("role")}",
        MemberInvited => $"invited {data.Text("email")} as {data.Text("role")}",
        MemberReinvited => $"invited {data.Text("email")} again",
        MemberAccepted => $"accepted the invite of {data.Text("email")}",
        MemberChanged => $"made {data.Text("email")} {data.Text("role")}",
        MemberRemoved => $"removed {data.Text("email")}",
        MemberJoinedTeam => $"added {data.Text("email")} to team {data.Text("team_slug")}",
        MemberLeftTeam => $"removed {data.Text("email")} from team {data.Text("team_slug")}",
        ProjectAdded => $"created project {data.Text("slug")}",
        ProjectChanged => $"edited project {data.Text("slug")}",
        ProjectRemoved => $"removed project {data.Text("slug")}",
        ProjectTeamAdded => $"gave team {data.Text("team_slug")} access to project {data.Text("project_slug")}",
        ProjectTeamRemoved => $"took project {data.Text("project_slug")} from team {data.Text("team_slug")}",
        KeyAdded => $"added project key {data.Text("public_key")}",
        KeyChanged => $"edited project key {data.Text("public_key")}",
        KeyRemoved => $"removed project key {data.Text("public_key")}",
        AppAdded => $"created sentry app {data.Text("sentry_app")}",
        AppChanged => $"edited sentry app {data.Text("sentry_app")}",
        AppSecretRotated => $"rotated the secret of sentry app {data.Text("sentry_app")}",
        AppRemoved => $"removed sentry app {data.Text("sentry_app")}",
        InternalIntegrationAdded => $"created internal integration {data.Text("sentry_app")}",
        InternalIntegrationRemoved => $"removed internal integration {data.Text("sentry_app")}",
        AppInstalled => $"installed sentry app {data.Text("sentry_app")}",
        AppUninstalled => $"uninstalled sentry app {data.Text("sentry_app")}",
        AppTokenAdded => $"created a token for internal integration {data.Text("sentry_app")}",
        AppTokenRemoved => $"revoked a token of internal integration {data.Text("sentry_app")}",
        OrganizationTokenAdded => $"added organization token {data.Text("name")}",
        OrganizationTokenRemoved => "removed an organization token",
        ServiceHookAdded => $"added a service hook to {data.Text("url")}",
        ServiceHookChanged => $"edited the service hook to {data.Text("url")}",
        ServiceHookRemoved => $"removed the service hook to {data.Text("url")}",
        RuleAdded => $"created alert rule {data.Text("label")}",
        RuleChanged => $"edited alert rule {data.Text("label")}",
        RuleRemoved => $"removed alert rule {data.Text("label")}",
        RuleSnoozed => $"silenced alert rule {data.Text("label")} for everyone",
        RuleUnsnoozed => $"let alert rule {data.Text("label")} speak again",
        MetricAlertAdded => $"created metric alert {data.Text("label")}",
        MetricAlertChanged => $"edited metric alert {data.Text("label")}",
        MetricAlertRemoved => $"removed metric alert {data.Text("label")}",
        ApplicationAllowed => $"let the application {data.Text("name")} in",
        ApplicationRevoked => $"revoked the access of the application {data.Text("name")}",
        _ => throw new ArgumentException($"{name} has no note", nameof(name)),
    };
}

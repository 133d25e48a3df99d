using Vedette.Engine.Subscriptions;
using Vedette.Server.Authorization;
using Vedette.Server.Installations;
using Vedette.Tracker;
using Vedette.Tracker.Issues;
using Vedette.Wire.Json;

namespace Vedette.Server.Components;

/// <summary>Has an app link an issue to one of its tracker, or create one there (<c>spec/platform-api.md</c> 4.4), and keeps the link.</summary>
internal sealed class IssueLinking(AppCaller caller, ExternalIssueStore links, Links urls)
{
    /// <summary>
    /// Once the app is asked, the answer is waited for and kept though the one who asked may have gone, because the app has
    /// most likely done its part. A process that dies in between loses the link, and whoever tries again has the app do it twice.
    /// </summary>
    /// <param name="create">Or link to one that is there.</param>
    /// <param name="fields">What somebody filled in.</param>
    /// <returns>The link, or what the app did wrong; neither when the issue was deleted meanwhile.</returns>
    public async Task<(ExternalIssue? Link, AppFailure? Failure)> LinkAsync(InstalledApp app, Issue issue, bool create, string uri, JsonMap fields, Access access)
    {
        var call = new AppCall(
            create ? AppCall.IssueCreated : AppCall.IssueLinked, HttpMethod.Post, ComponentUrl.Of(app.App.WebhookUrl, uri), Body(app, issue, fields, access));
        var answer = await caller.CallAsync(app, call, AppCaller.Limit, CancellationToken.None);
        var slug = app.App.Slug;
        if (answer.IsFailure)
            return Failed($"Issue occured while trying to contact {slug} to link issue", answer.PublicReason);
        if (!answer.TryReadJson(out var value, out var wrongJson))
            return Failed($"Unable to parse response from {slug}", wrongJson!);
        if (ExternalIssueForm.Read(value as JsonMap ?? new JsonMap(), out var form) is { } wrong)
            return Failed($"Invalid response format from sentry app {slug} when linking issue", $"{wrong.Field}: {wrong.Message}");

        var linked = await links.LinkAsync(app.App, app.Installation.OrganizationId, issue.Id, form, CancellationToken.None);
        return (linked, null);
    }

    private byte[] Body(InstalledApp app, Issue issue, JsonMap fields, Access access)
    {
        var json = new StableJsonWriter();
        json.StartObject();
        json.Name("fields"u8);
        json.Value(fields);
        json.Name("issueId"u8);
        json.Value(issue.Id);
        json.Name("installationId"u8);
        json.Value(app.Installation.Uuid);
        json.Name("webUrl"u8);
        json.Value(urls.IssueWeb(issue.OrganizationSlug, issue.Id));
        json.Name("project"u8);
        json.StartObject();
        json.Name("slug"u8);
        json.Value(issue.ProjectSlug);
        json.Name("id"u8);
        json.Value(issue.ProjectId);
        json.EndObject();
        json.Name("actor"u8);
        json.StartObject();
        json.Name("type"u8);
        json.Value("user");
        json.Name("id"u8);
        json.Value(access.AccountId);
        json.Name("name"u8);
        json.Value(access.Name);
        json.EndObject();
        json.EndObject();
        return app.App.Delivery.Encoding == BodyEncoding.Ascii ? AsciiJson.FromStable(json.WrittenSpan) : json.ToArray();
    }

    private static (ExternalIssue? Link, AppFailure? Failure) Failed(string detail, string reason) =>
        (null, new AppFailure(StatusCodes.Status500InternalServerError, detail, reason));
}

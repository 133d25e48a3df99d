using System.Globalization;
using Vedette.Server.Api;
using Vedette.Server.Apps;
using Vedette.Server.Authorization;
using Vedette.Server.Installations;
using Vedette.Server.Issues;
using Vedette.Tracker;
using Vedette.Tracker.Issues;
using Vedette.Tracker.Projects;
using Vedette.Wire.Json;

namespace Vedette.Server.Components;

/// <summary>What the pages of an organization ask about the apps in it (<c>spec/platform-api.md</c> 2.5, 2.6).</summary>
internal static class ComponentEndpoints
{
    private const int LongestQuery = 2048;
    private const int LongestDependentData = 16 * 1024;

    extension(IEndpointRouteBuilder routes)
    {
        public void MapComponents()
        {
            routes.MapGet("/api/0/organizations/{organization}/sentry-app-components/", ListAsync).RequireAnyScope(AppEndpoints.OrganizationRead);
            routes.MapGet("/api/0/sentry-app-installations/{installation}/external-requests/", OptionsAsync).RequireAnyScope(AppEndpoints.OrganizationRead);
            routes.MapPost("/api/0/sentry-app-installations/{installation}/external-issue-actions/", ActAsync)
                .RequireAnyScope("org:integrations", "event:write", "event:admin");
        }
    }

    /// <summary>By <c>filter</c>, a type; with <c>projectId</c> for a page of one project, and with <c>issueId</c> (Vedette's own) with what text fields begin with.</summary>
    private static async Task<IResult> ListAsync(
        HttpContext context, Access access, ComponentStore components, ComponentPreparation preparation, AppStore apps, InstallationStore installations,
        ProjectStore projects, IssueStore issues, Links links, CancellationToken ct)
    {
        if (Paging.Refuse(context.Request, out var paging) is { } refusal)
            return refusal;

        var organizationId = access.Organization!.Id;
        var query = context.Request.Query;
        var (project, noProject) = await ProjectAsync(query, organizationId, projects, ct);
        if (noProject is not null)
            return noProject;
        var (issue, noIssue) = await IssueAsync(query["issueId"].FirstOrDefault(), access, issues, ct);
        if (noIssue is not null)
            return noIssue;

        var newest = issue is null ? null : await issues.NewestEventAsync(issue.Id, ct);
        var found = await components.InOrganizationAsync(organizationId, query["filter"].FirstOrDefault(), ct);
        var page = paging.PageOf(context, links.BaseUrl, found, each => each.Component.Id, ListOrder.OldestFirst);
        var prepared = await Task.WhenAll(page.Select(PrepareAsync));
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartArray();
            foreach (var each in prepared.OfType<PreparedComponent>())
                AppJson.Write(json, each.App.App, each.Component, each.Failure, links);
            json.EndArray();
        });

        async Task<PreparedComponent?> PrepareAsync(InstalledComponent each)
        {
            if (await apps.FindAsync($"{each.AppId}", ct) is not { } app
                || await installations.FindAsync(each.InstallationUuid, ct) is not { } installation
                || InstalledApp.Of(app, installation) is not { } installed)
            {
                return null;
            }

            var texts = issue is null ? null : IssueTexts.Of(issue, newest, app.Name, links);
            return await preparation.PrepareAsync(installed, each.Component, project?.Slug ?? issue?.ProjectSlug, texts, ct);
        }
    }

    private static async Task<IResult> OptionsAsync(HttpRequest request, Access access, SelectOptions options, ProjectStore projects, CancellationToken ct)
    {
        if (InstalledApp.Of(access.App!, access.Installation!) is not { } app)
            return Pending();

        var query = request.Query;
        if (WrongUri(query["uri"].FirstOrDefault()) is { } wrongUri)
            return ApiResults.Invalid("uri", wrongUri);
        var (uri, typed, dependent) = (query["uri"].FirstOrDefault()!, Given(query, "query"), Given(query, "dependentData"));
        if (typed?.Length > LongestQuery)
            return ApiResults.Invalid("query", $"Ensure this field has no more than {LongestQuery} characters.");
        if (WrongData(dependent, out var known) is { } wrongData)
            return ApiResults.Invalid("dependentData", wrongData);
        var (project, noProject) = await ProjectAsync(query, app.Installation.OrganizationId, projects, ct);
        if (noProject is not null)
            return noProject;

        if (!ComponentFields.MayLoad(app.App.Schema, uri, known))
            return ApiResults.Json(StatusCodes.Status200OK, SelectChoices.None.Write);
        var (choices, failure) = await options.LoadAsync(app, uri, project?.Slug, typed, dependent, ct);
        return choices is null ? ApiResults.Json(failure!.Status, failure.Write) : ApiResults.Json(StatusCodes.Status200OK, choices.Write);
    }

    /// <summary>All members of the body but the three that are ours are the form's fields.</summary>
    private static async Task<IResult> ActAsync(HttpRequest request, Access access, IssueLinking linking, IssueStore issues, CancellationToken ct)
    {
        if (InstalledApp.Of(access.App!, access.Installation!) is not { } app)
            return Pending();
        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;
        if (WrongAction(body.Map, out var groupId) is { Count: > 0 } wrong)
            return ApiResults.Invalid(wrong);
        if (await issues.ByIdAsync(app.Installation.OrganizationId, groupId, ct) is not { } issue)
            return ApiResults.Detail(StatusCodes.Status404NotFound, "Could not find the corresponding issue for the given groupId");

        var (action, uri, fields) = (body.Map.Text("action"), body.Map.Text("uri")!, body.Map);
        foreach (var ours in new[] { "groupId", "action", "uri" })
            fields.Remove(ours);
        var (link, failure) = await linking.LinkAsync(app, issue, action == "create", uri, fields, access);
        if (failure is not null)
            return ApiResults.Json(failure.Status, failure.Write);
        return link is null
            ? ApiResults.Detail(StatusCodes.Status404NotFound, "Could not find the corresponding issue for the given groupId")
            : ApiResults.Json(StatusCodes.Status200OK, link.Write);
    }

    private static List<(string Field, string Message)> WrongAction(JsonMap body, out long groupId)
    {
        var wrong = new List<(string, string)>();
        groupId = body["groupId"] switch
        {
            double number when number == Math.Floor(number) && number is >= 0 and < 9e18 => (long)number,
            string text when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) => id,
            _ => -1,
        };
        if (groupId < 0)
            wrong.Add(("groupId", body["groupId"] is null ? "This field is required." : "A valid integer is required."));
        if (body["action"] is not ("create" or "link"))
            wrong.Add(("action", body["action"] is null or "" ? "This field is required." : "It must be create or link."));
        if (WrongUri(body["uri"]) is { } wrongUri)
            wrong.Add(("uri", wrongUri));
        return wrong;
    }

    private static string? WrongUri(object? uri) => uri switch
    {
        null or "" => "This field is required.",
        string { Length: > ComponentUrl.LongestUri } => $"Ensure this field has no more than {ComponentUrl.LongestUri} characters.",
        string path when path.StartsWith('/') => null,
        _ => "It must be a path that begins with /.",
    };

    private static string? WrongData(string? dependentData, out JsonMap known)
    {
        known = new JsonMap();
        if (dependentData is null)
            return null;
        if (dependentData.Length > LongestDependentData)
            return $"Ensure this field has no more than {LongestDependentData} characters.";
        if (!LenientJson.TryParse(System.Text.Encoding.UTF8.GetBytes(dependentData), out var value, out _) || value is not JsonMap map)
            return "It must be a JSON object of fields and their values.";

        known = map;
        return null;
    }

    private static async Task<(Project? Project, IResult? Refusal)> ProjectAsync(IQueryCollection query, long organizationId, ProjectStore projects, CancellationToken ct)
    {
        if (Given(query, "projectId") is not { } named)
            return (null, null);
        return await projects.ProjectAsync(organizationId, named, ct) is { } project ? (project, null) : (null, ApiResults.NotFound());
    }

    private static async Task<(Issue? Issue, IResult? Refusal)> IssueAsync(string? named, Access access, IssueStore issues, CancellationToken ct)
    {
        if (string.IsNullOrEmpty(named))
            return (null, null);
        if (!access.MayIn(access.Organization!.Id, IssueEndpoints.EventRead))
            return (null, ApiResults.Forbidden());
        return await IssueEndpoints.FindAsync(access, named, issues, ct) is { } issue ? (issue, null) : (null, ApiResults.NotFound());
    }

    private static string? Given(IQueryCollection query, string name) => query[name].FirstOrDefault() is { Length: > 0 } value ? value : null;

    private static IResult Pending() => ApiResults.Detail(StatusCodes.Status400BadRequest, "The app has not confirmed its installation yet.");
}

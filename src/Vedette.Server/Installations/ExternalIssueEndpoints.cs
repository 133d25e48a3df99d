using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Server.Issues;
using Vedette.Tracker.Issues;

namespace Vedette.Server.Installations;

/// <summary>Links between issues and those of other trackers (<c>spec/platform-api.md</c> 2.5).</summary>
internal static class ExternalIssueEndpoints
{
    extension(IEndpointRouteBuilder routes)
    {
        public void MapExternalIssues()
        {
            routes.MapPost("/api/0/sentry-app-installations/{installation}/external-issues/", LinkAsync).RequireAnyScope(IssueEndpoints.EventRead);
            routes.MapDelete("/api/0/sentry-app-installations/{installation}/external-issues/{id:long}/", UnlinkAsync).RequireAnyScope("event:admin");
            foreach (var issues in IssueEndpoints.Prefixes)
            {
                routes.MapGet($"{issues}{{issue}}/external-issues/", ListAsync).RequireAnyScope(IssueEndpoints.EventRead);
                routes.MapDelete($"{issues}{{issue}}/external-issues/{{id:long}}/", UnlinkFromIssueAsync).RequireAnyScope("event:admin");
            }
        }
    }

    private static async Task<IResult> LinkAsync(HttpRequest request, Access access, ExternalIssueStore links, CancellationToken ct)
    {
        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;
        if (body.Map["issueId"] is not double issue || issue != Math.Floor(issue) || issue is not (>= 0 and <= long.MaxValue))
            return ApiResults.Invalid("issueId", body.Map.Contains("issueId") ? "A valid integer is required." : "This field is required.");
        if (ExternalIssueForm.Read(body.Map, out var form) is var (field, message))
            return ApiResults.Invalid(field, message);

        var linked = await links.LinkAsync(access.App!, access.Installation!.OrganizationId, (long)issue, form, ct);
        return linked is null
            ? ApiResults.Detail(StatusCodes.Status404NotFound, "Could not find the corresponding issue for the given issueId")
            : ApiResults.Json(StatusCodes.Status200OK, linked.Write);
    }

    private static async Task<IResult> UnlinkAsync(long id, Access access, ExternalIssueStore links, CancellationToken ct) =>
        await links.UnlinkAsync(access.App!.Id, access.Installation!.OrganizationId, id, ct)
            ? Results.NoContent()
            : ApiResults.Detail(StatusCodes.Status404NotFound, "Could not find the corresponding external issue from given external_issue_id");

    private static async Task<IResult> UnlinkFromIssueAsync(
        string issue, long id, Access access, ExternalIssueStore links, IssueStore issues, CancellationToken ct) =>
        await IssueEndpoints.FindAsync(access, issue, issues, ct) is { } of && await links.UnlinkFromIssueAsync(access.Organization!.Id, of.Id, id, ct)
            ? Results.NoContent()
            : ApiResults.Bytes(StatusCodes.Status404NotFound, []);

    private static async Task<IResult> ListAsync(string issue, Access access, ExternalIssueStore links, IssueStore issues, CancellationToken ct)
    {
        if (await IssueEndpoints.FindAsync(access, issue, issues, ct) is not { } of)
            return ApiResults.NotFound();

        var found = await links.OfIssueAsync(access.Organization!.Id, of.Id, ct);
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartArray();
            foreach (var each in found)
                each.Write(json);
            json.EndArray();
        });
    }
}

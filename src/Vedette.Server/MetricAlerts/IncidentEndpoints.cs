using System.Globalization;
using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Storage;
using Vedette.Tracker;
using Vedette.Tracker.MetricAlerts;

namespace Vedette.Server.MetricAlerts;

/// <summary>Incidents of an organization, by the number that it counts them with (<c>spec/domain.md</c> 5.3).</summary>
internal static class IncidentEndpoints
{
    extension(IEndpointRouteBuilder routes)
    {
        public void MapIncidents()
        {
            var incidents = routes.MapGroup("/api/0/organizations/{organization}/incidents/");
            incidents.MapGet("", ListAsync).RequireAnyScope(MetricAlertEndpoints.AlertRead);
            incidents.MapPost("", OpenAsync).RequireAnyScope(MetricAlertEndpoints.AlertWrite);
            incidents.MapGet("{identifier:long}/", ShowAsync).RequireAnyScope(MetricAlertEndpoints.AlertRead);
            incidents.MapPut("{identifier:long}/", ChangeAsync).RequireAnyScope(MetricAlertEndpoints.AlertWrite);
            incidents.MapGet("{identifier:long}/activity/", ListActivitiesAsync).RequireAnyScope(MetricAlertEndpoints.AlertRead);
        }
    }

    /// <summary>Newest first, by <c>status</c> (<c>open</c> or <c>closed</c>) and <c>alertRule</c>.</summary>
    private static async Task<IResult> ListAsync(
        HttpContext context, Access access, Incidents incidents, MetricRuleStore rules, MetricAlertViews views, Links links, CancellationToken ct)
    {
        if (Paging.Refuse(context.Request, out var paging) is { } refusal)
            return refusal;
        var status = context.Request.Query["status"].FirstOrDefault() ?? "";
        if (status is not ("" or "open" or "closed"))
            return ApiResults.Detail(StatusCodes.Status400BadRequest, "Invalid value for status: must be one of open, closed.");
        long? ruleId = null;
        if (context.Request.Query["alertRule"].FirstOrDefault() is { Length: > 0 } rule)
            ruleId = long.TryParse(rule, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;

        var organizationId = access.Organization!.Id;
        var found = await incidents.ListAsync(
            organizationId, ruleId, status.Length == 0 ? null : status == "open", paging.Cursor?.Value, paging.Cursor?.IsPrevious == true, paging.PerPage + 1, ct);
        var page = paging.Page(context, links.BaseUrl, found, incident => (incident.Identifier, 0));
        return await views.IncidentsAsync(page, (await rules.ListAsync(organizationId, ct)).ToDictionary(each => each.Id), ct);
    }

    /// <summary>Whoever knows more than the numbers opens one by hand; it stays open until it is closed so, or until its rule fires and resolves.</summary>
    private static async Task<IResult> OpenAsync(
        HttpRequest request, Access access, Database database, Incidents incidents, MetricRuleStore rules, MetricAlertViews views, TimeProvider time, CancellationToken ct)
    {
        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;
        var id = body.Map["alertRule"] switch
        {
            double number => (long)number,
            string text when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) => number,
            _ => -1,
        };
        if (await rules.FindAsync(access.Organization!.Id, id, ct) is not { } rule)
            return ApiResults.Invalid("alertRule", body.Map.Contains("alertRule") ? "This metric alert does not exist." : "This field is required.");

        var opened = await database.WriteAsync(
            transaction => incidents.OpenAsync(transaction, rule, IncidentStatus.Open, null, time.GetUtcNow(), access.Holder.AccountId), ct);
        return opened is null
            ? ApiResults.Detail(StatusCodes.Status409Conflict, "An incident of this metric alert is open already.")
            : await views.IncidentAsync(StatusCodes.Status201Created, rule, opened, await incidents.ActivitiesAsync(opened.Id, ct), ct);
    }

    private static async Task<IResult> ShowAsync(
        long identifier, Access access, Incidents incidents, MetricRuleStore rules, MetricAlertViews views, CancellationToken ct) =>
        await FindAsync(access, identifier, incidents, rules, ct) is var (incident, rule)
            ? await views.IncidentAsync(StatusCodes.Status200OK, rule, incident, await incidents.ActivitiesAsync(incident.Id, ct), ct)
            : ApiResults.NotFound();

    /// <summary>Closes it: <c>{"status": 2}</c>. One that is closed stays so.</summary>
    private static async Task<IResult> ChangeAsync(
        long identifier, HttpRequest request, Access access, Database database, Incidents incidents, MetricRuleStore rules, MetricAlertViews views, CancellationToken ct)
    {
        if (await FindAsync(access, identifier, incidents, rules, ct) is not var (incident, rule))
            return ApiResults.NotFound();
        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;
        if (body.Map["status"] is not (2.0 or "2"))
            return ApiResults.Invalid("status", "Status must be 2: incidents can be closed by hand, and only so.");

        if (incident.ClosedAt is null)
            await database.WriteAsync(transaction => incidents.CloseAsync(transaction, rule, IncidentMethod.Manual, access.Holder.AccountId), ct);
        return await ShowAsync(identifier, access, incidents, rules, views, ct);
    }

    /// <summary>Newest first.</summary>
    private static async Task<IResult> ListActivitiesAsync(
        long identifier, HttpContext context, Access access, Incidents incidents, MetricRuleStore rules, MetricAlertViews views, Links links, CancellationToken ct)
    {
        if (Paging.Refuse(context.Request, out var paging) is { } refusal)
            return refusal;
        if (await FindAsync(access, identifier, incidents, rules, ct) is not var (incident, _))
            return ApiResults.NotFound();

        var all = await incidents.ActivitiesAsync(incident.Id, ct);
        return MetricAlertViews.Listed(
            await views.ActivitiesAsync(incident, paging.PageOf(context, links.BaseUrl, all, activity => activity.Id, ListOrder.NewestFirst), ct));
    }

    private static async Task<(Incident Incident, MetricRule Rule)?> FindAsync(
        Access access, long identifier, Incidents incidents, MetricRuleStore rules, CancellationToken ct) =>
        await incidents.FindAsync(access.Organization!.Id, identifier, ct) is { } incident
        && await rules.FindAsync(access.Organization!.Id, incident.RuleId, ct) is { } rule
            ? (incident, rule)
            : null;
}

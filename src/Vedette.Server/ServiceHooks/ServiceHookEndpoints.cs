using Vedette.Engine.DeliveryLog;
using Vedette.Server.Api;
using Vedette.Server.Audit;
using Vedette.Server.Authorization;
using Vedette.Server.Configuration;
using Vedette.Tracker;
using Vedette.Tracker.Projects;
using Vedette.Wire.Json;

namespace Vedette.Server.ServiceHooks;

/// <summary>Service hooks of a project (<c>spec/webhooks.md</c> 3.2).</summary>
internal static class ServiceHookEndpoints
{
    private const int StatsHours = 24;

    private static readonly string[] ProjectRead = ["project:read", "project:write", "project:admin"];
    private static readonly string[] ProjectWrite = ["project:write", "project:admin"];

    extension(IEndpointRouteBuilder routes)
    {
        public void MapServiceHooks()
        {
            var hooks = routes.MapGroup("/api/0/projects/{organization}/{project}/hooks/");
            hooks.MapGet("", ListAsync).RequireAnyScope(ProjectRead);
            hooks.MapPost("", AddAsync).RequireAnyScope(ProjectWrite);
            hooks.MapGet("{hook}/", ShowAsync).RequireAnyScope(ProjectRead);
            hooks.MapGet("{hook}/stats/", StatsAsync).RequireAnyScope(ProjectRead);
            hooks.MapPut("{hook}/", ChangeAsync).RequireAnyScope(ProjectWrite);
            hooks.MapDelete("{hook}/", DeleteAsync).RequireAnyScope("project:admin");
        }
    }

    /// <summary><c>?status=</c> takes <c>active</c> or <c>disabled</c>; no hook has another.</summary>
    private static async Task<IResult> ListAsync(
        string project, HttpContext context, Access access, ProjectStore projects, ServiceHookStore hooks, VedetteOptions options, Links links, CancellationToken ct)
    {
        if (Paging.Refuse(context.Request, out var paging) is { } refusal)
            return refusal;
        if (await projects.ProjectAsync(access.Organization!.Id, project, ct) is not { } found)
            return ApiResults.NotFound();
        if (IsOff(options))
            return Unavailable();

        var status = context.Request.Query["status"].FirstOrDefault();
        var all = await hooks.ListAsync(found.Id, ct);
        IReadOnlyList<ServiceHook> wanted = string.IsNullOrEmpty(status) ? all : [.. all.Where(hook => hook.Status == status)];
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartArray();
            foreach (var hook in paging.PageOf(context, links.BaseUrl, wanted, hook => hook.Id, ListOrder.NewestFirst))
                Write(json, hook, hooks);
            json.EndArray();
        });
    }

    private static async Task<IResult> AddAsync(
        string project, HttpRequest request, Access access, ProjectStore projects, ServiceHookStore hooks, VedetteOptions options, CancellationToken ct)
    {
        if (await projects.ProjectAsync(access.Organization!.Id, project, ct) is not { } found)
            return ApiResults.NotFound();
        if (IsOff(options))
            return Unavailable();
        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;

        var (form, refusal) = ServiceHookForm.Read(body.Map, isNew: true);
        if (form is null)
            return refusal!;

        var (verdict, added) = await hooks.AddAsync(found, form, AuditSource.Of(access), ct);
        return verdict switch
        {
            HookVerdict.Added => ApiResults.Json(StatusCodes.Status201Created, json => Write(json, added!, hooks)),
            HookVerdict.TooMany => ApiResults.Detail(StatusCodes.Status400BadRequest, $"A project has at most {ServiceHookStore.MostOfProject} service hooks."),
            HookVerdict.NoProject => ApiResults.NotFound(),
        };
    }

    private static async Task<IResult> ShowAsync(
        string project, string hook, Access access, ProjectStore projects, ServiceHookStore hooks, CancellationToken ct) =>
        await FindAsync(project, hook, access, projects, hooks, ct) is { } found
            ? ApiResults.Json(StatusCodes.Status200OK, json => Write(json, found, hooks))
            : ApiResults.NotFound();

    private static async Task<IResult> ChangeAsync(
        string project, string hook, HttpRequest request, Access access, ProjectStore projects, ServiceHookStore hooks, CancellationToken ct)
    {
        if (await FindAsync(project, hook, access, projects, hooks, ct) is not { } found)
            return ApiResults.NotFound();
        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;

        var (form, refusal) = ServiceHookForm.Read(body.Map, isNew: false);
        if (form is null)
            return refusal!;

        return await hooks.ChangeAsync(found, form, AuditSource.Of(access), ct) is { } changed
            ? ApiResults.Json(StatusCodes.Status200OK, json => Write(json, changed, hooks))
            : ApiResults.NotFound();
    }

    private static async Task<IResult> DeleteAsync(
        string project, string hook, Access access, ProjectStore projects, ServiceHookStore hooks, CancellationToken ct) =>
        await FindAsync(project, hook, access, projects, hooks, ct) is { } found && await hooks.DeleteAsync(found, AuditSource.Of(access), ct)
            ? Results.NoContent()
            : ApiResults.NotFound();

    /// <summary>How often it fired in each of the last 24 hours, also where it did not.</summary>
    private static async Task<IResult> StatsAsync(
        string project, string hook, Access access, ProjectStore projects, ServiceHookStore hooks, DeliveryLogStore log, TimeProvider time, CancellationToken ct)
    {
        if (await FindAsync(project, hook, access, projects, hooks, ct) is not { } found)
            return ApiResults.NotFound();

        var hour = TimeSpan.FromHours(1);
        var seconds = (long)hour.TotalSeconds;
        var first = (time.GetUtcNow().ToUnixTimeSeconds() / seconds) - StatsHours + 1;
        var fired = (await log.CountsAsync(found.OrganizationId, found.DestinationId, DateTimeOffset.FromUnixTimeSeconds(first * seconds), hour, ct))
            .ToDictionary(count => count.Step, count => count.Times);
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartArray();
            for (var step = first; step < first + StatsHours; step++)
            {
                json.StartObject();
                json.Name("ts"u8);
                json.Value(step * seconds);
                json.Name("total"u8);
                json.Value(fired.GetValueOrDefault(step));
                json.EndObject();
            }

            json.EndArray();
        });
    }

    private static bool IsOff(VedetteOptions options) => options.FeaturesOff.Contains(Features.ServiceHooks, StringComparer.Ordinal);

    private static IResult Unavailable() => ApiResults.Json(StatusCodes.Status403Forbidden, json =>
    {
        json.StartObject();
        json.Name("error_type"u8);
        json.Value("unavailable_feature");
        json.Name("detail"u8);
        json.StartArray();
        json.Value("You do not have that feature enabled");
        json.EndArray();
        json.EndObject();
    });

    private static async Task<ServiceHook?> FindAsync(
        string project, string guid, Access access, ProjectStore projects, ServiceHookStore hooks, CancellationToken ct) =>
        await projects.ProjectAsync(access.Organization!.Id, project, ct) is { } found ? await hooks.FindAsync(found.Id, guid, ct) : null;


    private static void Write(StableJsonWriter json, ServiceHook hook, ServiceHookStore hooks)
    {
        json.StartObject();
        json.Name("id"u8);
        json.Value(hook.Guid);
        json.Name("url"u8);
        json.Value(hook.Url);
        json.Name("secret"u8);
        json.Value(hooks.OpenSecret(hook));
        json.Name("status"u8);
        json.Value(hook.Status);
        json.Name("events"u8);
        json.StartArray();
        foreach (var name in hook.Events)
            json.Value(name);
        json.EndArray();
        json.Name("dateCreated"u8);
        json.Instant(hook.CreatedAt);
        json.Name("version"u8);
        json.Value(hook.Version);
        json.EndObject();
    }
}

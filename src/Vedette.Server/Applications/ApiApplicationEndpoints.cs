using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Tracker;

namespace Vedette.Server.Applications;

/// <summary>Applications for OAuth, for their owners, who are logged in (<c>spec/platform-api.md</c> 3.4).</summary>
internal static class ApiApplicationEndpoints
{
    extension(IEndpointRouteBuilder routes)
    {
        public void MapApiApplications()
        {
            var applications = routes.MapGroup("/api/0/api-applications/");
            applications.MapGet("", ListAsync).RequireSession();
            applications.MapPost("", AddAsync).RequireSession();
            applications.MapGet("{application}/", ShowAsync).RequireSession();
            applications.MapPut("{application}/", ChangeAsync).RequireSession();
            applications.MapDelete("{application}/", DeleteAsync).RequireSession();
            applications.MapPost("{application}/rotate-secret/", RotateSecretAsync).RequireSession();
        }
    }

    private static async Task<IResult> ListAsync(HttpContext context, Access access, ApiApplicationStore applications, Links links, CancellationToken ct)
    {
        if (Paging.Refuse(context.Request, out var paging) is { } refusal)
            return refusal;

        var found = await applications.ListAsync(access.AccountId, paging.Cursor?.Value, paging.Cursor?.IsPrevious == true, paging.PerPage + 1, ct);
        var page = paging.Page(context, links.BaseUrl, found, application => (application.Id, 0));
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartArray();
            foreach (var application in page)
                application.Write(json, applications.ShownSecret(application));
            json.EndArray();
        });
    }

    /// <summary>Nothing has to be said of it: it gets a name, and all else can follow.</summary>
    private static async Task<IResult> AddAsync(HttpRequest request, Access access, ApiApplicationStore applications, CancellationToken ct)
    {
        var body = await JsonBody.ReadOptionalAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;
        if (ApiApplicationForm.RefuseFlag(body.Map, "isPublic", now: false, out var isPublic) is { } wrongFlag)
            return wrongFlag;

        var (form, refusal) = ApiApplicationForm.Empty(ApiApplicationStore.NewName()).Read(body.Map);
        if (form is null)
            return refusal!;

        return await applications.AddAsync(access.AccountId, form, isPublic, ct) is { } added
            ? Show(StatusCodes.Status201Created, added, applications)
            : ApiResults.Detail(StatusCodes.Status400BadRequest, $"You may have at most {ApiApplicationStore.MostOfPerson} applications.");
    }

    private static async Task<IResult> ShowAsync(string application, Access access, ApiApplicationStore applications, CancellationToken ct) =>
        await applications.FindAsync(access.AccountId, application, ct) is { } found
            ? Show(StatusCodes.Status200OK, found, applications)
            : ApiResults.NotFound();

    private static async Task<IResult> ChangeAsync(string application, HttpRequest request, Access access, ApiApplicationStore applications, CancellationToken ct)
    {
        if (await applications.FindAsync(access.AccountId, application, ct) is not { } found)
            return ApiResults.NotFound();
        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;

        var (form, refusal) = ApiApplicationForm.Of(found).Read(body.Map);
        if (form is null)
            return refusal!;

        return await applications.ChangeAsync(found, form, ct) is { } changed
            ? Show(StatusCodes.Status200OK, changed, applications)
            : ApiResults.NotFound();
    }

    private static async Task<IResult> DeleteAsync(string application, Access access, ApiApplicationStore applications, CancellationToken ct) =>
        await applications.FindAsync(access.AccountId, application, ct) is { } found && await applications.DeleteAsync(found, ct)
            ? Results.NoContent()
            : ApiResults.NotFound();

    private static async Task<IResult> RotateSecretAsync(string application, Access access, ApiApplicationStore applications, CancellationToken ct)
    {
        if (await applications.FindAsync(access.AccountId, application, ct) is not { } found)
            return ApiResults.NotFound();
        if (found.IsPublic)
            return ApiResults.Detail(StatusCodes.Status400BadRequest, "A public client has no secret.");

        return await applications.RotateSecretAsync(found, ct) is { } secret
            ? ApiResults.Json(StatusCodes.Status200OK, json =>
            {
                json.StartObject();
                json.Name("clientSecret"u8);
                json.Value(secret);
                json.EndObject();
            })
            : ApiResults.NotFound();
    }

    private static IResult Show(int status, ApiApplication application, ApiApplicationStore applications) =>
        ApiResults.Json(status, json => application.Write(json, applications.ShownSecret(application)));
}

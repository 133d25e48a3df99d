using Vedette.Server.Api;
using Vedette.Server.Applications;
using Vedette.Server.Authorization;
using Vedette.Server.Sessions;
using Vedette.Server.Web;

namespace Vedette.Server.OAuth;

/// <summary><c>/oauth/authorize/</c>: a person lets an application in, or not (RFC 6749 4.1, <c>spec/platform-api.md</c> 3.5).</summary>
internal static class AuthorizePages
{
    public const string Path = "/oauth/authorize/";

    /// <summary>The hidden field that says which question a form answers.</summary>
    public const string Field = "request";

    extension(IEndpointRouteBuilder routes)
    {
        public void MapAuthorizePages()
        {
            routes.MapGet(Path, AskAsync).PageForAll();
            routes.MapPost(Path, AnswerAsync).PageAfterLogin();
        }
    }

    /// <summary>Who calls is no stranger before the request itself is right: nobody logs in for an application that does not exist.</summary>
    private static async Task<IResult> AskAsync(
        HttpContext context, Access? access, ApiApplicationStore applications, AuthorizationStore authorizations, AuthorizeRequestStore requests,
        Consent consent, CancellationToken ct)
    {
        var query = context.Request.Query;
        var reading = AuthorizeRequest.Read(query, await applications.FindAsync(query["client_id"].ToString(), ct));
        if (reading.Unusable is { } parameter)
            return PageResults.Message(StatusCodes.Status400BadRequest, "This application cannot be let in", $"Missing or invalid {parameter} parameter.");
        if (reading.Refusal is { } refusal)
            return Leave(context, refusal);
        if (access is null)
            return PageResults.ToLogin();

        var request = reading.Request!;
        var application = request.Application;
        if (application.RequiresOrgLevelAccess && access.Memberships.Count == 0)
        {
            return PageResults.Message(
                StatusCodes.Status400BadRequest, "You belong to no organization", $"{application.Name} works in one organization, and you belong to none.");
        }

        if (!request.ForcePrompt && !application.RequiresOrgLevelAccess && await authorizations.CoversAsync(access.AccountId, application, request.Scopes, ct))
            return Leave(context, await consent.LetInAsync(request, access, null, ct));
        if (await requests.AddAsync(SessionCookies.Read(context.Request)!, request, ct) is not { } token)
            return PageResults.ToLogin();

        var target = new Uri(request.ReturnUri);
        return PageResults.Show<AuthorizePage>(
            StatusCodes.Status200OK,
            new
            {
                Question = ConsentQuestion.Of(application, request.Scopes, access),
                Token = token,
                ReturnsTo = target.Host.Length > 0 ? target.Authority : $"{target.Scheme}:",
            },
            target);
    }

    private static async Task<IResult> AnswerAsync(
        HttpContext context, Access access, AuthorizeRequestStore requests, Consent consent, CancellationToken ct)
    {
        var form = await JsonBody.ReadFormOrJsonAsync(context.Request, ct);
        if (form.IsRefused)
            return form.Refusal;
        if (form.Map.Text("op") is not ("approve" or "deny"))
            return PageResults.Message(StatusCodes.Status400BadRequest, "There was no answer", "Go back, and choose one of the two.");
        if (await requests.TakeAsync(SessionCookies.Read(context.Request)!, form.Map.Text(Field) ?? "", ct) is not { } request)
        {
            return PageResults.Message(
                StatusCodes.Status200OK, "This question is over", "We were unable to complete your request. Please re-initiate the authorization flow.");
        }

        if (form.Map.Text("op") == "deny")
            return Leave(context, request.RefusalUri(OAuthError.AccessDenied));
        return ConsentQuestion.Refuse(request.Application, access, form.Map.Text("selected_organization_id"), out var organization) is { } error
            ? Leave(context, request.RefusalUri(error))
            : Leave(context, await consent.LetInAsync(request, access, organization, ct));
    }

    /// <summary>Back to the application. The address was registered by its owner, and is not one of this server.</summary>
    private static IResult Leave(HttpContext context, string uri)
    {
        context.Response.Headers.CacheControl = "no-store";
        return Results.Redirect(uri);
    }
}

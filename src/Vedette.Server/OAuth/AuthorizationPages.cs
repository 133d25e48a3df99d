using System.Globalization;
using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Server.Web;

namespace Vedette.Server.OAuth;

/// <summary>An authorization as its person sees it.</summary>
/// <param name="OrganizationSlug">Where it holds; <c>null</c> for all of the person's.</param>
/// <param name="Wishes">What it allows, in plain words.</param>
public sealed record ShownAuthorization(long Id, string Application, string? OrganizationSlug, IReadOnlyList<string> Wishes, DateTimeOffset Since, bool HasTokens);

/// <summary>Which applications hold access, and how to end it: a page, and Sentry's <c>api-authorizations/</c>.</summary>
internal static class AuthorizationPages
{
    public const string Path = "/settings/account/authorizations/";

    extension(IEndpointRouteBuilder routes)
    {
        public void MapAuthorizations()
        {
            routes.MapGet(Path, ShowAsync).PageAfterLogin();
            routes.MapPost(Path, RevokeAsync).PageAfterLogin();
            routes.MapGet("/api/0/api-authorizations/", ListAsync).RequireSession();
            routes.MapDelete("/api/0/api-authorizations/", DeleteAsync).RequireSession();
        }
    }

    private static async Task<IResult> ShowAsync(string? revoked, Access access, AuthorizationStore authorizations, CancellationToken ct) =>
        PageResults.Show<AuthorizationsPage>(StatusCodes.Status200OK, new
        {
            WasRevoked = revoked is not null,
            Authorizations = (IReadOnlyList<ShownAuthorization>)
            [
                .. (await authorizations.ListAsync(access.AccountId, ct)).Select(each => new ShownAuthorization(
                    each.Id, each.Application.Name, each.OrganizationSlug, ScopeWords.Of(each.Scopes), each.CreatedAt, each.LastTokenAt is not null)),
            ],
        });

    private static async Task<IResult> RevokeAsync(HttpContext context, Access access, AuthorizationStore authorizations, CancellationToken ct)
    {
        var form = await JsonBody.ReadFormOrJsonAsync(context.Request, ct);
        if (form.IsRefused)
            return form.Refusal;

        // What is not there any more was revoked before, in another window.
        if (long.TryParse(form.Map.Text("authorization"), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            await authorizations.RevokeAsync(access, id, ct);
        return PageResults.To($"{Path}?revoked=1");
    }

    private static async Task<IResult> ListAsync(Access access, AuthorizationStore authorizations, CancellationToken ct)
    {
        var found = await authorizations.ListAsync(access.AccountId, ct);
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartArray();
            foreach (var each in found)
            {
                json.StartObject();
                json.Name("id"u8);
                json.Value(each.Id.ToString(CultureInfo.InvariantCulture));
                json.Name("scopes"u8);
                json.Texts(each.Scopes);
                json.Name("application"u8);
                json.StartObject();
                json.Name("id"u8);
                json.Value(each.Application.ClientId);
                json.Name("name"u8);
                json.Value(each.Application.Name);
                json.EndObject();
                json.Name("homepageUrl"u8);
                json.Value(each.Application.HomepageUrl);
                json.Name("organization"u8);
                json.Value(each.OrganizationSlug);
                json.Name("dateCreated"u8);
                json.Instant(each.CreatedAt);
                json.EndObject();
            }

            json.EndArray();
        });
    }

    /// <summary>The body names it: <c>{"authorization": id}</c>.</summary>
    private static async Task<IResult> DeleteAsync(HttpRequest request, Access access, AuthorizationStore authorizations, CancellationToken ct)
    {
        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;

        var text = body.Map["authorization"] is double number ? number.ToString(CultureInfo.InvariantCulture) : body.Map.Text("authorization");
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            return ApiResults.Invalid("authorization", "This field is required.");
        return await authorizations.RevokeAsync(access, id, ct) ? Results.NoContent() : ApiResults.NotFound();
    }
}

using System.Globalization;
using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Tracker;
using Vedette.Wire.Json;

namespace Vedette.Server.Tokens;

/// <summary>Tokens of people, for those who are logged in, and tokens of organizations.</summary>
internal static class TokenEndpoints
{
    private const int LongestName = 255;

    extension(IEndpointRouteBuilder routes)
    {
        public void MapTokens()
        {
            routes.MapGet("/api/0/api-tokens/", ListAsync).RequireSession();
            routes.MapPost("/api/0/api-tokens/", CreateAsync).RequireSession();
            routes.MapPut("/api/0/api-tokens/{token:long}/", RenameAsync).RequireSession();
            routes.MapDelete("/api/0/api-tokens/{token:long}/", DeleteAsync).RequireSession();
            routes.MapGet("/api/0/organizations/{organization}/org-auth-tokens/", ListOfOrganizationAsync).RequireAnyScope("org:read");
            routes.MapPost("/api/0/organizations/{organization}/org-auth-tokens/", CreateOfOrganizationAsync).RequireAnyScope("org:write");
            routes.MapPut("/api/0/organizations/{organization}/org-auth-tokens/{token:long}/", RenameOfOrganizationAsync).RequireAnyScope("org:write");
            routes.MapDelete("/api/0/organizations/{organization}/org-auth-tokens/{token:long}/", DeleteOfOrganizationAsync).RequireAnyScope("org:write");
        }
    }

    private static async Task<IResult> ListAsync(HttpContext context, Access access, TokenStore tokens, Links links, CancellationToken ct)
    {
        if (Paging.Refuse(context.Request, out var paging) is { } refusal)
            return refusal;

        var found = await tokens.OfPersonAsync(access.AccountId, paging.Cursor?.Value, paging.Cursor?.IsPrevious == true, paging.PerPage + 1, ct);
        return Page(context, paging, links, found);
    }

    private static async Task<IResult> CreateAsync(HttpRequest request, Access access, TokenStore tokens, CancellationToken ct)
    {
        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;
        if (RefuseName(body.Map, isRequired: false, out var name) is { } wrongName)
            return wrongName;
        if (body.Map.List("scopes") is not { Count: > 0 } scopes || scopes.Any(scope => scope is not string))
            return ApiResults.Invalid("scopes", body.Map.Contains("scopes") ? "Expected a list of one scope at least." : "This field is required.");
        if (scopes.Cast<string>().FirstOrDefault(scope => !Scopes.IsKnown(scope)) is { } unknown)
            return ApiResults.Invalid("scopes", $"\"{unknown}\" is not a valid choice.");

        var (token, secret) = await tokens.AddToPersonAsync(access.AccountId, name, [.. scopes.Cast<string>()], ct);
        return ApiResults.Json(StatusCodes.Status201Created, json => Write(json, token, secret));
    }

    private static async Task<IResult> RenameAsync(long token, HttpRequest request, Access access, TokenStore tokens, CancellationToken ct)
    {
        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;
        if (RefuseName(body.Map, isRequired: true, out var name) is { } wrongName)
            return wrongName;
        return await tokens.RenameOfPersonAsync(access.AccountId, token, name, ct) ? Results.NoContent() : ApiResults.NotFound();
    }

    private static async Task<IResult> DeleteAsync(long token, Access access, TokenStore tokens, CancellationToken ct) =>
        await tokens.RemoveFromPersonAsync(access.AccountId, token, ct) ? Results.NoContent() : ApiResults.NotFound();

    private static async Task<IResult> ListOfOrganizationAsync(HttpContext context, Access access, TokenStore tokens, Links links, CancellationToken ct)
    {
        if (Paging.Refuse(context.Request, out var paging) is { } refusal)
            return refusal;

        var found = await tokens.OfOrganizationAsync(access.Organization!.Id, paging.Cursor?.Value, paging.Cursor?.IsPrevious == true, paging.PerPage + 1, ct);
        return Page(context, paging, links, found);
    }

    private static async Task<IResult> CreateOfOrganizationAsync(HttpRequest request, Access access, TokenStore tokens, CancellationToken ct)
    {
        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;
        if (RefuseName(body.Map, isRequired: true, out var name) is { } wrongName)
            return wrongName;

        var (token, secret) = await tokens.AddToOrganizationAsync(access.Organization!, name, access, ct);
        return ApiResults.Json(StatusCodes.Status201Created, json => Write(json, token, secret));
    }

    private static async Task<IResult> RenameOfOrganizationAsync(long token, HttpRequest request, Access access, TokenStore tokens, CancellationToken ct)
    {
        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;
        if (RefuseName(body.Map, isRequired: true, out var name) is { } wrongName)
            return wrongName;
        return await tokens.RenameOfOrganizationAsync(access.Organization!.Id, token, name, ct) ? Results.NoContent() : ApiResults.NotFound();
    }

    private static async Task<IResult> DeleteOfOrganizationAsync(long token, Access access, TokenStore tokens, CancellationToken ct) =>
        await tokens.RemoveFromOrganizationAsync(access.Organization!.Id, token, access, ct) ? Results.NoContent() : ApiResults.NotFound();

    private static IResult? RefuseName(JsonMap body, bool isRequired, out string name)
    {
        name = body.Text("name") ?? "";
        return body["name"] switch
        {
            null when !isRequired => null,
            null => ApiResults.Invalid("name", "This field is required."),
            not string => ApiResults.Invalid("name", "Not a valid string."),
            "" when isRequired => ApiResults.Invalid("name", "The name cannot be blank."),
            string { Length: > LongestName } => ApiResults.Invalid("name", $"Ensure this field has no more than {LongestName} characters."),
            string => null,
        };
    }

    private static IResult Page(HttpContext context, Paging paging, Links links, IReadOnlyList<StoredToken> found)
    {
        var page = paging.Page(context, links.BaseUrl, found, token => (token.Id, 0));
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartArray();
            foreach (var token in page)
                Write(json, token, null);
            json.EndArray();
        });
    }

    /// <param name="secret">Only when it is made.</param>
    private static void Write(StableJsonWriter json, StoredToken token, string? secret)
    {
        json.StartObject();
        json.Name("id"u8);
        json.Value(token.Id.ToString(CultureInfo.InvariantCulture));
        json.Name("name"u8);
        json.Value(token.Name);
        json.Name("scopes"u8);
        json.Texts(token.Scopes);
        json.Name("tokenLastCharacters"u8);
        json.Value(token.LastCharacters);
        json.Name("dateCreated"u8);
        json.Instant(token.CreatedAt);
        if (secret is not null)
        {
            json.Name("token"u8);
            json.Value(secret);
        }

        json.EndObject();
    }
}

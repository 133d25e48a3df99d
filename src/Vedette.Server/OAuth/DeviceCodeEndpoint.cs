using Vedette.Server.Api;
using Vedette.Server.Applications;
using Vedette.Server.Authorization;
using Vedette.Storage;
using Vedette.Tracker;

namespace Vedette.Server.OAuth;

/// <summary><c>/oauth/device/code/</c>: a device begins (RFC 8628 3.1, <c>spec/platform-api.md</c> 3.7).</summary>
internal static class DeviceCodeEndpoint
{
    extension(IEndpointRouteBuilder routes)
    {
        public void MapDeviceCodes()
        {
            routes.MapPost("/oauth/device/code/", StartAsync);
            routes.MapMethods("/oauth/device/code/", [HttpMethods.Options], ShowOptions);
        }
    }

    private static async Task<IResult> StartAsync(
        HttpContext context, ApiApplicationStore applications, DeviceCodeStore devices, Links links, CancellationToken ct)
    {
        TokenEndpoint.NeverStore(context.Response);
        var form = await TokenEndpoint.ReadAsync(context.Request, ct);
        if (form?.Text("client_id") is not { Length: > 0 } clientId)
            return Refuse(StatusCodes.Status401Unauthorized, OAuthError.InvalidClient, "Missing required parameter: client_id");
        if (await applications.FindAsync(clientId, ct) is not { } application)
            return Refuse(StatusCodes.Status401Unauthorized, OAuthError.InvalidClient, "Invalid client_id");

        TokenEndpoint.ShareWith(application, context);
        string[] scopes = [.. (form.Text("scope") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (scopes.FirstOrDefault(scope => !Scopes.IsKnown(scope)) is { } unknown)
            return Refuse(StatusCodes.Status400BadRequest, OAuthError.InvalidScope, $"Unknown scope: {unknown}");
        if (application.Exceeded(scopes) is { } exceeded)
            return Refuse(StatusCodes.Status400BadRequest, OAuthError.InvalidScope, $"Scope '{exceeded}' exceeds application permissions");
        if (await devices.StartAsync(application, scopes, ct) is not { } started)
            return Refuse(StatusCodes.Status500InternalServerError, "server_error", "Unable to generate device code. Please try again.");

        var page = $"{links.BaseUrl}/oauth/device/";
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartObject();
            json.Name("device_code"u8);
            json.Value(started.DeviceCode);
            json.Name("user_code"u8);
            json.Value(started.UserCode);
            json.Name("verification_uri"u8);
            json.Value(page);
            json.Name("verification_uri_complete"u8);
            json.Value($"{page}?user_code={started.UserCode}");
            json.Name("expires_in"u8);
            json.Value((long)DeviceCodeStore.Lasts.TotalSeconds);
            json.Name("interval"u8);
            json.Value((long)OAuthTokens.PollInterval.TotalSeconds);
            json.EndObject();
        });
    }

    private static IResult ShowOptions(HttpResponse response)
    {
        response.Headers.AccessControlMaxAge = "3600";
        response.Headers.AccessControlAllowMethods = response.Headers.Allow = "POST, OPTIONS";
        return Results.Ok();
    }

    private static IResult Refuse(int status, OAuthError error, string description) => Refuse(status, StoredName.Of(error), description);

    private static IResult Refuse(int status, string error, string description) => ApiResults.Json(status, json =>
    {
        json.StartObject();
        json.Name("error"u8);
        json.Value(error);
        json.Name("error_description"u8);
        json.Value(description);
        json.EndObject();
    });
}

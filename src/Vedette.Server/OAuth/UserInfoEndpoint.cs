using Vedette.Server.Accounts;
using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Storage;
using Vedette.Wire.Json;

namespace Vedette.Server.OAuth;

/// <summary>Who a token acts for, as far as it may tell (<c>spec/platform-api.md</c> 3.8).</summary>
internal static class UserInfoEndpoint
{
    extension(IEndpointRouteBuilder routes)
    {
        public void MapUserInfo() => routes.MapGet("/oauth/userinfo/", ShowAsync);
    }

    private static async Task<IResult> ShowAsync(HttpContext context, HolderStore holders, AccountStore accounts, TimeProvider time, CancellationToken ct)
    {
        TokenEndpoint.NeverStore(context.Response);
        var header = context.Request.Headers.Authorization.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (header is not [var scheme, var token] || !scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
        {
            return Refuse(StatusCodes.Status400BadRequest, "parameter-validation-error", "Bearer token not found in authorization header", json =>
            {
                json.Name("context"u8);
                json.Value("");
            });
        }

        if (await holders.ByTokenAsync(token, ct) is not { AccountId: { } id, IsActive: true } holder
            || holder.ExpiresAt <= time.GetUtcNow()
            || await accounts.FindAsync(id, ct) is not { } account)
        {
            return ApiResults.Detail(StatusCodes.Status404NotFound, "Access token not found");
        }

        if (!holder.Scopes.Contains("openid", StringComparer.Ordinal))
            return Refuse(StatusCodes.Status403Forbidden, "insufficient-scope", "openid scope is required for userinfo access", static _ => { });

        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartObject();
            json.Name("sub"u8);
            json.Value(id);
            if (holder.Scopes.Contains("profile", StringComparer.Ordinal))
            {
                json.Name("name"u8);
                json.Value(account.Name);
                json.Name("avatar_type"u8);
                json.Value(0L);
                json.Name("avatar_url"u8);
                json.Null();
                json.Name("date_joined"u8);
                json.Instant(UnixMicroseconds.ToInstant(account.CreatedAt));
            }

            if (holder.Scopes.Contains("email", StringComparer.Ordinal))
            {
                json.Name("email"u8);
                json.Value(account.Email);
                json.Name("email_verified"u8);
                json.Value(true);
            }

            json.EndObject();
        });
    }

    private static IResult Refuse(int status, string code, string message, Action<StableJsonWriter> extra) => ApiResults.Json(status, json =>
    {
        json.StartObject();
        json.Name("detail"u8);
        json.StartObject();
        json.Name("code"u8);
        json.Value(code);
        json.Name("message"u8);
        json.Value(message);
        json.Name("extra"u8);
        json.StartObject();
        extra(json);
        json.EndObject();
        json.EndObject();
        json.EndObject();
    });
}

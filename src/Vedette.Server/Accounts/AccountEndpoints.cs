using System.Globalization;
using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Storage;
using Vedette.Wire.Json;

namespace Vedette.Server.Accounts;

/// <summary>Who the API takes somebody for.</summary>
internal static class AccountEndpoints
{
    extension(IEndpointRouteBuilder routes)
    {
        public void MapAccounts()
        {
            routes.MapGet("/api/0/", IndexAsync).AllowStrangers();
            routes.MapGet("/api/0/users/me/", MeAsync).RequireAnyToken();
        }
    }

    /// <summary>Where <c>sentry-cli info</c> looks (<c>spec/domain.md</c> 8.2): both members are null for strangers.</summary>
    private static async Task<IResult> IndexAsync(HttpContext context, AccountStore accounts, CancellationToken ct)
    {
        var access = context.Features.Get<Access>();
        var joined = access is null ? 0 : await accounts.JoinedAsync(access.AccountId, ct);
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartObject();
            json.Name("version"u8);
            json.Value("0");
            json.Name("auth"u8);
            if (access is null)
            {
                json.Null();
            }
            else
            {
                json.StartObject();
                json.Name("scopes"u8);
                json.StartArray();
                foreach (var scope in access.TokenScopes)
                    json.Value(scope);
                json.EndArray();
                json.EndObject();
            }

            json.Name("user"u8);
            if (access is null)
                json.Null();
            else
                Write(json, access, joined);
            json.EndObject();
        });
    }

    private static async Task<IResult> MeAsync(Access access, AccountStore accounts, CancellationToken ct)
    {
        var joined = await accounts.JoinedAsync(access.AccountId, ct);
        return ApiResults.Json(StatusCodes.Status200OK, json => Write(json, access, joined));
    }

    private static void Write(StableJsonWriter json, Access access, long joined)
    {
        json.StartObject();
        json.Name("id"u8);
        json.Value(access.AccountId.ToString(CultureInfo.InvariantCulture));
        json.Name("name"u8);
        json.Value(access.Name);
        json.Name("username"u8);
        json.Value(access.Email);
        json.Name("email"u8);
        json.Value(access.Email);
        json.Name("isActive"u8);
        json.Value(true);
        json.Name("isSuperuser"u8);
        json.Value(false);
        json.Name("isStaff"u8);
        json.Value(false);
        json.Name("hasPasswordAuth"u8);
        json.Value(true);
        json.Name("has2fa"u8);
        json.Value(false);
        json.Name("dateJoined"u8);
        json.Instant(UnixMicroseconds.ToInstant(joined));
        json.Name("emails"u8);
        json.StartArray();
        json.StartObject();
        json.Name("id"u8);
        json.Value(access.AccountId.ToString(CultureInfo.InvariantCulture));
        json.Name("email"u8);
        json.Value(access.Email);
        json.Name("is_verified"u8);
        json.Value(true);
        json.EndObject();
        json.EndArray();
        json.EndObject();
    }
}

using Vedette.Server.Api;
using Vedette.Server.Authorization;

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
        var account = access is null ? null : await accounts.FindAsync(access.AccountId, ct);
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
                json.Texts(access.TokenScopes);
                json.EndObject();
            }

            json.Name("user"u8);
            if (account is null)
                json.Null();
            else
                AccountJson.Write(json, account);
            json.EndObject();
        });
    }

    /// <summary>A token of an organization is nobody's.</summary>
    private static async Task<IResult> MeAsync(Access access, AccountStore accounts, CancellationToken ct) =>
        await accounts.FindAsync(access.AccountId, ct) is { } account
            ? ApiResults.Json(StatusCodes.Status200OK, json => AccountJson.Write(json, account))
            : ApiResults.Forbidden();
}

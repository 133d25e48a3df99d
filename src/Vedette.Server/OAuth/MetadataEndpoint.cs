using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Tracker;

namespace Vedette.Server.OAuth;

/// <summary>Where things are, for clients that ask (RFC 8414, <c>spec/platform-api.md</c> 3.3).</summary>
internal static class MetadataEndpoint
{
    extension(IEndpointRouteBuilder routes)
    {
        public void MapOAuthMetadata() => routes.MapGet("/.well-known/oauth-authorization-server", Show);
    }

    private static IResult Show(Links links, HttpResponse response)
    {
        response.Headers.CacheControl = "max-age=3600, public";
        response.Headers.AccessControlAllowOrigin = "*";
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartObject();
            foreach (var (name, path) in new[]
            {
                ("issuer", ""),
                ("authorization_endpoint", "/oauth/authorize/"),
                ("token_endpoint", "/oauth/token/"),
                ("userinfo_endpoint", "/oauth/userinfo/"),
                ("device_authorization_endpoint", "/oauth/device/code/"),
                ("revocation_endpoint", "/oauth/revoke/"),
            })
            {
                json.Name(name);
                json.Value(links.BaseUrl + path);
            }

            string[] authentication = ["client_secret_basic", "client_secret_post", "none"];
            json.Name("response_types_supported"u8);
            json.Texts(["code"]);
            json.Name("grant_types_supported"u8);
            json.Texts(["authorization_code", "refresh_token", TokenEndpoint.DeviceGrant]);
            json.Name("code_challenge_methods_supported"u8);
            json.Texts([Pkce.Method]);
            json.Name("token_endpoint_auth_methods_supported"u8);
            json.Texts(authentication);
            json.Name("revocation_endpoint_auth_methods_supported"u8);
            json.Texts(authentication);
            json.Name("scopes_supported"u8);
            json.Texts([.. Scopes.All.Order(StringComparer.Ordinal)]);
            json.EndObject();
        });
    }
}

namespace Vedette.Server.OAuth;

/// <summary>People let applications act for them (RFC 6749 and its kin, <c>spec/platform-api.md</c> 3).</summary>
internal static class OAuthServices
{
    public static void AddOAuth(this IServiceCollection services)
    {
        services.AddSingleton<AuthorizationStore>();
        services.AddSingleton<AuthorizeRequestStore>();
        services.AddSingleton<ClientAuthentication>();
        services.AddSingleton<Consent>();
        services.AddSingleton<DeviceCodeStore>();
        services.AddSingleton<DeviceLookups>();
        services.AddSingleton<OAuthTokens>();
    }

    public static void MapOAuth(this IEndpointRouteBuilder routes)
    {
        routes.MapOAuthMetadata();
        routes.MapOAuthTokens();
        routes.MapDeviceCodes();
        routes.MapUserInfo();
        routes.MapAuthorizePages();
        routes.MapDevicePages();
        routes.MapAuthorizations();
    }
}

using Vedette.Server.Api;
using Vedette.Wire.Json;

namespace Vedette.Server.Applications;

/// <summary>An application that people let act for them by OAuth (<c>spec/platform-api.md</c> 3.4).</summary>
internal sealed record ApiApplication
{
    /// <summary>Vedette's own command line: public, for devices, and nobody's.</summary>
    public const string CommandLine = "vedette-cli";

    public required long Id { get; init; }

    public required string ClientId { get; init; }

    /// <summary>Sealed; <c>null</c> for a public client, which could not keep one.</summary>
    public required byte[]? ClientSecret { get; init; }

    public required string Name { get; init; }

    public required string? HomepageUrl { get; init; }

    public required string? PrivacyUrl { get; init; }

    public required string? TermsUrl { get; init; }

    public required IReadOnlyList<string> RedirectUris { get; init; }

    /// <summary>Pages that may use its tokens, as <see cref="Authorization.AllowedOrigin"/> reads them.</summary>
    public required IReadOnlyList<string> AllowedOrigins { get; init; }

    /// <summary>The most that it may ask for; empty for no such bound.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>Whoever lets it in chooses one organization, and its tokens work in no other.</summary>
    public required bool RequiresOrgLevelAccess { get; init; }

    public required DateTimeOffset SecretShownUntil { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public bool IsPublic => ClientSecret is null;

    /// <summary>The first scope that it may not ask for; <c>null</c> when it may ask for them all.</summary>
    public string? Exceeded(IEnumerable<string> scopes) =>
        Scopes.Count == 0 ? null : scopes.FirstOrDefault(scope => !Authorization.Scopes.Expand(Scopes).Contains(scope, StringComparer.Ordinal));

    /// <param name="secret">In the clear; <c>null</c> hides it.</param>
    public void Write(StableJsonWriter json, string? secret)
    {
        json.StartObject();
        json.Name("id"u8);
        json.Value(ClientId);
        json.Name("clientID"u8);
        json.Value(ClientId);
        json.Name("clientSecret"u8);
        json.Value(secret);
        json.Name("name"u8);
        json.Value(Name);
        json.Name("homepageUrl"u8);
        json.Value(HomepageUrl);
        json.Name("privacyUrl"u8);
        json.Value(PrivacyUrl);
        json.Name("termsUrl"u8);
        json.Value(TermsUrl);
        json.Name("allowedOrigins"u8);
        json.Texts(AllowedOrigins);
        json.Name("redirectUris"u8);
        json.Texts(RedirectUris);
        json.Name("scopes"u8);
        json.Texts(Scopes);
        json.Name("requiresOrgLevelAccess"u8);
        json.Value(RequiresOrgLevelAccess);
        json.Name("isPublic"u8);
        json.Value(IsPublic);
        json.Name("dateCreated"u8);
        json.Instant(CreatedAt);
        json.EndObject();
    }
}

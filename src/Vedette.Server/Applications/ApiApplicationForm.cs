using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Wire.Json;

namespace Vedette.Server.Applications;

/// <summary>What a request says of an application. What it leaves out stays as it is.</summary>
internal sealed record ApiApplicationForm
{
    private const int LongestName = 64;
    private const int LongestUrl = 255;
    private const int MostEntries = 100;

    public required string Name { get; init; }

    public required string? HomepageUrl { get; init; }

    public required string? PrivacyUrl { get; init; }

    public required string? TermsUrl { get; init; }

    public required IReadOnlyList<string> RedirectUris { get; init; }

    public required IReadOnlyList<string> AllowedOrigins { get; init; }

    public required IReadOnlyList<string> Scopes { get; init; }

    public required bool RequiresOrgLevelAccess { get; init; }

    public static ApiApplicationForm Empty(string name) => new()
    {
        Name = name,
        HomepageUrl = null,
        PrivacyUrl = null,
        TermsUrl = null,
        RedirectUris = [],
        AllowedOrigins = [],
        Scopes = [],
        RequiresOrgLevelAccess = false,
    };

    public static ApiApplicationForm Of(ApiApplication application) => new()
    {
        Name = application.Name,
        HomepageUrl = application.HomepageUrl,
        PrivacyUrl = application.PrivacyUrl,
        TermsUrl = application.TermsUrl,
        RedirectUris = application.RedirectUris,
        AllowedOrigins = application.AllowedOrigins,
        Scopes = application.Scopes,
        RequiresOrgLevelAccess = application.RequiresOrgLevelAccess,
    };

    /// <summary>The fields of this form, changed as the body says.</summary>
    public (ApiApplicationForm? Form, IResult? Refusal) Read(JsonMap body)
    {
        if (BodyFields.RefuseText(body, "name", LongestName, required: body.Contains("name"), out var name) is { } wrongName)
            return (null, wrongName);
        if (RefuseUrl(body, "homepageUrl", HomepageUrl, out var homepage) is { } wrongHomepage)
            return (null, wrongHomepage);
        if (RefuseUrl(body, "privacyUrl", PrivacyUrl, out var privacy) is { } wrongPrivacy)
            return (null, wrongPrivacy);
        if (RefuseUrl(body, "termsUrl", TermsUrl, out var terms) is { } wrongTerms)
            return (null, wrongTerms);
        if (RefuseTexts(body, "redirectUris", RedirectUris, Applications.RedirectUris.WhatIsWrong, out var redirects) is { } wrongRedirect)
            return (null, wrongRedirect);
        if (RefuseTexts(body, "allowedOrigins", AllowedOrigins, AllowedOrigin.WhatIsWrong, out var origins) is { } wrongOrigin)
            return (null, wrongOrigin);
        if (RefuseTexts(body, "scopes", Scopes, scope => Authorization.Scopes.IsKnown(scope) ? null : $"{scope} not a valid scope", out var scopes) is { } wrongScope)
            return (null, wrongScope);
        if (RefuseFlag(body, "requiresOrgLevelAccess", RequiresOrgLevelAccess, out var orgLevel) is { } wrongFlag)
            return (null, wrongFlag);

        return (new ApiApplicationForm
        {
            Name = name ?? Name,
            HomepageUrl = homepage,
            PrivacyUrl = privacy,
            TermsUrl = terms,
            RedirectUris = redirects,
            AllowedOrigins = origins,
            Scopes = Authorization.Scopes.Expand(scopes),
            RequiresOrgLevelAccess = orgLevel,
        }, null);
    }

    public static IResult? RefuseFlag(JsonMap body, string field, bool now, out bool flag)
    {
        flag = body[field] as bool? ?? now;
        return body[field] is null or bool ? null : ApiResults.Invalid(field, "Must be a valid boolean.");
    }

    private static IResult? RefuseUrl(JsonMap body, string field, string? now, out string? url)
    {
        url = body.Contains(field) ? body.Text(field)?.Trim() : now;
        if (url is "")
            url = null;
        return body[field] switch
        {
            null => null,
            not string => ApiResults.Invalid(field, "Not a valid string."),
            string => url switch
            {
                null => null,
                { Length: > LongestUrl } => ApiResults.Invalid(field, $"Ensure this field has no more than {LongestUrl} characters."),
                _ => IsWeb(url) ? null : ApiResults.Invalid(field, "Enter a valid URL."),
            },
        };
    }

    private static IResult? RefuseTexts(
        JsonMap body, string field, IReadOnlyList<string> now, Func<string, string?> whatIsWrong, out IReadOnlyList<string> texts)
    {
        texts = now;
        if (!body.Contains(field))
            return null;
        if (body.List(field) is not { } list || list.Any(each => each is not string))
            return ApiResults.Invalid(field, "Expected a list of strings.");
        if (list.Count > MostEntries)
            return ApiResults.Invalid(field, $"Ensure this field has no more than {MostEntries} elements.");

        texts = [.. list.Cast<string>().Select(each => each.Trim()).Distinct(StringComparer.Ordinal)];
        return texts.Select(whatIsWrong).FirstOrDefault(wrong => wrong is not null) is { } first ? ApiResults.Invalid(field, first) : null;
    }

    private static bool IsWeb(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var parsed) && (parsed.Scheme == Uri.UriSchemeHttps || parsed.Scheme == Uri.UriSchemeHttp);
}

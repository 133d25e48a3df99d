using Microsoft.Extensions.Primitives;
using Vedette.Server.Applications;

namespace Vedette.Server.OAuth;

internal enum ResponseType
{
    Code,

    /// <summary>The token in the fragment of the redirect (RFC 6749 4.2): for old clients that hold a secret, and no others.</summary>
    Token,
}

/// <summary>What a request to <c>/oauth/authorize/</c> comes to: one of the three is set.</summary>
/// <param name="Unusable">The parameter for whose sake nobody may be sent anywhere.</param>
/// <param name="Refusal">Where to send the browser with an error.</param>
internal sealed record AuthorizeReading(AuthorizeRequest? Request, string? Unusable, string? Refusal);

/// <summary>An application asks a person to let it in (RFC 6749 4.1.1, RFC 7636 4.3, <c>spec/platform-api.md</c> 3.5).</summary>
internal sealed record AuthorizeRequest
{
    private const int LongestState = 4096;

    public required ApiApplication Application { get; init; }

    public required ResponseType ResponseType { get; init; }

    /// <summary>As the client gave it, or the only one when it gave none: it has to say the same again to get the token.</summary>
    public required string RedirectUri { get; init; }

    /// <summary>Where the browser is sent: as it was registered, so that no request can make it lead elsewhere.</summary>
    public required string ReturnUri { get; init; }

    public required IReadOnlyList<string> Scopes { get; init; }

    public required string? State { get; init; }

    public required string? CodeChallenge { get; init; }

    /// <summary>Asks although the person has allowed it before.</summary>
    public required bool ForcePrompt { get; init; }

    /// <param name="application">That <c>client_id</c> names; <c>null</c> when there is none.</param>
    public static AuthorizeReading Read(IQueryCollection query, ApiApplication? application)
    {
        if (application is null || query["client_id"].Count != 1)
            return Unusable("client_id");
        if (StoredResponseType(query["response_type"]) is not { } responseType)
            return Unusable("client_id");
        if (query["redirect_uri"].Count > 1 || RedirectUris.Match(application.RedirectUris, One(query, "redirect_uri")) is not { } returnUri)
            return Unusable("redirect_uri");

        var request = new AuthorizeRequest
        {
            Application = application,
            ResponseType = responseType,
            RedirectUri = One(query, "redirect_uri") ?? returnUri,
            ReturnUri = returnUri,
            Scopes = [.. query["scope"].ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            State = One(query, "state"),
            CodeChallenge = One(query, "code_challenge"),
            ForcePrompt = One(query, "force_prompt") is not (null or "" or "0" or "false"),
        };
        return request.WhatIsWrong(query) is { } error ? new(null, null, request.RefusalUri(error)) : new(request, null, null);

        static AuthorizeReading Unusable(string parameter) => new(null, parameter, null);
    }

    public string CodeUri(string code) => WithQuery(ReturnUri, ("code", code), ("state", State));

    public string RefusalUri(OAuthError error) => WithQuery((State?.Length ?? 0) > LongestState ? this with { State = null } : this, error);

    /// <summary>A server never sees a fragment, so none has the token in its log.</summary>
    public string TokenUri(IReadOnlyList<(string Name, string? Value)> answer) => $"{ReturnUri}#{Encode(answer)}";

    private OAuthError? WhatIsWrong(IQueryCollection query)
    {
        if (query.Any(each => each.Value.Count > 1) || State?.Length > LongestState)
            return OAuthError.InvalidRequest;
        if (Scopes.Any(scope => !Authorization.Scopes.IsKnown(scope)) || Application.Exceeded(Scopes) is not null)
            return OAuthError.InvalidScope;
        if (CodeChallenge is not null && (One(query, "code_challenge_method") != Pkce.Method || !Pkce.IsWellFormed(CodeChallenge)))
            return OAuthError.InvalidRequest;
        if (!Application.IsPublic)
            return null;
        return ResponseType switch
        {
            ResponseType.Code => CodeChallenge is null ? OAuthError.InvalidRequest : null,
            ResponseType.Token => OAuthError.UnauthorizedClient,
        };
    }

    private static ResponseType? StoredResponseType(StringValues given) => given.Count == 1 ? Storage.StoredName.TryParse<ResponseType>(given[0]!) : null;

    private static string? One(IQueryCollection query, string name) => query.TryGetValue(name, out var values) ? values[0] : null;

    private static string WithQuery(AuthorizeRequest request, OAuthError error) =>
        WithQuery(request.ReturnUri, ("error", Storage.StoredName.Of(error)), ("state", request.State));

    /// <summary>The URI keeps the query that it was registered with (RFC 6749 3.1.2).</summary>
    private static string WithQuery(string uri, params IReadOnlyList<(string Name, string? Value)> answer) =>
        $"{uri}{(uri.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{Encode(answer)}";

    private static string Encode(IReadOnlyList<(string Name, string? Value)> answer) =>
        string.Join('&', answer.Where(each => each.Value is not null).Select(each => $"{each.Name}={Uri.EscapeDataString(each.Value!)}"));
}

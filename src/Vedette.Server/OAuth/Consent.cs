using System.Globalization;
using Vedette.Server.Authorization;
using Vedette.Storage;

namespace Vedette.Server.OAuth;

/// <summary>A person said yes: the authorization and what the application gets for it come in one transaction.</summary>
internal sealed class Consent(Database database, AuthorizationStore authorizations, OAuthTokens tokens)
{
    /// <param name="organizationId">The only one where the application may act; <c>null</c> for all of the person's.</param>
    /// <returns>Where to send the browser.</returns>
    public Task<string> LetInAsync(AuthorizeRequest request, Access access, long? organizationId, CancellationToken ct) =>
        database.WriteAsync(async transaction =>
        {
            var id = await authorizations.AllowAsync(transaction, access, request.Application, organizationId, request.Scopes);
            return request.ResponseType switch
            {
                ResponseType.Code => request.CodeUri(await authorizations.AddCodeAsync(transaction, id, request)),
                ResponseType.Token => TokenUri(request, await tokens.IssueUnrefreshedAsync(transaction, id, request.Scopes)),
            };
        }, ct);

    private static string TokenUri(AuthorizeRequest request, OAuthOutcome issued) => issued.Token is { } token
        ? request.TokenUri(
        [
            ("access_token", token.AccessToken),
            ("expires_in", ((long)OAuthTokens.Lasts.TotalSeconds).ToString(CultureInfo.InvariantCulture)),
            ("expires_at", token.ExpiresAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture)),
            ("token_type", "Bearer"),
            ("scope", string.Join(' ', token.Scopes)),
            ("state", request.State),
        ])
        : request.RefusalUri(issued.Error!.Value);
}

namespace Vedette.Server.OAuth;

/// <summary>Why a client gets no token, in the words of RFC 6749 5.2 and RFC 8628 3.5.</summary>
internal enum OAuthError
{
    InvalidRequest,
    InvalidClient,
    InvalidGrant,
    InvalidScope,
    UnauthorizedClient,
    UnsupportedGrantType,
    AccessDenied,
    AuthorizationPending,
    SlowDown,
    ExpiredToken,
}

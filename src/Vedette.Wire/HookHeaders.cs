namespace Vedette.Wire;

/// <summary>Names of the headers of app webhooks (<c>spec/webhooks.md</c> 1.2), as they are written on the wire.</summary>
public static class HookHeaders
{
    public const string RequestId = "Request-ID";
    public const string Resource = "Sentry-Hook-Resource";
    public const string Timestamp = "Sentry-Hook-Timestamp";
    public const string Signature = "Sentry-Hook-Signature";
    public const string IdempotencyKey = "Idempotency-Key";

    /// <summary>Of what the forms of the pages ask an app (<c>spec/platform-api.md</c> 4.2), where webhooks have <see cref="Signature"/>.</summary>
    public const string AppSignature = "Sentry-App-Signature";
}

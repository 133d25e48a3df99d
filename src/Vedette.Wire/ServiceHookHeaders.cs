namespace Vedette.Wire;

/// <summary>
/// Names of the headers of service hooks (<c>spec/webhooks.md</c> 1.3). Both signature headers carry the same value: one is
/// what Sentry sends, the other what its documentation says.
/// </summary>
public static class ServiceHookHeaders
{
    public const string Timestamp = "X-ServiceHook-Timestamp";
    public const string Guid = "X-ServiceHook-GUID";
    public const string Signature = "X-ServiceHook-Signature";
    public const string DocumentedSignature = "X-Sentry-Hook-Signature";
}

using Vedette.Engine.Egress;

namespace Vedette.Engine.Deliveries;

/// <summary>What an answer of another server, or the lack of one, means.</summary>
public static class AttemptOutcomes
{
    public static AttemptOutcome Of(int status) => status switch
    {
        >= 200 and < 300 => AttemptOutcome.Delivered,
        >= 300 and < 400 => AttemptOutcome.Redirected,
        410 => AttemptOutcome.Gone,
        429 => AttemptOutcome.TooManyRequests,
        >= 400 and < 500 => AttemptOutcome.ClientError,
        _ => AttemptOutcome.ServerError,
    };

    /// <param name="e">Of a request through an <see cref="EgressHandler"/>.</param>
    public static AttemptOutcome Of(HttpRequestException e) => e.HttpRequestError switch
    {
        _ when e.InnerException is EgressBlockedException => AttemptOutcome.Blocked,
        _ when e.InnerException is NameNotResolvedException => AttemptOutcome.NameNotResolved,
        HttpRequestError.SecureConnectionError => AttemptOutcome.TlsFailed,
        _ => AttemptOutcome.ConnectionFailed,
    };
}

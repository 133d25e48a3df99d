using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using Vedette.Engine.Egress;
using Vedette.Engine.Subscriptions;
using Vedette.Storage;
using Vedette.Wire.Json;

namespace Vedette.Engine.Deliveries;

/// <summary>
/// Makes one attempt and reports what came of it; never throws for anything that a receiver does. Redirects are not
/// followed, bodies not decompressed, cookies not kept, proxies not asked, and connections go to checked addresses only.
/// </summary>
public sealed class WebhookSender : IDisposable
{
    /// <summary>Bytes of a response that are read before the connection is closed.</summary>
    public const int ReadBody = 64 * 1024;

    /// <summary>Bytes of a response that are kept in the log.</summary>
    public const int KeptBody = 16 * 1024;

    private static readonly TimeSpan WholeExchange = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<long, OpenSecret> secrets = new();
    private readonly HttpMessageInvoker client;
    private readonly SecretBox box;
    private readonly TimeProvider time;

    public WebhookSender(EgressConnector connector, SecretBox box, TimeProvider time)
    {
        this.box = box;
        this.time = time;
        client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = connector.ConnectAsync,
            PlaintextStreamFilter = (context, _) => new(new KeepAliveStream(context.PlaintextStream)),
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = null,
            MaxResponseHeadersLength = 64,
            MaxResponseDrainSize = 0,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        });
    }

    /// <summary>Longest time an attempt may take when response headers must be there within <paramref name="timeout"/>.</summary>
    public static TimeSpan LongestExchange(TimeSpan timeout) => timeout > WholeExchange ? timeout : WholeExchange;

    /// <param name="stopping">Ends the attempt; it is then reported as <see cref="AttemptOutcome.Ours"/>.</param>
    public async Task<AttemptResult> SendAsync(LeasedDelivery delivery, CancellationToken stopping)
    {
        var requestId = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var startedAt = time.GetUtcNow();
        var started = time.GetTimestamp();
        var destination = delivery.Destination;
        using var headersClock = new CancellationTokenSource(destination.Timeout, time);
        using var wholeClock = new CancellationTokenSource(LongestExchange(destination.Timeout), time);
        using var headers = CancellationTokenSource.CreateLinkedTokenSource(headersClock.Token, wholeClock.Token, stopping);
        string? headerText = null;
        if (OutboundUrl.TryParse(destination.Url, out _, out var malformed) is false)
            return Failed(AttemptOutcome.Blocked, malformed);

        try
        {
            using var response = await SendAsync(headers.Token);
            var duration = time.GetElapsedTime(started);
            using var whole = CancellationTokenSource.CreateLinkedTokenSource(wholeClock.Token, stopping);
            var body = await ReadAsync(response, whole.Token);
            var outcome = OutcomeOf((int)response.StatusCode);
            var error = ReceiversError(response);
            return new AttemptResult
            {
                Outcome = outcome,
                Reason = $"HTTP {(int)response.StatusCode}",
                RequestId = requestId,
                StartedAt = startedAt,
                Duration = duration,
                StatusCode = (int)response.StatusCode,
                RetryAfter = RetryAfter(response, startedAt + duration),
                RequestHeaders = outcome == AttemptOutcome.Delivered ? null : headerText,
                ResponseBody = outcome == AttemptOutcome.Delivered ? null : body,
                ErrorId = error?.Id,
                ErrorProject = error?.Project,
            };
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return Failed(AttemptOutcome.Ours, "shutting down");
        }
        catch (OperationCanceledException)
        {
            return Failed(AttemptOutcome.Timeout, $"no response headers within {destination.Timeout.TotalMilliseconds:0} ms");
        }
        catch (HttpRequestException e)
        {
            return Failed(OutcomeOf(e), ReasonOf(e));
        }
        catch (CryptographicException e)
        {
            return Failed(AttemptOutcome.Ours, $"the secret cannot be decrypted: {e.Message}") with { RetryAfter = TimeSpan.FromMinutes(1) };
        }

        AttemptResult Failed(AttemptOutcome outcome, string reason) => new()
        {
            Outcome = outcome,
            Reason = reason,
            RequestId = requestId,
            StartedAt = startedAt,
            Duration = time.GetElapsedTime(started),
            RequestHeaders = headerText,
        };

        // A kept-alive connection that the receiver closed meanwhile is no attempt: the request goes out again at once, once.
        async Task<HttpResponseMessage> SendAsync(CancellationToken ct)
        {
            for (var again = false; ; again = true)
            {
                using var request = HookRequest.Build(delivery, Open(destination), requestId, startedAt);
                headerText = HookRequest.HeaderText(request);
                try
                {
                    return await client.SendAsync(request, ct);
                }
                catch (HttpRequestException e) when (!again && IsStale(e))
                {
                    continue;
                }
            }
        }
    }

    public void Dispose() => client.Dispose();

    private static AttemptOutcome OutcomeOf(int status) => status switch
    {
        >= 200 and < 300 => AttemptOutcome.Delivered,
        >= 300 and < 400 => AttemptOutcome.Redirected,
        410 => AttemptOutcome.Gone,
        429 => AttemptOutcome.TooManyRequests,
        >= 400 and < 500 => AttemptOutcome.ClientError,
        _ => AttemptOutcome.ServerError,
    };

    private static AttemptOutcome OutcomeOf(HttpRequestException e) => e.HttpRequestError switch
    {
        _ when e.InnerException is EgressBlockedException => AttemptOutcome.Blocked,
        _ when e.InnerException is NameNotResolvedException => AttemptOutcome.NameNotResolved,
        HttpRequestError.SecureConnectionError => AttemptOutcome.TlsFailed,
        _ => AttemptOutcome.ConnectionFailed,
    };

    private static string ReasonOf(HttpRequestException e) => (e.InnerException ?? e).Message.ReplaceLineEndings(" ");

    private static bool IsStale(Exception? e) => e is StaleConnectionException || (e?.InnerException is { } inner && IsStale(inner));

    /// <summary>Both forms of RFC 9110 10.2.3. A date counts from the receiver's own clock when it tells it.</summary>
    private static TimeSpan? RetryAfter(HttpResponseMessage response, DateTimeOffset now) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date > (response.Headers.Date ?? now) ? date - (response.Headers.Date ?? now) : TimeSpan.Zero,
        _ => null,
    };

    /// <summary>Only both headers together say something, and the project only as a number (<c>spec/webhooks.md</c> 4.4).</summary>
    private static (string Id, string Project)? ReceiversError(HttpResponseMessage response) =>
        response.Headers.NonValidated.TryGetValues("Sentry-Hook-Error", out var id)
        && response.Headers.NonValidated.TryGetValues("Sentry-Hook-Project", out var project)
        && project.ToString() is { Length: > 0 and <= 19 } digits && digits.All(char.IsAsciiDigit)
        && id.ToString() is { Length: <= 64 } text
            ? (LenientJson.Mend(text), digits)
            : null;

    /// <summary>The status line has decided already; whatever goes wrong with the body only shortens the log.</summary>
    private static async Task<byte[]> ReadAsync(HttpResponseMessage response, CancellationToken ct)
    {
        var kept = new byte[KeptBody];
        var discarded = new byte[4096];
        var read = 0;
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(ct);
            while (read < ReadBody)
            {
                var target = read < KeptBody ? kept.AsMemory(read) : discarded;
                var count = await body.ReadAsync(target, ct);
                if (count == 0)
                    break;
                read += count;
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException or OperationCanceledException)
        {
            // Keep what came.
        }

        return kept[..Math.Min(read, KeptBody)];
    }

    /// <summary>Opening costs more than sending, so it is done once for each secret that a destination has had.</summary>
    private string Open(Destination destination)
    {
        if (secrets.TryGetValue(destination.Id, out var known) && known.Sealed.AsSpan().SequenceEqual(destination.Secret))
            return known.Clear;

        var clear = box.Open(destination.Secret);
        secrets[destination.Id] = new OpenSecret(destination.Secret, clear);
        return clear;
    }

    private sealed record OpenSecret(byte[] Sealed, string Clear)
    {
        public override string ToString() => "***";
    }
}

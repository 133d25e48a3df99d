using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using Vedette.Engine.Egress;
using Vedette.Engine.Subscriptions;
using Vedette.Storage;

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
        if (OutboundUrl.TryParse(destination.Url, out _, out var malformed) is false)
            return Failed(AttemptOutcome.Blocked, malformed);

        try
        {
            using var request = HookRequest.Build(delivery, Open(destination), requestId, startedAt);
            using var response = await client.SendAsync(request, headers.Token);
            var duration = time.GetElapsedTime(started);
            using var whole = CancellationTokenSource.CreateLinkedTokenSource(wholeClock.Token, stopping);
            return new AttemptResult
            {
                Outcome = OutcomeOf((int)response.StatusCode),
                Reason = $"HTTP {(int)response.StatusCode}",
                RequestId = requestId,
                StartedAt = startedAt,
                Duration = duration,
                StatusCode = (int)response.StatusCode,
                RetryAfter = RetryAfter(response),
                ResponseBody = await ReadAsync(response, whole.Token),
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
        };
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

    private static TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when response.Headers.Date is { } now => date > now ? date - now : TimeSpan.Zero,
        _ => null,
    };

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

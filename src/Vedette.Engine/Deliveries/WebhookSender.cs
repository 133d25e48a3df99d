using System.Buffers;
using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Sockets;
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

    private const int Discarded = 4096;

    private static readonly TimeSpan WholeExchange = TimeSpan.FromSeconds(5);

    private static readonly ConcurrentDictionary<int, string> Reasons = new();

    private static readonly IReadOnlyDictionary<string, string> NoHeaders = new Dictionary<string, string>();

    private readonly ConcurrentDictionary<(long Destination, SecretKind Kind), OpenSecret> secrets = new();
    private readonly HttpMessageInvoker client;
    private readonly SecretBox box;
    private readonly TimeProvider time;

    public WebhookSender(EgressConnector connector, SecretBox box, TimeProvider time)
        : this(HandlerFor(connector), box, time)
    {
    }

    /// <param name="network">Disposed with this.</param>
    internal WebhookSender(HttpMessageHandler network, SecretBox box, TimeProvider time)
    {
        this.box = box;
        this.time = time;
        client = new HttpMessageInvoker(network);
    }

    /// <summary>Longest time an attempt may take when response headers must be there within <paramref name="timeout"/>.</summary>
    public static TimeSpan LongestExchange(TimeSpan timeout) => timeout > WholeExchange ? timeout : WholeExchange;

    /// <param name="stopping">Ends the attempt; it is then reported as <see cref="AttemptOutcome.Ours"/>.</param>
    public async Task<AttemptResult> SendAsync(LeasedDelivery delivery, HookPayload payload, CancellationToken stopping)
    {
        var destination = delivery.Destination;
        var attempt = new Attempt(destination, RandomNumberGenerator.GetHexString(32, lowercase: true), time.GetUtcNow(), time.GetTimestamp());
        if (!OutboundUrl.TryParse(destination.Url, out _, out var malformed))
            return attempt.Failed(AttemptOutcome.Blocked, malformed, time);

        // Until the headers are there it is their clock, and then what is left of the whole exchange.
        using var clock = new CancellationTokenSource(destination.Timeout, time);
        await using var stop = stopping.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), clock);
        try
        {
            using var response = await PostAsync(delivery, payload, attempt, clock.Token);
            var duration = time.GetElapsedTime(attempt.Started);
            var left = LongestExchange(destination.Timeout) - duration;
            clock.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
            return await ReadAsync(response, attempt, duration, clock.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return attempt.Failed(AttemptOutcome.Ours, "shutting down", time);
        }
        catch (OperationCanceledException)
        {
            return attempt.Failed(AttemptOutcome.Timeout, $"no response headers within {destination.Timeout.TotalMilliseconds:0} ms", time);
        }
        catch (HttpRequestException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable })
        {
            return attempt.Failed(AttemptOutcome.Ours, "this machine has no socket left", time) with { RetryAfter = TimeSpan.FromSeconds(1) };
        }
        catch (HttpRequestException e)
        {
            return attempt.Failed(AttemptOutcomes.Of(e), (e.InnerException ?? e).Message.ReplaceLineEndings(" "), time);
        }
        catch (SocketException e)
        {
            // HttpClient asks a new connection for its other end, and lets this out when that has reset it already.
            return attempt.Failed(AttemptOutcome.ConnectionFailed, e.Message.ReplaceLineEndings(" "), time);
        }
        catch (CryptographicException e)
        {
            return attempt.Failed(AttemptOutcome.Ours, $"the secret cannot be decrypted: {e.Message}", time) with { RetryAfter = TimeSpan.FromMinutes(1) };
        }
    }

    public void Dispose() => client.Dispose();

    private static SocketsHttpHandler HandlerFor(EgressConnector connector)
    {
        var handler = EgressHandler.Create(connector);
        handler.PlaintextStreamFilter = (context, _) => new(new KeepAliveStream(context.PlaintextStream));
        handler.PooledConnectionLifetime = TimeSpan.FromMinutes(5);
        handler.PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30);
        return handler;
    }

    private static bool IsStale(Exception? e) => e is StaleConnectionException || (e?.InnerException is { } inner && IsStale(inner));

    /// <summary>Both forms of RFC 9110 10.2.3; of several the first. A date counts from the receiver's own clock when it tells it.</summary>
    private static TimeSpan? RetryAfter(HttpResponseMessage response, DateTimeOffset now)
    {
        if (!response.Headers.NonValidated.TryGetValues("Retry-After", out var values))
            return null;

        // .NET takes no more seconds than an int holds; who sends more means to be left alone, too.
        var text = values.First().Trim();
        if (text.Length > 9 && text.All(char.IsAsciiDigit))
            return TimeSpan.FromSeconds(999_999_999);

        return RetryConditionHeaderValue.TryParse(text, out var value) ? value switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date > (response.Headers.Date ?? now) ? date - (response.Headers.Date ?? now) : TimeSpan.Zero,
            _ => null,
        } : null;
    }

    /// <summary>Only both headers together say something, and the project only as a number (<c>spec/webhooks.md</c> 4.4).</summary>
    private static (string Id, string Project)? ReceiversError(HttpResponseMessage response) =>
        response.Headers.NonValidated.TryGetValues("Sentry-Hook-Error", out var id)
        && response.Headers.NonValidated.TryGetValues("Sentry-Hook-Project", out var project)
        && project.ToString() is { Length: > 0 and <= 19 } digits && digits.All(char.IsAsciiDigit)
        && id.ToString() is { Length: <= 64 } text
            ? (LenientJson.Mend(text), digits)
            : null;

    /// <summary>A kept-alive connection that the receiver closed meanwhile is no attempt: the request goes out again at once, once.</summary>
    private async Task<HttpResponseMessage> PostAsync(LeasedDelivery delivery, HookPayload payload, Attempt attempt, CancellationToken ct)
    {
        attempt.Owners = OwnersHeaders(delivery.Destination);
        payload = payload.Revealed(box);
        for (var again = false; ; again = true)
        {
            var (secret, previousSecret) = Secrets(delivery.Destination, attempt.StartedAt);
            attempt.Request = HookRequest.Build(delivery, payload, secret, previousSecret, attempt.Owners, attempt.RequestId, attempt.StartedAt);
            try
            {
                return await client.SendAsync(attempt.Request, ct);
            }
            catch (HttpRequestException e) when (!again && IsStale(e))
            {
                attempt.Request.Dispose();
            }
        }
    }

    private static async Task<AttemptResult> ReadAsync(HttpResponseMessage response, Attempt attempt, TimeSpan duration, CancellationToken ct)
    {
        var status = (int)response.StatusCode;
        var outcome = AttemptOutcomes.Of(status);
        var body = await ReadBodyAsync(response, keep: outcome != AttemptOutcome.Delivered, ct);
        var result = new AttemptResult
        {
            Outcome = outcome,
            Reason = Reasons.GetOrAdd(status, static s => $"HTTP {s}"),
            RequestId = attempt.RequestId,
            StartedAt = attempt.StartedAt,
            Duration = duration,
            StatusCode = status,
        };
        if (outcome == AttemptOutcome.Delivered)
            return result;

        var error = ReceiversError(response);
        return result with
        {
            RetryAfter = RetryAfter(response, attempt.StartedAt + duration),
            RequestHeaders = attempt.HeaderText,
            ResponseBody = body,
            ErrorId = error?.Id,
            ErrorProject = error?.Project,
        };
    }

    /// <summary>
    /// The status line has decided already; whatever goes wrong with the body only shortens the log. Reading a body to its
    /// end is also what lets its connection be used again.
    /// </summary>
    private static async Task<byte[]> ReadBodyAsync(HttpResponseMessage response, bool keep, CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(keep ? KeptBody + Discarded : Discarded);
        var kept = 0;
        var read = 0;
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(ct);
            while (read < ReadBody)
            {
                var count = await body.ReadAsync(buffer.AsMemory(kept), ct);
                if (count == 0)
                    break;
                read += count;
                kept = keep ? Math.Min(read, KeptBody) : 0;
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException or OperationCanceledException)
        {
            // Keep what came.
        }

        var result = buffer[..kept];
        ArrayPool<byte>.Shared.Return(buffer);
        return result;
    }

    private (string Secret, string? Previous) Secrets(Destination destination, DateTimeOffset now) =>
        (Open((destination.Id, SecretKind.Current), destination.Secret),
         destination is { StandardWebhooks: true, PreviousSecret: { } previous } && destination.PreviousSecretUntil > now
             ? Open((destination.Id, SecretKind.Previous), previous)
             : null);

    private IReadOnlyDictionary<string, string> OwnersHeaders(Destination destination) =>
        destination is { Kind: DestinationKind.App, Headers: { } headers } ? CustomHeaders.Parse(Open((destination.Id, SecretKind.Headers), headers)) : NoHeaders;

    /// <summary>Opening costs more than sending, so it is done once for each secret that a destination has had.</summary>
    private string Open((long Destination, SecretKind Kind) whose, byte[] secret)
    {
        if (secrets.TryGetValue(whose, out var known) && known.Sealed.AsSpan().SequenceEqual(secret))
            return known.Clear;

        var clear = box.Open(secret);
        secrets[whose] = new OpenSecret(secret, clear);
        return clear;
    }

    private enum SecretKind
    {
        Current,
        Previous,

        /// <summary>Headers of the owner's own, which may hold passwords.</summary>
        Headers,
    }

    private sealed record OpenSecret(byte[] Sealed, string Clear)
    {
        public override string ToString() => "***";
    }

    /// <summary>What is known of an attempt before its end.</summary>
    private sealed record Attempt(Destination Destination, string RequestId, DateTimeOffset StartedAt, long Started)
    {
        public HttpRequestMessage? Request { get; set; }

        public IReadOnlyDictionary<string, string> Owners { get; set; } = NoHeaders;

        public string? HeaderText => Request is null ? null : HookRequest.HeaderText(Request, Owners);

        public AttemptResult Failed(AttemptOutcome outcome, string reason, TimeProvider time) => new()
        {
            Outcome = outcome,
            Reason = reason,
            RequestId = RequestId,
            StartedAt = StartedAt,
            Duration = time.GetElapsedTime(Started),
            RequestHeaders = HeaderText,
        };
    }
}

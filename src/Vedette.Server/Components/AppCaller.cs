using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using Vedette.Engine.Deliveries;
using Vedette.Engine.Egress;
using Vedette.Storage;
using Vedette.Wire;

namespace Vedette.Server.Components;

/// <summary>
/// Asks apps, while somebody waits: once, signed, with the egress policy of webhooks, and with everything written to the request
/// log. Never throws for anything that an app does. Few are under way at once for one app, so that one that hangs does not
/// take the sockets of the others; more wait, and their waiting counts as the app's.
/// </summary>
internal sealed partial class AppCaller(EgressConnector connector, SecretBox box, AppCallLog log, TimeProvider time, ILogger<AppCaller> logger) : IDisposable
{
    /// <summary>Bytes of a response that are read. More than of a webhook's, because lists of options are read here.</summary>
    public const int MostBody = 256 * 1024;

    private const int MostAtOnce = 8;

    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly ConcurrentDictionary<long, SemaphoreSlim> places = new();

    // Every call has a connection of its own: an old one that the app has closed meanwhile would fail a form.
    private readonly HttpMessageInvoker client = new(HandlerFor(connector));

    /// <summary>From the first byte of the request to the last of the response.</summary>
    public static TimeSpan Limit { get; } = TimeSpan.FromSeconds(30);

    /// <param name="within">At most <see cref="Limit"/>; zero asks nobody.</param>
    /// <exception cref="OperationCanceledException">The one who asked has gone; nothing is logged.</exception>
    public async Task<AppAnswer> CallAsync(InstalledApp whom, AppCall call, TimeSpan within, CancellationToken ct)
    {
        var requestId = RandomNumberGenerator.GetHexString(32, lowercase: true);
        if (call.Url is not { } url)
            return new AppAnswer(AttemptOutcome.Blocked, "the app has no webhook URL, or its component's path makes none", requestId, null, [], IsWhole: true);

        using var request = Request(whom, call, url, requestId);
        var (startedAt, started) = (time.GetUtcNow(), time.GetTimestamp());
        using var clock = new CancellationTokenSource(within > TimeSpan.Zero ? within : TimeSpan.Zero, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(clock.Token, ct);
        AppAnswer answer;
        try
        {
            answer = await ExchangeAsync(whom.App.Id, request, requestId, either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            answer = Unanswered(AttemptOutcome.Timeout, $"no answer within {Limit.TotalSeconds:0} s");
        }
        catch (HttpRequestException e)
        {
            answer = Unanswered(AttemptOutcomes.Of(e), (e.InnerException ?? e).Message);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            answer = Unanswered(AttemptOutcome.ConnectionFailed, e.Message);
        }

        var duration = time.GetElapsedTime(started);
        Called(logger, call.Event, whom.App.Slug, answer.Outcome, answer.Status, duration.TotalMilliseconds, answer.Reason);
        await log.AddAsync(whom, call, url, answer, answer.IsFailure ? HeaderText(request, call) : null, startedAt, duration);
        return answer;

        AppAnswer Unanswered(AttemptOutcome outcome, string reason) => new(outcome, reason.ReplaceLineEndings(" "), requestId, null, [], IsWhole: true);
    }

    public void Dispose() => client.Dispose();

    private static SocketsHttpHandler HandlerFor(EgressConnector connector)
    {
        var handler = EgressHandler.Create(connector);
        handler.PooledConnectionLifetime = TimeSpan.Zero;
        return handler;
    }

    private HttpRequestMessage Request(InstalledApp whom, AppCall call, Uri url, string requestId)
    {
        var request = new HttpRequestMessage(call.Method, url) { Content = new ByteArrayContent(call.Body) { Headers = { ContentType = Json } } };
        request.Headers.TryAddWithoutValidation("Accept", "*/*");
        request.Headers.TryAddWithoutValidation("User-Agent", EgressHandler.UserAgent);
        request.Headers.TryAddWithoutValidation(HookHeaders.RequestId, requestId);
        request.Headers.TryAddWithoutValidation(HookHeaders.AppSignature, HookSignature.Sign(box.Open(whom.App.ClientSecret), call.Body));
        return request;
    }

    private async Task<AppAnswer> ExchangeAsync(long appId, HttpRequestMessage request, string requestId, CancellationToken ct)
    {
        var place = places.GetOrAdd(appId, static _ => new SemaphoreSlim(MostAtOnce));
        await place.WaitAsync(ct);
        try
        {
            using var response = await client.SendAsync(request, ct);
            var status = (int)response.StatusCode;
            var (body, isWhole) = await ReadAsync(response, ct);
            return new(AttemptOutcomes.Of(status), $"HTTP {status}", requestId, status, body, isWhole);
        }
        finally
        {
            place.Release();
        }
    }

    private static async Task<(byte[] Body, bool IsWhole)> ReadAsync(HttpResponseMessage response, CancellationToken ct)
    {
        await using var body = await response.Content.ReadAsStreamAsync(ct);
        using var read = new MemoryStream();
        var buffer = new byte[8192];
        while (read.Length <= MostBody)
        {
            var count = await body.ReadAsync(buffer, ct);
            if (count == 0)
                return (read.ToArray(), true);
            read.Write(buffer.AsSpan(0, count));
        }

        return (read.ToArray(), false);
    }

    /// <summary>The signature of an empty body is the same for ever, and who has it could ask the app in our name.</summary>
    private static string HeaderText(HttpRequestMessage request, AppCall call) =>
        string.Join('\n', request.Headers.NonValidated
            .Select(header => $"{header.Key}: {(header.Key == HookHeaders.AppSignature && call.Body.Length == 0 ? "***" : header.Value)}")
            .Append($"Content-Type: {Json}"));

    [LoggerMessage(Level = LogLevel.Information, Message = "{Event} to {App}: {Outcome}, status {Status}, {Milliseconds:0.0} ms, {Reason}")]
    private static partial void Called(ILogger logger, string @event, string app, AttemptOutcome outcome, int? status, double milliseconds, string reason);
}

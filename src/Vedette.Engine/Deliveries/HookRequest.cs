using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Vedette.Engine.Subscriptions;
using Vedette.Wire;
using Vedette.Wire.Json;

namespace Vedette.Engine.Deliveries;

/// <summary>Builds what is sent: the body once, signed as those very bytes, and the headers of one attempt.</summary>
internal static class HookRequest
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    /// <param name="secret">In clear.</param>
    /// <param name="requestId">New for every attempt.</param>
    public static HttpRequestMessage Build(LeasedDelivery delivery, string secret, string requestId, DateTimeOffset now)
    {
        var destination = delivery.Destination;
        var stable = destination.Kind switch
        {
            DestinationKind.App => HookBody.ForApp(delivery.Action, destination.PublicId, delivery.Payload.Data, delivery.Payload.Actor),
            DestinationKind.ServiceHook => delivery.Payload.Data,
        };
        var body = destination.Encoding switch
        {
            BodyEncoding.JavaScript => stable,
            BodyEncoding.Ascii => AsciiJson.FromStable(stable),
        };

        var request = new HttpRequestMessage(HttpMethod.Post, destination.Url)
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = Json } },
        };
        request.Headers.TryAddWithoutValidation("Accept", "*/*");
        request.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        request.Headers.TryAddWithoutValidation(HookHeaders.IdempotencyKey, IdempotencyKey(delivery));
        var signature = HookSignature.Sign(secret, body);
        var timestamp = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        IReadOnlyList<(string Name, string Value)> own = destination.Kind switch
        {
            DestinationKind.App =>
            [
                (HookHeaders.RequestId, requestId),
                (HookHeaders.Resource, delivery.Payload.Resource),
                (HookHeaders.Timestamp, timestamp),
                (HookHeaders.Signature, signature),
            ],
            DestinationKind.ServiceHook =>
            [
                (ServiceHookHeaders.Timestamp, timestamp),
                (ServiceHookHeaders.Guid, destination.PublicId),
                (ServiceHookHeaders.Signature, signature),
                (ServiceHookHeaders.DocumentedSignature, signature),
            ],
        };
        foreach (var (name, value) in own)
            request.Headers.TryAddWithoutValidation(name, value);
        return request;
    }

    /// <summary>As the log keeps them, a line each.</summary>
    public static string HeaderText(HttpRequestMessage request) =>
        string.Join('\n', request.Headers.NonValidated.Select(header => $"{header.Key}: {header.Value}").Append($"Content-Type: {Json}"));

    private static string UserAgent { get; } = $"vedette/{typeof(HookRequest).Assembly.GetName().Version!.ToString(3)}";

    /// <summary>The same for every attempt at, and every replay of, one event for one destination (<c>spec/webhooks.md</c> 1.2).</summary>
    private static string IdempotencyKey(LeasedDelivery delivery)
    {
        var text = $"{delivery.Payload.Seed}:installation:{delivery.Destination.PublicId}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32];
    }
}

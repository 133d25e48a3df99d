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
        switch (destination.Kind)
        {
            case DestinationKind.App:
                request.Headers.TryAddWithoutValidation(HookHeaders.RequestId, requestId);
                request.Headers.TryAddWithoutValidation(HookHeaders.Resource, delivery.Payload.Resource);
                request.Headers.TryAddWithoutValidation(HookHeaders.Timestamp, now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
                request.Headers.TryAddWithoutValidation(HookHeaders.Signature, HookSignature.Sign(secret, body));
                break;
        }

        return request;
    }

    private static string UserAgent { get; } = $"vedette/{typeof(HookRequest).Assembly.GetName().Version!.ToString(3)}";

    /// <summary>The same for every attempt at, and every replay of, one event for one destination (<c>spec/webhooks.md</c> 1.2).</summary>
    private static string IdempotencyKey(LeasedDelivery delivery)
    {
        var text = $"{delivery.Payload.Seed}:installation:{delivery.Destination.PublicId}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32];
    }
}

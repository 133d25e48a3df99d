using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Vedette.Engine.Egress;
using Vedette.Engine.Subscriptions;
using Vedette.Wire;
using Vedette.Wire.Json;

namespace Vedette.Engine.Deliveries;

/// <summary>Builds what is sent: the body once, signed as those very bytes, and the headers of one attempt.</summary>
internal static class HookRequest
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    /// <param name="secret">In clear.</param>
    /// <param name="previousSecret">In clear; <c>null</c> when receivers are to know it no more.</param>
    /// <param name="owners">Headers of the owner's own. None of them replaces one of ours.</param>
    /// <param name="requestId">New for every attempt.</param>
    public static HttpRequestMessage Build(
        LeasedDelivery delivery,
        HookPayload payload,
        string secret,
        string? previousSecret,
        IReadOnlyDictionary<string, string> owners,
        string requestId,
        DateTimeOffset now)
    {
        var destination = delivery.Destination;
        var body = Body(destination, delivery.Action, payload);
        var request = new HttpRequestMessage(HttpMethod.Post, destination.Url)
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = Json } },
        };
        request.Headers.TryAddWithoutValidation("Accept", "*/*");
        request.Headers.TryAddWithoutValidation("User-Agent", EgressHandler.UserAgent);
        var key = IdempotencyKey(payload.Seed, destination.PublicId);
        request.Headers.TryAddWithoutValidation(HookHeaders.IdempotencyKey, key);
        var signature = HookSignature.Sign(secret, body);
        var timestamp = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        IReadOnlyList<(string Name, string Value)> own = destination.Kind switch
        {
            DestinationKind.App =>
            [
                (HookHeaders.RequestId, requestId),
                (HookHeaders.Resource, payload.Resource),
                (HookHeaders.Timestamp, timestamp),
                (HookHeaders.Signature, signature),
                .. destination.StandardWebhooks ? Standard(key, timestamp, body, secret, previousSecret) : [],
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
        foreach (var (name, value) in owners.Where(header => !request.Headers.NonValidated.Contains(header.Key)))
            request.Headers.TryAddWithoutValidation(name, value);
        return request;
    }

    /// <summary>The bytes that are sent and signed: the same for every attempt.</summary>
    /// <param name="action">Under the name that this destination knows.</param>
    public static byte[] Body(Destination destination, string action, HookPayload payload)
    {
        var stable = destination.Kind switch
        {
            DestinationKind.App => HookBody.ForApp(action, destination.PublicId, payload.Data, payload.Actor),
            DestinationKind.ServiceHook => payload.Data,
        };
        return destination.Encoding switch
        {
            BodyEncoding.JavaScript => stable,
            BodyEncoding.Ascii => AsciiJson.FromStable(stable),
        };
    }

    /// <summary>The same for every attempt at, and every replay of, one event for one destination (<c>spec/webhooks.md</c> 1.2).</summary>
    public static string IdempotencyKey(string seed, string publicId) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}:installation:{publicId}")))[..32];

    /// <summary>As the log keeps them, a line each. What the owner put in, which may be a password, is not kept.</summary>
    public static string HeaderText(HttpRequestMessage request, IReadOnlyDictionary<string, string> owners) =>
        string.Join('\n', request.Headers.NonValidated
            .Select(header => $"{header.Key}: {(owners.TryGetValue(header.Key, out var value) && value == header.Value.ToString() ? "***" : header.Value)}")
            .Append($"Content-Type: {Json}"));

    /// <summary>Those of Standard Webhooks; while there are two secrets, either verifies.</summary>
    private static IReadOnlyList<(string Name, string Value)> Standard(string id, string timestamp, byte[] body, string secret, string? previousSecret)
    {
        var signature = StandardWebhooks.Sign(secret, id, timestamp, body);
        if (previousSecret is not null)
            signature = $"{signature} {StandardWebhooks.Sign(previousSecret, id, timestamp, body)}";
        return [(StandardWebhooks.Id, id), (StandardWebhooks.Timestamp, timestamp), (StandardWebhooks.Signature, signature)];
    }
}

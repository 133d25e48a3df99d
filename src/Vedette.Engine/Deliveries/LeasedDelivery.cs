using System.Text;
using Vedette.Engine.Subscriptions;
using Vedette.Storage;

namespace Vedette.Engine.Deliveries;

/// <summary>The right to attempt a delivery until an instant. Recording an attempt asks for the token, so a late worker changes nothing.</summary>
public sealed record DeliveryLease(long Token, DateTimeOffset Until);

/// <summary>What all deliveries of one event share.</summary>
/// <param name="Seed">32 hex digits, made once for the event; idempotency keys come from it.</param>
/// <param name="Data">JavaScript-stable JSON.</param>
/// <param name="Actor">JavaScript-stable JSON.</param>
public sealed record HookPayload(string Resource, string Seed, byte[] Data, byte[] Actor)
{
    /// <summary>Larger data does not wait in memory, so that thousands of waiting deliveries need little of it.</summary>
    public const int LargestInMemory = 16 * 1024;

    /// <summary>Stands in <see cref="Data"/>, in tables and logs, where the receiver gets <see cref="Secret"/>.</summary>
    public const string Mask = "********************************";

    /// <summary>Sealed; <c>null</c> for an event that tells its receiver no secret.</summary>
    public byte[]? Secret { get; init; }

    /// <summary>As it is sent.</summary>
    internal HookPayload Revealed(SecretBox box)
    {
        if (Secret is null)
            return this;

        var data = Encoding.UTF8.GetString(Data).Replace($"\"{Mask}\"", $"\"{box.Open(Secret)}\"", StringComparison.Ordinal);
        return this with { Data = Encoding.UTF8.GetBytes(data), Secret = null };
    }
}

/// <summary>A delivery that this process may attempt.</summary>
public sealed record LeasedDelivery
{
    public required long Id { get; init; }

    public required Destination Destination { get; init; }

    /// <summary>The action under the name that this destination knows.</summary>
    public required string Action { get; init; }

    public required long EventId { get; init; }

    /// <summary><c>null</c> when it is too large to wait in memory: it is then read when the attempt is made.</summary>
    public required HookPayload? Payload { get; init; }

    /// <summary>Made before.</summary>
    public required int Attempts { get; init; }

    /// <summary>When the event was accepted for this destination; of a replay, when that was asked for.</summary>
    public required DateTimeOffset AcceptedAt { get; init; }

    public required DeliveryLease Lease { get; init; }
}

using System.Net;
using System.Text;
using Vedette.Engine.Deliveries;
using Vedette.Engine.Egress;
using Vedette.Engine.Subscriptions;
using Vedette.Storage;
using Vedette.Tests.Harness;

namespace Vedette.Tests.Engine.Deliveries;

/// <summary>The sender as the server puts it together, on a virtual clock, with one delivery to send again and again.</summary>
internal sealed class Sending : IDisposable
{
    private readonly WebhookSender sender;

    /// <summary>Over a network that fails as the operating system would make it fail.</summary>
    public Sending(HttpMessageHandler network)
    {
        Clock = new FakeClock();
        sender = new WebhookSender(network, new SecretBox(Encoding.UTF8.GetBytes, Encoding.UTF8.GetString), Clock);
    }

    /// <param name="time">A <see cref="FakeClock"/> of its own when <c>null</c>.</param>
    /// <param name="lookUp">The operating system's resolver when <c>null</c>.</param>
    public Sending(TimeProvider? time = null, Func<string, IPAddress[]>? lookUp = null, string allowed = "127.0.0.0/8")
    {
        Clock = time as FakeClock ?? new FakeClock();
        var resolver = new EgressResolver(
            new EgressPolicy(allowed.Length == 0 ? [] : [IPNetwork.Parse(allowed)]), lookUp is null ? null : (host, _) => Task.Run(() => lookUp(host)));
        sender = new WebhookSender(new EgressConnector(resolver), new SecretBox(Encoding.UTF8.GetBytes, Encoding.UTF8.GetString), time ?? Clock);
    }

    public FakeClock Clock { get; }

    /// <summary>Larger than what the HTTP client writes at once when it is to show a receiver that does not read to the end.</summary>
    public int DataLength { get; init; } = 10;

    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>One attempt that needs no time.</summary>
    public Task<AttemptResult> SendAsync(string url, CancellationToken stopping = default) =>
        sender.SendAsync(
            new LeasedDelivery
            {
                Id = 1,
                EventId = 1,
                Destination = new Destination
                {
                    Id = 1,
                    Kind = DestinationKind.App,
                    PublicId = "2e287c89-d30d-4994-b0b9-9b79e34cce31",
                    OrganizationId = 1,
                    Url = url,
                    Secret = Encoding.UTF8.GetBytes("secret"),
                    Timeout = Timeout,
                },
                Action = "created",
                Payload = null,
                Attempts = 0,
                AcceptedAt = default,
                Lease = new DeliveryLease(1, Clock.GetUtcNow().AddSeconds(30)),
            },
            new HookPayload("issue", new string('0', 32), Encoding.UTF8.GetBytes($$"""{"a":"{{new string('x', DataLength)}}"}"""), "{}"u8.ToArray()),
            stopping);

    /// <summary>One attempt that ends only with time, which passes in small steps.</summary>
    public async Task<AttemptResult> SendAndWaitAsync(string url)
    {
        var sent = SendAsync(url);
        await Clock.AdvanceUntilAsync(TimeSpan.FromMilliseconds(50), () => sent.IsCompleted, "the end of the attempt");
        return await sent;
    }

    public void Dispose() => sender.Dispose();
}

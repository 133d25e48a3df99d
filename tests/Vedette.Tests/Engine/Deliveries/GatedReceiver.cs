using Vedette.Tests.Harness;

namespace Vedette.Tests.Engine.Deliveries;

/// <summary>Keeps requests waiting until the test lets them go, and counts how many wait at once.</summary>
internal sealed class GatedReceiver : IAsyncDisposable
{
    private readonly SemaphoreSlim gate = new(0);
    private readonly TestReceiver receiver;
    private readonly Lock counting = new();

    public GatedReceiver() => receiver = new TestReceiver { Behaviour = ServeAsync };

    public string Url => receiver.Url;

    public int Waiting { get; private set; }

    public int MostAtOnce { get; private set; }

    public IReadOnlyList<ReceivedRequest> Requests => receiver.Requests;

    public void LetGo(int count) => gate.Release(count);

    public ValueTask DisposeAsync()
    {
        gate.Release(10_000);
        return receiver.DisposeAsync();
    }

    private async Task<bool> ServeAsync(ReceivedRequest request, System.Net.Sockets.NetworkStream stream, CancellationToken ct)
    {
        lock (counting)
        {
            Waiting++;
            MostAtOnce = Math.Max(MostAtOnce, Waiting);
        }

        await gate.WaitAsync(ct);
        lock (counting)
            Waiting--;
        return await TestReceiver.Status(200)(request, stream, ct);
    }
}

using System.Net;
using System.Text;

namespace Vedette.Simulation;

/// <summary>The receivers, as one process reaches them: what they answer is decided by their mood and the seed.</summary>
internal sealed class SimNetwork(Process process) : HttpMessageHandler
{
    private readonly World world = process.World;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (process.IsDead)
            await Process.Never();

        var body = Encoding.UTF8.GetString(await request.Content!.ReadAsByteArrayAsync(CancellationToken.None));
        var send = process.Oracle.Begin(process, request.RequestUri!.Host, body, request.Headers.GetValues(Wire.HookHeaders.IdempotencyKey).Single());
        try
        {
            var answer = process.Oracle.MoodOf(send) switch
            {
                Mood.Good => Answer.Ok,
                Mood.Flaky => world.Pick(Answer.Ok, Answer.Ok, Answer.Ok, Answer.Status, Answer.Broken, Answer.Hang, Answer.OkThenHang),
                Mood.Down => world.Pick(Answer.Status, Answer.Status, Answer.Broken, Answer.Hang),
                Mood.Hanging => Answer.Hang,
                Mood.Busy => world.Pick(Answer.Ok, Answer.Ok, Answer.RetryAfter),
            };
            await Task.Delay(answer == Answer.Hang ? TimeSpan.FromMinutes(10) : world.Between(0.001, world.Pick(0.05, 0.3, 1.5)), process.Clock, cancellationToken);
            return Respond(answer, send);
        }
        catch (OperationCanceledException)
        {
            process.Oracle.End(send, status: null, "no answer in time", retryAfter: null);
            throw;
        }
    }

    private HttpResponseMessage Respond(Answer answer, Send send)
    {
        if (answer == Answer.Broken)
        {
            process.Oracle.End(send, null, "connection reset", null);
            throw new HttpRequestException(HttpRequestError.ConnectionError, "connection reset");
        }

        var retryAfter = answer == Answer.RetryAfter ? world.Dice.Next(0, 40) : (int?)null;
        var status = answer switch
        {
            Answer.Status => world.Pick(500, 503, 404, 302, 429, process.Oracle.SaysGone(send) ? 410 : 400),
            Answer.RetryAfter => world.Pick(429, 503),
            Answer.Ok or Answer.OkThenHang or Answer.Broken or Answer.Hang => world.Pick(200, 204),
        };
        var response = new HttpResponseMessage((HttpStatusCode)status);
        if (retryAfter is { } seconds)
            response.Headers.TryAddWithoutValidation("Retry-After", $"{seconds}");

        // The attempt goes on until the body was read or given up.
        if (answer == Answer.OkThenHang)
            response.Content = new StreamContent(new HangingBody(process, () => process.Oracle.End(send, status, $"HTTP {status}, body never ends", null)));
        else
            process.Oracle.End(send, status, $"HTTP {status}", retryAfter is { } after ? TimeSpan.FromSeconds(after) : null);
        return response;
    }

    private enum Answer
    {
        Ok,
        OkThenHang,
        Status,
        RetryAfter,
        Broken,
        Hang,
    }

    private sealed class HangingBody(Process process, Action onEnd) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                await Task.Delay(TimeSpan.FromMinutes(10), process.Clock, cancellationToken);
                return 0;
            }
            finally
            {
                onEnd();
            }
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}

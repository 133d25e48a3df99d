using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Vedette.Engine.Egress;
using Xunit;

namespace Vedette.Tests.Engine.Egress;

public sealed class EgressConnectorTests : IDisposable
{
    private static readonly IPAddress Other = IPAddress.Parse("127.0.0.2");

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);

    public EgressConnectorTests() => listener.Start();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public void Dispose() => listener.Dispose();

    [Fact]
    public async Task An_allowed_name_is_reached_by_a_real_client()
    {
        using var client = Client("127.0.0.0/8", _ => [IPAddress.Loopback]);

        var answering = AnswerAsync(plain => Task.FromResult<Stream>(plain));
        var text = await client.GetStringAsync(new Uri($"http://hook.example:{Port}/"), Ct);
        await answering;

        Assert.Equal("ok", text);
    }

    [Fact]
    public async Task Tls_is_layered_on_the_checked_connection()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=hook.example", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("hook.example");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        using var handler = Handler("127.0.0.0/8", _ => [IPAddress.Loopback]);
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { certificate },
            RevocationMode = X509RevocationMode.NoCheck,
        };
        using var client = new HttpClient(handler);

        var answering = AnswerAsync(async plain =>
        {
            var tls = new SslStream(plain);
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, Ct);
            return tls;
        });
        var text = await client.GetStringAsync(new Uri($"https://hook.example:{Port}/"), Ct);
        await answering;

        Assert.Equal("ok", text);
    }

    [Theory]
    [InlineData("http://hook.example")]
    [InlineData("https://hook.example")]
    [InlineData("http://127.0.0.1")]
    [InlineData("http://2130706433")]
    [InlineData("http://127.0.0.1.")]
    [InlineData("http://[::ffff:127.0.0.1]")]
    public async Task A_blocked_address_is_never_contacted(string origin)
    {
        using var client = Client("", _ => [IPAddress.Loopback]);

        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(new Uri($"{origin}:{Port}/"), Ct));

        var blocked = Assert.IsType<EgressBlockedException>(failure.InnerException);
        Assert.Contains("127.0.0.1 is in ", blocked.Message, StringComparison.Ordinal);
        Assert.False(listener.Pending());

        // The same look at the listener does notice a connection.
        using var control = new TcpClient();
        await control.ConnectAsync(IPAddress.Loopback, Port, Ct);
        Assert.True(listener.Pending());
    }

    [Fact]
    public async Task A_name_that_is_not_resolved_has_its_own_type()
    {
        using var client = Client("127.0.0.0/8", _ => []);

        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(new Uri("http://hook.example/"), Ct));

        Assert.Equal("the name has no address", Assert.IsType<NameNotResolvedException>(failure.InnerException).Message);
    }

    [Fact]
    public async Task A_name_that_changes_its_answer_is_judged_again_at_each_connection()
    {
        using var client = Client("127.0.0.1", call => call == 1 ? [IPAddress.Loopback] : [Other]);

        var answering = AnswerAsync(plain => Task.FromResult<Stream>(plain));
        Assert.Equal("ok", await client.GetStringAsync(new Uri($"http://hook.example:{Port}/"), Ct));
        await answering;
        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(new Uri($"http://hook.example:{Port}/"), Ct));

        var blocked = Assert.IsType<EgressBlockedException>(failure.InnerException);
        Assert.Equal("127.0.0.2 is in 127.0.0.0/8 (loopback)", blocked.Message);
    }

    [Fact]
    public async Task The_answer_that_was_checked_is_the_one_that_is_used()
    {
        var calls = 0;
        var connector = Connector("127.0.0.1", call => (calls = call) == 1 ? [IPAddress.Loopback] : [Other]);

        await using var stream = (NetworkStream)await connector.ConnectAsync("hook.example", Port, Ct);

        Assert.Equal(1, calls);
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, Port), stream.Socket.RemoteEndPoint);
        Assert.True(stream.Socket.NoDelay);
    }

    [Fact]
    public async Task The_next_address_is_tried_when_one_refuses()
    {
        var connector = Connector("127.0.0.0/8", _ => [Other, IPAddress.Loopback]);

        await using var stream = (NetworkStream)await connector.ConnectAsync("hook.example", Port, Ct);

        Assert.Equal(new IPEndPoint(IPAddress.Loopback, Port), stream.Socket.RemoteEndPoint);
    }

    [Fact]
    public async Task The_first_address_is_tried_first()
    {
        using var other = new TcpListener(Other, Port);
        other.Start();
        var connector = Connector("127.0.0.0/8", _ => [Other, IPAddress.Loopback]);

        await using var stream = (NetworkStream)await connector.ConnectAsync("hook.example", Port, Ct);

        Assert.Equal(new IPEndPoint(Other, Port), stream.Socket.RemoteEndPoint);
        Assert.False(listener.Pending());
    }

    [Fact]
    public async Task A_mapped_address_that_is_allowed_is_reached()
    {
        var connector = Connector("127.0.0.0/8", _ => [IPAddress.Loopback.MapToIPv6()]);

        await using var stream = (NetworkStream)await connector.ConnectAsync("hook.example", Port, Ct);

        Assert.Equal(new IPEndPoint(IPAddress.Loopback, Port), stream.Socket.RemoteEndPoint);
    }

    [Fact]
    public async Task When_no_address_answers_the_failure_of_the_last_is_told()
    {
        listener.Stop();
        using var client = Client("127.0.0.0/8", _ => [Other, IPAddress.Loopback]);

        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(new Uri($"http://hook.example:{ClosedPort()}/"), Ct));

        Assert.Equal(SocketError.ConnectionRefused, Assert.IsType<SocketException>(failure.InnerException).SocketErrorCode);
    }

    [Fact]
    public async Task A_cancelled_attempt_ends_as_cancelled()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Connector("127.0.0.0/8", _ => [IPAddress.Loopback, Other]).ConnectAsync("hook.example", Port, cancel.Token));
    }

    private static int ClosedPort()
    {
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        return ((IPEndPoint)closed.LocalEndpoint).Port;
    }

    private static EgressConnector Connector(string allow, Func<int, IPAddress[]> answer)
    {
        Assert.True(EgressPolicy.TryParseAllowList(allow, out var networks, out _));
        var calls = 0;
        return new EgressConnector(new EgressResolver(new EgressPolicy(networks), (_, _) => Task.FromResult(answer(Interlocked.Increment(ref calls)))));
    }

    private static SocketsHttpHandler Handler(string allow, Func<int, IPAddress[]> answer) =>
        new() { UseProxy = false, AllowAutoRedirect = false, ConnectCallback = Connector(allow, answer).ConnectAsync };

    private static HttpClient Client(string allow, Func<int, IPAddress[]> answer) => new(Handler(allow, answer));

    /// <summary>One request, one answer, one connection.</summary>
    private async Task AnswerAsync(Func<Stream, Task<Stream>> layer)
    {
        using var accepted = await listener.AcceptTcpClientAsync(Ct);
        await using var stream = await layer(accepted.GetStream());
        using var reader = new StreamReader(stream, leaveOpen: true);
        while (await reader.ReadLineAsync(Ct) is { Length: > 0 })
        {
            // Headers.
        }

        await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"u8.ToArray(), Ct);
    }
}

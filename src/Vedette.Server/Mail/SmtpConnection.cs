using System.Net.Security;
using System.Text;

namespace Vedette.Server.Mail;

/// <summary>An answer of a mail server.</summary>
/// <param name="Lines">Without codes; texts that a stranger wrote.</param>
internal sealed record SmtpReply(int Code, IReadOnlyList<string> Lines)
{
    public bool IsFine => Code is >= 200 and < 400;

    /// <summary>The same mail would be refused again.</summary>
    public bool IsFinal => Code is >= 500 and < 600;

    /// <summary>On one line, short, and without control characters.</summary>
    public override string ToString()
    {
        var text = string.Concat(string.Join(' ', Lines).Select(c => c is >= ' ' and <= '~' ? c : '?'));
        return $"{Code} {(text.Length > 300 ? text[..300] : text)}".TrimEnd();
    }
}

/// <summary>The server said what no mail server may say. <see cref="Exception.Message"/> tells what is wrong with it.</summary>
internal sealed class SmtpProtocolException(string message) : Exception(message);

/// <summary>
/// Commands and replies, one after the other. Each exchange has <see cref="Patience"/>, a reply has at most
/// <see cref="MostLines"/> lines of <see cref="LongestLine"/> bytes. Owns the stream.
/// </summary>
internal sealed class SmtpConnection(Stream stream, TimeProvider time) : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private const int MostLines = 100;
    private const int LongestLine = 2000;

    private readonly byte[] buffer = new byte[4096];
    private Stream stream = stream;
    private int start;
    private int end;

    /// <param name="command">One line without its end; <c>null</c> only listens. Never holds CR or LF, because those would be commands of their own.</param>
    /// <exception cref="OperationCanceledException">The time is over, or <paramref name="ct"/> asked for the end.</exception>
    /// <exception cref="SmtpProtocolException">What came is no reply.</exception>
    /// <exception cref="IOException">The connection has ended.</exception>
    public Task<SmtpReply> ExchangeAsync(string? command, CancellationToken ct)
    {
        if (command?.AsSpan().ContainsAny('\r', '\n') == true)
            throw new ArgumentException("A command is one line.", nameof(command));

        return ExchangeAsync(command is null ? [] : Encoding.ASCII.GetBytes($"{command}\r\n"), ct);
    }

    /// <summary>Sends the message, each line that begins with a dot with one dot more, and the dot that ends it.</summary>
    /// <inheritdoc cref="ExchangeAsync(string?, CancellationToken)"/>
    public async Task<SmtpReply> SendMessageAsync(byte[] message, CancellationToken ct)
    {
        using var stuffed = new MemoryStream(message.Length + 64);
        for (var i = 0; i < message.Length; i++)
        {
            if (message[i] == '.' && (i == 0 || message[i - 1] == '\n'))
                stuffed.WriteByte((byte)'.');
            stuffed.WriteByte(message[i]);
        }

        stuffed.Write(".\r\n"u8);
        return await ExchangeAsync(stuffed.ToArray(), ct);
    }

    /// <summary>Begins TLS. What the server has said before it does not count as said under TLS (RFC 3207, 6).</summary>
    /// <param name="verify"><c>false</c> takes any certificate.</param>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The certificate is not valid for the host.</exception>
    public async Task BeginTlsAsync(string host, bool verify, CancellationToken ct)
    {
        if (start < end)
            throw new SmtpProtocolException("it said more before TLS began than it was asked");

        using var clock = Clock(ct, out var timed);
        using var both = timed;
        var tls = new SslStream(stream);
        stream = tls;
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = host,
                RemoteCertificateValidationCallback = (_, _, _, errors) => !verify || errors == SslPolicyErrors.None,
            },
            timed.Token);
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();

    private async Task<SmtpReply> ExchangeAsync(byte[] sent, CancellationToken ct)
    {
        using var clock = Clock(ct, out var timed);
        using var both = timed;
        await stream.WriteAsync(sent, timed.Token);
        await stream.FlushAsync(timed.Token);

        var lines = new List<string>();
        while (lines.Count < MostLines)
        {
            var line = await ReadLineAsync(timed.Token);
            if (line.Length < 3 || !line[..3].All(char.IsAsciiDigit) || (line.Length > 3 && line[3] is not (' ' or '-')))
                throw new SmtpProtocolException("it does not speak SMTP");

            lines.Add(line.Length > 4 ? line[4..] : "");
            if (line.Length == 3 || line[3] == ' ')
                return new SmtpReply(int.Parse(line.AsSpan(0, 3), System.Globalization.CultureInfo.InvariantCulture), lines);
        }

        throw new SmtpProtocolException($"its reply has more than {MostLines} lines");
    }

    private async Task<string> ReadLineAsync(CancellationToken ct)
    {
        var line = new List<byte>();
        while (true)
        {
            if (start == end)
            {
                (start, end) = (0, await stream.ReadAsync(buffer, ct));
                if (end == 0)
                    throw new IOException("it closed the connection");
            }

            var next = buffer[start++];
            if (next == '\n')
                return Encoding.Latin1.GetString([.. line]).TrimEnd('\r');
            if (line.Count == LongestLine)
                throw new SmtpProtocolException($"its reply has a line of more than {LongestLine} bytes");
            line.Add(next);
        }
    }

    /// <summary>Both are disposed by the caller.</summary>
    private CancellationTokenSource Clock(CancellationToken ct, out CancellationTokenSource timed)
    {
        var clock = new CancellationTokenSource(Patience, time);
        timed = CancellationTokenSource.CreateLinkedTokenSource(ct, clock.Token);
        return clock;
    }
}

using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Vedette.Engine.Egress;
using Vedette.Server.Configuration;

namespace Vedette.Server.Mail;

/// <summary>Hands mails to the server of <c>VEDETTE_SMTP</c> (RFC 5321), a connection a mail, through the egress policy.</summary>
/// <param name="domain">What it calls itself in the greeting.</param>
internal sealed class SmtpSender(EgressConnector connector, TimeProvider time, SmtpServer server, string from, string domain)
{
    /// <summary>Never throws but for <paramref name="ct"/>; then the server may have taken the mail nevertheless.</summary>
    public async Task<MailResult> SendAsync(string to, byte[] message, CancellationToken ct)
    {
        if (!MailAddress.IsPlain(to))
            return MailResult.Refused("the address is not one that mail can be sent to");

        try
        {
            return await TrySendAsync(to, message, ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested && Problem(e) is { } problem)
        {
            return MailResult.Delayed($"{server}: {problem}");
        }
    }

    private static string? Problem(Exception e) => e switch
    {
        OperationCanceledException => $"no answer within {SmtpConnection.Patience.TotalSeconds:0} s",
        EgressBlockedException => $"blocked: {e.Message} (VEDETTE_EGRESS_ALLOW allows it)",
        AuthenticationException => $"TLS failed: {e.Message.ReplaceLineEndings(" ")}",
        NameNotResolvedException or SmtpProtocolException or SocketException or IOException => e.Message.ReplaceLineEndings(" "),
        _ => null,
    };

    private async Task<MailResult> TrySendAsync(string to, byte[] message, CancellationToken ct)
    {
        var (stream, isLoopback) = await ConnectAsync(ct);
        await using var smtp = new SmtpConnection(stream, time);
        var encrypted = false;

        // 1. Greetings, under TLS wherever the server can.
        if (server.TlsFromStart)
            await BeginTlsAsync(verify: true);
        if (await smtp.ExchangeAsync(null, ct) is { IsFine: false } unfriendly)
            return Delayed(unfriendly);
        var hello = await smtp.ExchangeAsync($"EHLO {domain}", ct);
        if (!hello.IsFine)
            return Delayed(hello);
        if (!encrypted && Offers(hello, "STARTTLS"))
        {
            if (await smtp.ExchangeAsync("STARTTLS", ct) is { IsFine: false } noTls)
                return Delayed(noTls);

            // Nobody stands between two programs of one machine, and few have a certificate for 127.0.0.1.
            await BeginTlsAsync(verify: !isLoopback);
            hello = await smtp.ExchangeAsync($"EHLO {domain}", ct);
            if (!hello.IsFine)
                return Delayed(hello);
        }

        // 2. Our login. That it is refused says nothing about the mail.
        if (server.Login is { } login)
        {
            if (!encrypted && !isLoopback)
                return MailResult.Delayed($"{server}: it offers no TLS, and a password is not sent without");
            if (await LogInAsync(smtp, hello, login, ct) is { } refusal)
                return refusal;
        }

        // 3. The mail. What is refused for good here is refused because of it.
        if (await smtp.ExchangeAsync($"MAIL FROM:<{from}>", ct) is { IsFine: false } noSender)
            return Judge(noSender);
        if (await smtp.ExchangeAsync($"RCPT TO:<{to}>", ct) is { IsFine: false } noRecipient)
            return Judge(noRecipient);
        if (await smtp.ExchangeAsync("DATA", ct) is { Code: not 354 } noData)
            return Judge(noData);
        if (await smtp.SendMessageAsync(message, ct) is { IsFine: false } notTaken)
            return Judge(notTaken);

        // 4. It is sent now, whatever becomes of the farewell.
        await TryQuitAsync(smtp, ct);
        return MailResult.Sent;

        async Task BeginTlsAsync(bool verify)
        {
            await smtp.BeginTlsAsync(server.Host, verify, ct);
            encrypted = true;
        }
    }

    private async Task<(Stream Stream, bool IsLoopback)> ConnectAsync(CancellationToken ct)
    {
        using var clock = new CancellationTokenSource(SmtpConnection.Patience, time);
        using var timed = CancellationTokenSource.CreateLinkedTokenSource(ct, clock.Token);
        var stream = await connector.ConnectAsync(server.Host, server.Port, timed.Token);
        return (stream, stream is NetworkStream { Socket.RemoteEndPoint: IPEndPoint { Address: var address } } && IPAddress.IsLoopback(address));
    }

    /// <returns><c>null</c> when the server took the login. Its words are left out, because they might repeat ours.</returns>
    private async Task<MailResult?> LogInAsync(SmtpConnection smtp, SmtpReply hello, SmtpLogin login, CancellationToken ct)
    {
        SmtpReply reply;
        if (Offers(hello, "AUTH", "PLAIN"))
        {
            reply = await smtp.ExchangeAsync($"AUTH PLAIN {Base64($"\0{login.User}\0{login.Password}")}", ct);
        }
        else if (Offers(hello, "AUTH", "LOGIN"))
        {
            reply = await smtp.ExchangeAsync("AUTH LOGIN", ct);
            if (reply.Code == 334)
                reply = await smtp.ExchangeAsync(Base64(login.User), ct);
            if (reply.Code == 334)
                reply = await smtp.ExchangeAsync(Base64(login.Password), ct);
        }
        else
        {
            return MailResult.Delayed($"{server}: it offers neither AUTH PLAIN nor AUTH LOGIN");
        }

        return reply.Code == 235 ? null : MailResult.Delayed($"{server}: it does not take the login ({reply.Code})");
    }

    private static async Task TryQuitAsync(SmtpConnection smtp, CancellationToken ct)
    {
        try
        {
            await smtp.ExchangeAsync("QUIT", ct);
        }
        catch (Exception e) when (e is OperationCanceledException or SmtpProtocolException or IOException)
        {
            // It has taken the mail, and that was the point.
        }
    }

    private MailResult Delayed(SmtpReply reply) => MailResult.Delayed($"{server}: {reply}");

    private MailResult Judge(SmtpReply reply) => reply.IsFinal ? MailResult.Refused($"{server}: {reply}") : Delayed(reply);

    /// <summary>An extension and, where one is given, a word among its parameters.</summary>
    private static bool Offers(SmtpReply hello, string extension, string? parameter = null) =>
        hello.Lines.Skip(1).Select(line => line.Split(' ', '=')).Any(words =>
            words[0].Equals(extension, StringComparison.OrdinalIgnoreCase)
            && (parameter is null || words.Skip(1).Contains(parameter, StringComparer.OrdinalIgnoreCase)));

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}

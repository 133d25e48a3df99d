using System.Data.Common;
using Vedette.Engine.Egress;
using Vedette.Server.Configuration;
using Vedette.Storage;

namespace Vedette.Server.Mail;

/// <summary>Sends what waits in the outbox, one mail after the other, or writes it to files where there is no mail server.</summary>
internal sealed partial class MailWorker(
    MailOutbox outbox, MailFolder folder, EgressConnector connector, Database database, VedetteOptions options, TimeProvider time, ILogger<MailWorker> logger)
    : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly string domain = MailAddress.Domain(new Uri(options.Url));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Role == Role.Web)
            return;

        var smtp = options.Smtp is { } server ? new SmtpSender(connector, time, server, options.MailFrom, domain) : null;
        var isFirst = database.IsSingleNode;
        using var tick = new PeriodicTimer(Tick, time);
        try
        {
            while (await tick.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    if (isFirst)
                        await outbox.FreeClaimsAsync(stoppingToken);
                    isFirst = false;
                    while (await outbox.ClaimAsync(stoppingToken) is { } mail)
                        await SendAsync(smtp, mail, stoppingToken);
                }
                catch (DbException e)
                {
                    DatabaseAway(logger, e);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What was under way is in its table, claimed for a few minutes more.
        }
    }

    private async Task SendAsync(SmtpSender? smtp, OutgoingMail mail, CancellationToken ct)
    {
        var message = MailText.Of(mail, options.MailFrom, domain);
        var result = smtp is null ? await folder.WriteAsync(mail, message, ct) : await smtp.SendAsync(mail.To, message, ct);
        if (await outbox.RecordAsync(mail, result, ct) is not { } state)
        {
            CameTooLate(logger, mail.Id);
            return;
        }

        switch (state)
        {
            case MailState.Sent:
                Sent(logger, mail.Id, mail.Attempts);
                break;
            case MailState.Filed:
                Filed(logger, mail.Id, folder.PathOf(mail));
                break;
            case MailState.Waiting:
                Delayed(logger, mail.Id, mail.Attempts, result.Reason);
                break;
            case MailState.Failed:
                Failed(logger, mail.Id, mail.Attempts, result.Reason);
                break;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Mail {Id} was sent on attempt {Attempts}")]
    private static partial void Sent(ILogger logger, long id, int attempts);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Mail {Id} is not sent, because VEDETTE_SMTP is not set; it is kept in {File}")]
    private static partial void Filed(ILogger logger, long id, string file);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Mail {Id} could not be sent on attempt {Attempts} and will be tried again: {Reason}")]
    private static partial void Delayed(ILogger logger, long id, int attempts, string? reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Mail {Id} failed on attempt {Attempts} and is given up: {Reason}")]
    private static partial void Failed(ILogger logger, long id, int attempts, string? reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Mail {Id} took longer than its claim, so another process may send it as well")]
    private static partial void CameTooLate(ILogger logger, long id);

    [LoggerMessage(Level = LogLevel.Error, Message = "Cannot send mail, trying again: the database is away")]
    private static partial void DatabaseAway(ILogger logger, Exception exception);
}

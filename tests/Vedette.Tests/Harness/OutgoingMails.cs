using Microsoft.Extensions.DependencyInjection;
using Vedette.Server.Mail;

namespace Vedette.Tests.Harness;

/// <summary>Mail of an app under test whose clock stands still.</summary>
internal static class OutgoingMails
{
    /// <summary>Queues a mail to the owners of the first organization, as the server itself would.</summary>
    public static Task QueueMailAsync(this VedetteApp app, string subject = "A subject", string body = "A body") =>
        app.Database.WriteAsync(
            async transaction => await app.Services.GetRequiredService<MailOutbox>().AddToOwnersAsync(
                transaction, await transaction.SingleAsync<long>("select min(id) from organization"), subject, body),
            CancellationToken.None);

    /// <summary>Lets the server take up each mail that is due, and waits until it is through with them. Only the first takes time.</summary>
    /// <param name="leap">Time that passes first; the server may take up a mail in it.</param>
    public static async Task SendMailAsync(this VedetteApp app, FakeClock clock, TimeSpan leap = default)
    {
        var due = (await RowsAsync(app)).Where(row => row.State == "waiting" && row.DueAt <= (clock.GetUtcNow() + leap).ToUnixTimeMilliseconds() * 1000).ToList();
        clock.Advance(leap);
        await clock.AdvanceUntilAsync(
            TimeSpan.FromSeconds(1), async () => (await RowsAsync(app)).Any(row => due.Any(each => each.Id == row.Id && each.Attempts < row.Attempts)), "that a mail is taken up");
        await Poll.UntilAsync(
            async () => (await RowsAsync(app)).Count(row => row.Lease is null && due.Any(each => each.Id == row.Id && each.Attempts < row.Attempts)) == due.Count,
            "that all mails are through");
    }

    public static async Task<MailRow> MailAsync(this VedetteApp app) => (await RowsAsync(app)).Single();

    private static Task<IReadOnlyList<MailRow>> RowsAsync(VedetteApp app) =>
        app.Database.ReadAsync(session => session.ListAsync<MailRow>("select id, state, attempts, due_at, lease, last_error from mail"), CancellationToken.None);
}

internal sealed record MailRow
{
    public long Id { get; init; }

    public string State { get; init; } = "";

    public long Attempts { get; init; }

    public long DueAt { get; init; }

    public long? Lease { get; init; }

    public string? LastError { get; init; }
}

using System.Security.Cryptography;
using Vedette.Storage;

namespace Vedette.Server.Mail;

/// <summary>What is to be mailed. The table is the queue: what was written in a committed transaction is sent or says why not.</summary>
internal sealed class MailOutbox(Database database, TimeProvider time, Random dice)
{
    /// <summary>Longer than an exchange with a mail server can take.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(10);

    /// <summary>Queues a mail to every active owner of the organization.</summary>
    public async Task AddToOwnersAsync(Transaction transaction, long organizationId, string subject, string body)
    {
        var owners = await transaction.ListAsync<string>(
            """
            select a.email from organization_member m
            join account a on a.id = m.account_id
            where m.organization_id = @organizationId and m.role = 'owner' and a.is_active = 1
            order by a.id
            """,
            new { organizationId });
        await AddAsync(transaction, owners, subject, body);
    }

    public Task AddAsync(Transaction transaction, IReadOnlyList<string> recipients, string subject, string body) =>
        transaction.ExecuteEachAsync(
            """
            insert into mail (recipient, subject, body, message_id, state, attempts, due_at, created_at)
            values (@Email, @Subject, @Body, @MessageId, 'waiting', 0, @Now, @Now)
            """,
            [
                .. recipients.Select(email => new
                {
                    Email = email,
                    Subject = subject,
                    Body = body,
                    MessageId = RandomNumberGenerator.GetHexString(32, lowercase: true),
                    Now = UnixMicroseconds.From(time.GetUtcNow()),
                }),
            ]);

    /// <summary>Mails that were sent or given up before an instant.</summary>
    public Task<int> DeleteFinishedAsync(DateTimeOffset before, CancellationToken ct) =>
        database.WriteAsync(
            transaction => transaction.ExecuteAsync("delete from mail where finished_at < @before", new { before = UnixMicroseconds.From(before) }), ct);

    /// <summary>Takes the mail that is due longest, of those that are. Of several processes one gets it.</summary>
    /// <returns><c>null</c> when none is due.</returns>
    public async Task<OutgoingMail?> ClaimAsync(CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var due = await database.ReadAsync(session => session.ListAsync<Row>(
            """
            select id, recipient, subject, body, message_id, attempts, due_at, created_at from mail
            where state = 'waiting' and due_at <= @now
            order by due_at
            limit 10
            """,
            new { now = UnixMicroseconds.From(now) }), ct);
        foreach (var row in due)
        {
            var token = dice.NextInt64();
            var claimed = await database.WriteAsync(transaction => transaction.ExecuteAsync(
                """
                update mail set lease = @token, due_at = @until, attempts = attempts + 1
                where id = @Id and state = 'waiting' and due_at = @DueAt
                """,
                new { row.Id, row.DueAt, token, until = UnixMicroseconds.From(now + Lease) }), ct);
            if (claimed == 1)
                return row.ToMail(token);
        }

        return null;
    }

    /// <summary>What became of an attempt. When the claim has ended meanwhile, nothing changes.</summary>
    /// <returns>The state that follows; <c>null</c> when nothing changed.</returns>
    public async Task<MailState?> RecordAsync(OutgoingMail mail, MailResult result, CancellationToken ct)
    {
        var (state, wait) = result.After(mail.Attempts);
        var now = time.GetUtcNow();
        var recorded = await database.WriteAsync(transaction => transaction.ExecuteAsync(
            """
            update mail set state = @state, due_at = @due, lease = null, last_error = @Reason, finished_at = @finished
            where id = @Id and lease = @Lease and state = 'waiting'
            """,
            new
            {
                mail.Id,
                mail.Lease,
                state = StoredName.Of(state),
                due = UnixMicroseconds.From(now + wait),
                result.Reason,
                finished = state == MailState.Waiting ? (long?)null : UnixMicroseconds.From(now),
            }), ct);
        return recorded == 1 ? state : null;
    }

    /// <summary>For a start after a crash or a stop, when nobody else can hold a claim.</summary>
    public Task FreeClaimsAsync(CancellationToken ct) =>
        database.WriteAsync(
            transaction => transaction.ExecuteAsync(
                "update mail set due_at = @now, lease = null where lease is not null and state = 'waiting'",
                new { now = UnixMicroseconds.From(time.GetUtcNow()) }),
            ct);

    private sealed record Row
    {
        public long Id { get; init; }

        public string Recipient { get; init; } = "";

        public string Subject { get; init; } = "";

        public string Body { get; init; } = "";

        public string MessageId { get; init; } = "";

        public long Attempts { get; init; }

        public long DueAt { get; init; }

        public long CreatedAt { get; init; }

        public OutgoingMail ToMail(long lease) => new()
        {
            Id = Id,
            Lease = lease,
            To = Recipient,
            Subject = Subject,
            Body = Body,
            MessageId = MessageId,
            Attempts = (int)Attempts + 1,
            CreatedAt = UnixMicroseconds.ToInstant(CreatedAt),
        };
    }
}

namespace Vedette.Server.Mail;

/// <summary>A mail that is claimed: until the claim ends, nobody else sends it.</summary>
internal sealed record OutgoingMail
{
    public required long Id { get; init; }

    /// <summary>Of the claim.</summary>
    public required long Lease { get; init; }

    public required string To { get; init; }

    public required string Subject { get; init; }

    public required string Body { get; init; }

    /// <summary>Before the <c>@</c>.</summary>
    public required string MessageId { get; init; }

    /// <summary>This one included.</summary>
    public required int Attempts { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}

internal enum MailState
{
    Waiting,

    /// <summary>The mail server has taken it.</summary>
    Sent,

    /// <summary>Written to a file, because there is no mail server.</summary>
    Filed,

    /// <summary>Refused for good, or its attempts are used up.</summary>
    Failed,
}

internal enum MailOutcome
{
    Sent,
    Filed,

    /// <summary>The server will not take this mail, however often it is asked.</summary>
    Refused,

    /// <summary>Whatever else went wrong: the server was away or busy, or did not take our login.</summary>
    Delayed,
}

/// <param name="Reason">One line; <c>null</c> when nothing went wrong.</param>
internal sealed record MailResult(MailOutcome Outcome, string? Reason)
{
    private static readonly TimeSpan[] Waits =
    [
        TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(6), TimeSpan.FromHours(24),
    ];

    public static MailResult Sent { get; } = new(MailOutcome.Sent, null);

    public static MailResult Filed { get; } = new(MailOutcome.Filed, null);

    public static MailResult Refused(string reason) => new(MailOutcome.Refused, reason);

    public static MailResult Delayed(string reason) => new(MailOutcome.Delayed, reason);

    /// <param name="attempts">Made so far, this one included.</param>
    /// <returns>The state that follows, and while it waits, for how long.</returns>
    public (MailState State, TimeSpan Wait) After(int attempts) => Outcome switch
    {
        MailOutcome.Sent => (MailState.Sent, default),
        MailOutcome.Filed => (MailState.Filed, default),
        MailOutcome.Refused => (MailState.Failed, default),
        MailOutcome.Delayed when attempts <= Waits.Length => (MailState.Waiting, Waits[attempts - 1]),
        MailOutcome.Delayed => (MailState.Failed, default),
    };
}

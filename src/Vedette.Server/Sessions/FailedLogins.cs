namespace Vedette.Server.Sessions;

/// <summary>Counts logins that failed, by account and by address: who has failed too often has to wait, and good logins are never counted.</summary>
internal sealed class FailedLogins(TimeProvider time)
{
    public const int MostPerAccount = 10;
    public const int MostPerAddress = 50;
    private const int LongestEmail = 254;

    public static TimeSpan Window { get; } = TimeSpan.FromMinutes(5);

    private readonly FailureCounts failures = new(time, Window);

    /// <returns>How long to wait before another try; <c>null</c> when one may be made.</returns>
    public TimeSpan? WaitFor(string email, string? address) =>
        failures.WaitFor(AccountKey(email), MostPerAccount) ?? failures.WaitFor(AddressKey(address), MostPerAddress);

    public void Add(string email, string? address)
    {
        failures.Add(AccountKey(email));
        failures.Add(AddressKey(address));
    }

    /// <summary>No address of a mailbox is longer, and what anybody may send is not remembered whole.</summary>
    private static string AccountKey(string email) => $"account {email[..Math.Min(email.Length, LongestEmail)].ToLowerInvariant()}";

    private static string AddressKey(string? address) => $"address {address}";
}

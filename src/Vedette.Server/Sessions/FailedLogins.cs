namespace Vedette.Server.Sessions;

/// <summary>
/// Counts logins that failed, by account and by address, in this process: who has failed too often has to wait, and good
/// logins are never counted. Memory is bounded: when it is full, whoever failed longest ago is forgotten.
/// </summary>
internal sealed class FailedLogins(TimeProvider time)
{
    public const int MostPerAccount = 10;
    public const int MostPerAddress = 50;
    private const int MostRemembered = 10_000;
    private const int LongestEmail = 254;

    public static TimeSpan Window { get; } = TimeSpan.FromMinutes(5);

    private readonly Lock gate = new();
    private readonly Dictionary<string, (int Times, DateTimeOffset Since)> failures = new(StringComparer.Ordinal);

    /// <returns>How long to wait before another try; <c>null</c> when one may be made.</returns>
    public TimeSpan? WaitFor(string email, string? address)
    {
        lock (gate)
            return WaitFor(AccountKey(email), MostPerAccount) ?? WaitFor(AddressKey(address), MostPerAddress);
    }

    public void Add(string email, string? address)
    {
        lock (gate)
        {
            Add(AccountKey(email));
            Add(AddressKey(address));
        }
    }

    private TimeSpan? WaitFor(string key, int most) =>
        failures.TryGetValue(key, out var found) && found.Times >= most && found.Since + Window - time.GetUtcNow() is { Ticks: > 0 } wait ? wait : null;

    private void Add(string key)
    {
        var now = time.GetUtcNow();
        if (failures.TryGetValue(key, out var found) && found.Since + Window > now)
        {
            failures[key] = (found.Times + 1, found.Since);
            return;
        }

        if (failures.Count >= MostRemembered)
            failures.Remove(failures.MinBy(each => each.Value.Since).Key);
        failures[key] = (1, now);
    }

    /// <summary>No address of a mailbox is longer, and what anybody may send is not remembered whole.</summary>
    private static string AccountKey(string email) => $"account {email[..Math.Min(email.Length, LongestEmail)].ToLowerInvariant()}";

    private static string AddressKey(string? address) => $"address {address}";
}

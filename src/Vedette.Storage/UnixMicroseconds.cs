namespace Vedette.Storage;

/// <summary>Instants as both databases store them.</summary>
public static class UnixMicroseconds
{
    /// <summary>Digits below a microsecond are dropped.</summary>
    public static long From(DateTimeOffset instant) => (instant.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset ToInstant(long microseconds) =>
        DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
}

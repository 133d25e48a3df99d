namespace Vedette.Engine.Deliveries;

/// <summary>
/// How much a lane may do, judged by how its attempts went. After <see cref="FailuresBeforeRest"/> failures in a row it
/// rests; then one attempt probes the receiver, and each success doubles what may be under way, up to the cap. A failure
/// on the way rests it again, for twice as long. The clock is passed in.
/// </summary>
/// <param name="firstRest">Doubles with every rest that did not help.</param>
/// <param name="longestRest">Not doubled beyond.</param>
internal sealed class LanePace(TimeSpan firstRest, TimeSpan longestRest)
{
    private const int FailuresBeforeRest = 5;

    private int failures;
    private int? ramp;
    private DateTimeOffset? recoveredFrom;

    /// <summary><c>null</c> when it never rested, or has recovered since.</summary>
    public DateTimeOffset? RestsUntil { get; private set; }

    public TimeSpan LastRest { get; private set; }

    /// <summary>Nothing has gone wrong that is not forgotten.</summary>
    public bool IsFresh => failures == 0 && ramp is null;

    /// <summary>How many attempts may be under way; 0 while it rests.</summary>
    public int Limit(int cap, DateTimeOffset now) => now < RestsUntil ? 0 : Math.Min(ramp ?? cap, cap);

    /// <returns>A rest is over with this success: the caller tells others.</returns>
    public bool Succeeded(int cap, DateTimeOffset now)
    {
        // As in Failed: what was already under way when the receiver asked to be left alone does not lift that.
        if (now < RestsUntil)
            return false;

        failures = 0;
        if (ramp is not { } limit)
            return false;

        ramp = limit * 2 < cap ? limit * 2 : null;
        var rested = RestsUntil is not null;
        recoveredFrom = RestsUntil ?? recoveredFrom;
        (RestsUntil, LastRest) = (null, TimeSpan.Zero);
        return rested;
    }

    /// <returns>The lane begins to rest with this failure: the caller tells others.</returns>
    public bool Failed(DateTimeOffset now)
    {
        failures++;

        // While it rests, outcomes of what was already under way change nothing.
        if (now < RestsUntil || (ramp is null && failures < FailuresBeforeRest))
            return false;

        LastRest = LastRest == TimeSpan.Zero ? firstRest : Shorter(LastRest * 2, longestRest);
        RestsUntil = now + LastRest;
        ramp = 1;
        return true;
    }

    /// <summary>The receiver asked to be left alone: nothing goes out until then, and it is not asked earlier whatever else happens.</summary>
    /// <returns>As <see cref="Failed"/>.</returns>
    public bool HoldUntil(DateTimeOffset until)
    {
        if (until <= RestsUntil)
            return false;

        RestsUntil = until;
        ramp ??= 1;
        return true;
    }

    /// <summary>Another node, or this one before it was restarted, let the lane rest.</summary>
    public void Adopt(DateTimeOffset until, TimeSpan lastRest)
    {
        // The table may not have heard yet that the lane has recovered.
        if (until <= RestsUntil || until <= recoveredFrom)
            return;

        (RestsUntil, LastRest) = (until, lastRest);
        ramp ??= 1;
    }

    /// <summary>Somebody else ended the rest: another node whose probe went well, or a person who enabled the destination again. It still begins with a probe.</summary>
    public void EndRest() => (RestsUntil, LastRest) = (null, TimeSpan.Zero);

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;
}

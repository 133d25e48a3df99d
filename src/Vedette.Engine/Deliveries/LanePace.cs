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

    /// <summary><c>null</c> when it never rested, or has recovered since.</summary>
    public DateTimeOffset? RestsUntil { get; private set; }

    public TimeSpan LastRest { get; private set; }

    /// <summary>Nothing has gone wrong that is not forgotten.</summary>
    public bool IsFresh => failures == 0 && ramp is null;

    /// <summary>How many attempts may be under way; 0 while it rests.</summary>
    public int Limit(int cap, DateTimeOffset now) => now < RestsUntil ? 0 : Math.Min(ramp ?? cap, cap);

    /// <summary>While it rests, a success of what was already under way changes nothing: the receiver may have asked for silence since.</summary>
    public void Succeeded(int cap, DateTimeOffset now)
    {
        if (now < RestsUntil)
            return;

        failures = 0;
        if (ramp is not { } limit)
            return;

        ramp = limit * 2 < cap ? limit * 2 : null;
        (RestsUntil, LastRest) = (null, TimeSpan.Zero);
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
    public void Adopt(DateTimeOffset? restsUntil, TimeSpan lastRest)
    {
        if (restsUntil is not { } until || until <= RestsUntil)
            return;

        (RestsUntil, LastRest) = (until, lastRest);
        ramp ??= 1;
    }

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;
}

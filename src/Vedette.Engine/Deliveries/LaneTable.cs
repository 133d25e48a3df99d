using Vedette.Engine.Subscriptions;
using Vedette.Storage;

namespace Vedette.Engine.Deliveries;

/// <summary>What a lane's rest leaves behind: the rest itself, for the table, and what can no longer be attempted in time.</summary>
internal sealed record LaneRested(LaneRest Rest, IReadOnlyList<LeasedDelivery> Unsent);

/// <param name="Rested">The lane begins to rest; <c>null</c> otherwise.</param>
/// <param name="Recovered">A rest is over.</param>
internal sealed record LaneLesson(LaneRested? Rested, bool Recovered)
{
    public static LaneLesson Nothing { get; } = new(null, false);
}

/// <summary>
/// All lanes of this process and the round in which they take turns. Safe for concurrent use; one lock, held only for
/// bookkeeping. Bounded: what has no place waits in the delivery table.
/// </summary>
internal sealed class LaneTable(EngineOptions options, TimeProvider time, Random dice, Action wake)
{
    private readonly Lock gate = new();
    private readonly Dictionary<long, Lane> lanes = [];

    // Lanes whose last attempt went well have a round of their own: the others, many of which may hang, never take all places.
    private readonly LinkedList<Lane> proven = new();
    private readonly LinkedList<Lane> unproven = new();
    private readonly TaskCompletionSource idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DateTimeOffset nextWake;
    private long looks;

    // Tokens only need to differ between processes that could hold a lease on the same row.
    private long lastToken = dice.NextInt64(long.MaxValue / 2);
    private int inFlight;
    private int unprovenInFlight;
    private int queued;
    private bool unprovenIsNext;
    private bool leases;
    private bool stopping;

    /// <summary>Completes after <see cref="Stop"/>, when no attempt is under way any more.</summary>
    public Task Idle => idle.Task;

    /// <summary>From now on places are kept for new deliveries: what the dead had leased is free, so no living lease can be taken for one of theirs.</summary>
    public void BeginLeasing()
    {
        lock (gate)
            leases = true;
    }

    /// <summary>Keeps a place for a delivery that is about to be committed; <c>null</c> when there is none.</summary>
    public DeliveryLease? TryReserve(Destination destination)
    {
        lock (gate)
        {
            var lane = LaneOf(destination.Id);
            lane.Adopt(destination.Concurrency, destination.Timeout);
            if (!leases || stopping || queued >= options.MostQueued || !lane.HasRoomForNew(time.GetUtcNow()))
                return null;

            lane.Reserved++;
            queued++;
            return NewLease(lane);
        }
    }

    public void Unreserve(long destinationId)
    {
        lock (gate)
        {
            LaneOf(destinationId).Reserved--;
            queued--;
        }
    }

    /// <summary>Fills a reserved place.</summary>
    public void Accept(LeasedDelivery delivery)
    {
        lock (gate)
        {
            var lane = LaneOf(delivery.Destination.Id);
            lane.Reserved--;
            lane.Queue.Enqueue(delivery);
            TakeTurn(lane);
        }
    }

    /// <summary>The delivery table holds something for this destination from <paramref name="due"/> on.</summary>
    public void HearOf(Destination destination, DateTimeOffset due)
    {
        lock (gate)
        {
            // A lease that does not know how long an attempt may take could be too short for one.
            var lane = LaneOf(destination.Id);
            lane.Adopt(destination.Concurrency, destination.Timeout);
            Hear(lane, due);
        }
    }

    /// <summary>As <see cref="HearOf(Destination, DateTimeOffset)"/>, with what the table says of the destination.</summary>
    public void HearOf(DeliveryStore.Waiting waiting)
    {
        lock (gate)
        {
            var lane = LaneOf(waiting.DestinationId);
            lane.Adopt((int)waiting.Concurrency, waiting.Timeout);
            if (waiting.RestsUntil is { } until)
            {
                lane.Pace.Adopt(until, waiting.LastRest);

                // An older rest in the table says nothing about one that is still to be written.
                if (lane.Pace.RestsUntil is { } mine && UnixMicroseconds.From(mine) == UnixMicroseconds.From(until))
                    lane.RestStoredBefore = looks + 1;
            }
            else if (lane.RestStoredBefore <= looks)
            {
                lane.Pace.EndRest();
                lane.RestStoredBefore = null;
            }

            Hear(lane, waiting.DueAt);
        }
    }

    /// <summary>The rest is in the table. When a later look does not find it there, somebody has ended it.</summary>
    public void RestStored(long destinationId, LaneRest rest)
    {
        lock (gate)
        {
            if (lanes.TryGetValue(destinationId, out var lane) && lane.Pace.RestsUntil == rest.Until)
                lane.RestStoredBefore = looks + 1;
        }
    }

    /// <summary>Drops lanes that hold nothing, before the table is asked anew; what is heard of from then on is kept.</summary>
    public void ForgetIdle()
    {
        lock (gate)
        {
            looks++;
            var now = time.GetUtcNow();
            foreach (var (id, lane) in lanes)
            {
                lane.NextDue = null;
                if (lane.IsIdle(now))
                    lanes.Remove(id);
            }
        }
    }

    /// <summary>
    /// What lanes want from the table now, within the memory that is free. Each wish is to be answered by <see cref="Fill"/>.
    /// Lanes whose rest is over take turns again.
    /// </summary>
    public IReadOnlyList<LaneWish> TakeWishes()
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            var free = options.MostQueued - queued;
            var wishes = new List<LaneWish>();
            foreach (var lane in lanes.Values)
            {
                TakeTurn(lane);
                if (free <= 0 || !lane.WantsBacklog(now))
                    continue;

                var most = Math.Min(lane.RoomForBacklog(now), free);
                free -= most;

                // What is heard of from here on may not be in what is claimed.
                (lane.Claiming, lane.NextDue) = (true, null);
                wishes.Add(new LaneWish(lane, NewLease(lane), most, lane.Pace.RestsUntil is not null));
            }

            return wishes;
        }
    }

    /// <param name="claimed">Fewer than wished for when the table has no more; empty when it could not be asked.</param>
    public void Fill(LaneWish wish, IReadOnlyList<LeasedDelivery> claimed)
    {
        lock (gate)
        {
            wish.Lane.Claiming = false;
            if (claimed.Count == wish.Most)
                wish.Lane.NextDue = time.GetUtcNow();
            queued += claimed.Count;
            foreach (var delivery in claimed)
            {
                wish.Lane.Adopt(delivery.Destination.Concurrency, delivery.Destination.Timeout);
                wish.Lane.Queue.Enqueue(delivery);
            }

            TakeTurn(wish.Lane);
        }
    }

    /// <summary>What waits in memory for this destination is not to be sent any more.</summary>
    public void Drop(long destinationId)
    {
        lock (gate)
        {
            if (!lanes.TryGetValue(destinationId, out var lane))
                return;

            queued -= lane.Queue.Count;
            lane.Queue.Clear();
        }
    }

    /// <summary>How long there is nothing to ask the table for, unless it is heard of before; never past <paramref name="latest"/>.</summary>
    public TimeSpan NextPause(DateTimeOffset latest)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            nextWake = latest;
            foreach (var lane in lanes.Values)
            {
                if (queued < options.MostQueued && lane.WantsBacklog(now))
                    nextWake = now;
                else if (lane.NextWish is { } wish && wish > now && wish < nextWake)
                    nextWake = wish;
                if (lane.NextTurn is { } turn && turn > now && turn < nextWake)
                    nextWake = turn;
            }

            return nextWake - now;
        }
    }

    /// <summary>The next attempt that may start, each lane in its turn. Whoever gets one calls <see cref="Finish"/>.</summary>
    public bool TryTakeTurn(out Lane lane, out LeasedDelivery delivery)
    {
        lock (gate)
        {
            while (!stopping && inFlight < options.MostInFlight && NextInTurn() is { } next)
            {
                // It may have begun to rest since it queued up.
                var now = time.GetUtcNow();
                if (!next.HasTurn(now))
                    continue;

                (lane, delivery) = (next, next.Queue.Dequeue());
                queued--;
                inFlight++;
                lane.InFlight++;
                if (!lane.IsProven)
                    unprovenInFlight++;
                TakeTurn(lane);
                if (lane.WantsBacklog(now))
                    wake();
                return true;
            }
        }

        (lane, delivery) = (null!, null!);
        return false;
    }

    public void Finish(Lane lane)
    {
        lock (gate)
        {
            inFlight--;
            lane.InFlight--;
            if (!lane.IsProven)
                unprovenInFlight--;
            TakeTurn(lane);
            if (stopping && inFlight == 0)
                idle.TrySetResult();
        }
    }

    /// <summary>Lets the lane learn from an outcome.</summary>
    /// <param name="luck">From 0 to 1.</param>
    public LaneLesson Learn(Lane lane, AttemptResult result, double luck)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            var (rests, recovered) = (false, false);
            switch (RetryPolicy.IsFailure(result.Outcome))
            {
                case true:
                    Prove(lane, false);
                    rests = lane.Pace.Failed(now);
                    if (RetryPolicy.Hold(result, luck) is var hold && hold > TimeSpan.Zero)
                        rests |= lane.Pace.HoldUntil(now + hold);
                    break;
                case false:
                    Prove(lane, true);
                    lane.LastSuccess = now;
                    recovered = lane.Pace.Succeeded(lane.Cap, now);
                    break;
                case null:
                    break;
            }

            if (!rests)
                return recovered ? new LaneLesson(null, true) : LaneLesson.Nothing;

            // Leases may end before the rest does, and another claim would have to wait for that.
            LeasedDelivery[] unsent = [.. lane.Queue];
            queued -= unsent.Length;
            lane.Queue.Clear();
            if (unsent.Length > 0)
                Hear(lane, now);
            lane.RestStoredBefore = null;
            return new LaneLesson(new LaneRested(new LaneRest(lane.Pace.RestsUntil!.Value, lane.Pace.LastRest), unsent), false);
        }
    }

    public LaneCounts Count()
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            return new LaneCounts(lanes.Count, lanes.Values.Count(lane => lane.Pace.RestsUntil > now), inFlight, queued);
        }
    }

    /// <summary>Nothing starts any more.</summary>
    /// <returns>What had not been started.</returns>
    public IReadOnlyList<LeasedDelivery> Stop()
    {
        lock (gate)
        {
            stopping = true;
            if (inFlight == 0)
                idle.TrySetResult();
            return [.. lanes.Values.SelectMany(lane => lane.Queue)];
        }
    }

    private void Hear(Lane lane, DateTimeOffset due)
    {
        if (lane.NextDue is null || due < lane.NextDue)
            lane.NextDue = due;

        // A lane that rests wants nothing before its rest is over, however much falls due meanwhile.
        if (lane.NextWish < nextWake)
            wake();
    }

    private Lane LaneOf(long destinationId)
    {
        if (!lanes.TryGetValue(destinationId, out var lane))
            lanes.Add(destinationId, lane = new Lane(destinationId, new LanePace(options.FirstRest, options.LongestRest)));
        return lane;
    }

    private void TakeTurn(Lane lane)
    {
        if (lane.Turn.List is null && lane.HasTurn(time.GetUtcNow()))
            (lane.IsProven ? proven : unproven).AddLast(lane.Turn);
    }

    /// <summary>From each round in turn, while the unproven have places left; <c>null</c> when nobody may go on.</summary>
    private Lane? NextInTurn()
    {
        var mostUnproven = Math.Max(options.MostInFlight / 2, 1);
        var (round, other) = unprovenIsNext ? (unproven, proven) : (proven, unproven);
        if (round.Count == 0 || (round == unproven && unprovenInFlight >= mostUnproven))
            round = other;
        if (round.First is not { } first || (round == unproven && unprovenInFlight >= mostUnproven))
            return null;

        unprovenIsNext = round == proven;
        round.Remove(first);
        return first.Value;
    }

    private void Prove(Lane lane, bool isProven)
    {
        if (lane.IsProven == isProven)
            return;

        lane.IsProven = isProven;
        unprovenInFlight += isProven ? -lane.InFlight : lane.InFlight;
        if (lane.Turn.List is { } round)
        {
            round.Remove(lane.Turn);
            (isProven ? proven : unproven).AddLast(lane.Turn);
        }
    }

    /// <summary>Longer by as much as an attempt at this destination may take longer than usual.</summary>
    private DeliveryLease NewLease(Lane lane) =>
        new(++lastToken, time.GetUtcNow() + options.Lease + lane.LongestExchange - WebhookSender.LongestExchange(TimeSpan.Zero));
}

using System.Text.RegularExpressions;
using Vedette.Storage;

namespace Vedette.Simulation;

/// <summary>
/// Knows what was committed, what was acknowledged and what the receivers saw, and says when these do not fit together.
/// It knows the promises of the engine and nothing of how it keeps them.
/// </summary>
internal sealed partial class Oracle(World world, Plan plan, StorageConnection reader)
{
    /// <summary>
    /// Kept by the database, because who disables and who enables may share one commit, and then a look at the state
    /// afterwards shows nothing.
    /// </summary>
    public const string CountsEnabling =
        """
        create table simulated_enabling (destination_id bigint not null);
        create trigger simulated_enabling after update of state on destination when new.state = 'active' and old.state <> 'active'
        begin
            insert into simulated_enabling values (new.id);
        end
        """;

    private static readonly TimeSpan Rounding = TimeSpan.FromMilliseconds(1);

    private readonly Dictionary<long, DeliveryRow> rows = [];
    private readonly Dictionary<(string Event, long Destination), long> ids = [];
    private readonly Dictionary<long, List<Send>> sends = [];
    private readonly Dictionary<long, string> keys = [];
    private readonly Dictionary<(Process Process, long Delivery), Grant> grants = [];
    private readonly Dictionary<long, Process> leaseOwners = [];
    private readonly Dictionary<(Process Process, long Destination), Lane> lanes = [];
    private readonly Dictionary<Process, int> inFlight = [];
    private readonly Dictionary<long, long> enables = [];
    private Process? freesLeases;

    /// <summary>How many statements were checked for the lease that they should ask for.</summary>
    public int FencedStatements { get; set; }

    public int Pending { get; private set; }

    public int Deliveries => rows.Count;

    public int Sends { get; private set; }

    public IReadOnlyCollection<DeliveryRow> Rows => rows.Values;

    /// <summary>The acknowledgement left the process: from now on its event must be there.</summary>
    public void Acknowledged(string name, bool mustExist)
    {
        var found = ids.Keys.Count(key => key.Event == name);
        if (mustExist && found != plan.Destinations.Count)
            world.Violate($"{name} was acknowledged, and {found} of its {plan.Destinations.Count} deliveries are committed");
        else if (!mustExist && found > 0)
            world.Violate($"the transaction of {name} failed by itself, and yet it has deliveries");
    }

    public Mood MoodOf(Send send)
    {
        var moods = plan.Destinations[(int)send.Destination - 1].Moods;
        return world.Now >= plan.Trouble ? Mood.Good : moods[(int)(moods.Count * world.Now / plan.Trouble)];
    }

    public bool SaysGone(Send send) => plan.Destinations[(int)send.Destination - 1].SaysGone;

    /// <summary>A request arrived at a receiver.</summary>
    public Send Begin(Process process, string host, string body, string idempotencyKey)
    {
        var destination = long.Parse(host.AsSpan(1, host.IndexOf('.', StringComparison.Ordinal) - 1), provider: null);
        var name = EventName.Match(body).Groups["name"].Value;
        var planned = plan.Destinations[(int)destination - 1];
        var isLarge = body.Length > Engine.Deliveries.HookPayload.LargestInMemory;
        var send = new Send(process, ids.GetValueOrDefault((name, destination)), destination, world.Now);
        var grant = grants.GetValueOrDefault((process, send.Delivery));

        // A large payload is read from the table after the lane gave the attempt its turn, and a while may pass over that.
        send.Enables = isLarge && grant is not null ? grant.Enables : enables.GetValueOrDefault(destination);
        Sends++;
        if (!rows.TryGetValue(send.Delivery, out var row))
        {
            world.Violate($"{process.Name} sends {name} to {host}, which is not committed");
            return send;
        }

        var earlier = sends.TryGetValue(row.Id, out var list) ? list : sends[row.Id] = [];
        earlier.Add(send);
        world.Tell($"{process.Name} sends {row.Name} to {host}, request {earlier.Count}");

        var lane = LaneOf(send);
        lane.InFlight++;
        inFlight[process] = inFlight.GetValueOrDefault(process) + 1;
        var broken = 0 switch
        {
            _ when grant is null || grant.Uses == 0 => "attempts a delivery for which it was given no lease",
            _ when process.Now + Engine.Deliveries.WebhookSender.LongestExchange(planned.Timeout) > grant.Until => "attempts a delivery so late that its lease may end meanwhile",
            _ when row.State is "delivered" or "exhausted" => $"attempts a delivery that is recorded as {row.State}",
            _ when !keys.TryAdd(row.Id, idempotencyKey) && keys[row.Id] != idempotencyKey => "sends another Idempotency-Key than before",
            _ when lane.InFlight > planned.Concurrency => $"has {lane.InFlight} attempts under way, the cap is {planned.Concurrency}",
            _ when inFlight[process] > plan.Options.MostInFlight => $"has {inFlight[process]} attempts under way in all",
            _ when !isLarge && lane.RestsSince < world.Now && process.Now < lane.RestsUntil => $"makes an attempt although the lane rests until {lane.RestsUntil}",
            _ when !isLarge && lane.HeldSince < world.Now && process.Now < lane.HeldUntil => $"makes an attempt although the receiver asked for silence until {lane.HeldUntil}",
            _ when row.OrderKey is { } key && rows.Values.FirstOrDefault(r => r.Destination == destination && r.OrderKey == key && r.Id < row.Id && r.State == "pending") is { } older =>
                $"attempts it before {older.Name}, which is older and of the same issue",
            _ => null,
        };
        if (grant is not null)
            grant.Uses--;
        if (broken is not null)
            world.Violate($"{process.Name}: {row.Name} to {host}: {broken}");
        return send;
    }

    /// <summary>The process knows what came of its request.</summary>
    public void End(Send send, int? status, string what, TimeSpan? retryAfter)
    {
        if (send.Process.IsDead)
            return;

        world.Tell($"{send.Process.Name} is answered for {Name(send.Delivery)}: {what}{(retryAfter is { } r ? $", Retry-After {r.TotalSeconds:0}" : "")}");
        (send.Status, send.RetryAfter, send.EndedAt) = (status, retryAfter, send.Process.Now);
        var lane = LaneOf(send);
        lane.InFlight--;
        inFlight[send.Process]--;
        if (send.IsGood)
        {
            (lane.Failures, lane.FailuresAtMost) = (0, 0);

            // What is over is over, also when the clock is set back; and also for others, whose clocks may be behind.
            foreach (var (key, other) in lanes)
            {
                if (key.Destination == send.Destination)
                    other.EndWhatIsOver(send.Process.Now);
            }

            return;
        }

        // Asked before somebody enabled the destination, answered afterwards: it may be taken for part of what that ended.
        if (send.Enables != enables.GetValueOrDefault(send.Destination))
            return;

        lane.Failures++;
        lane.FailuresAtMost++;
        if (lane.FailuresAtMost >= 5 && send.Process.Now >= lane.RestsUntil && send.Process.Now >= lane.MayRestUntil)
        {
            if (lane.Failures >= 5 && send.Process.Now >= KnownRest(send.Destination))
                (lane.RestsSince, lane.RestsUntil) = (world.Now, send.Process.Now + plan.Options.FirstRest);
            else
                lane.MayRestUntil = send.Process.Now + plan.Options.LongestRest;
        }

        if (retryAfter is { } asked && send.Process.Now + asked > lane.HeldUntil)
            (lane.HeldSince, lane.HeldUntil) = (world.Now, send.Process.Now + asked);
    }

    public void RecordedWithoutLease(Process process, long id, long mine, long? row) =>
        world.Violate($"{process.Name} changed {Name(id)} with the lease {Short(mine)}, but it belongs to {Short(row)}");

    /// <summary>Leases may only be freed of processes that are dead.</summary>
    public void BeforeFreeing(Process process, string sql)
    {
        if (!sql.Contains("lease = null", StringComparison.Ordinal) || !sql.Contains("where lease is not null", StringComparison.Ordinal))
            return;

        world.Tell($"{process.Name} frees what the dead had leased");
        freesLeases = process;
    }

    /// <summary>A commit is on disk.</summary>
    public void Committed(Process process)
    {
        SeeEnabled();
        Pending = 0;
        foreach (var row in Read<DeliveryRow>(
            """
            select y.id, y.destination_id as destination, y.order_key, y.state, y.reason, y.due_at, y.lease, y.attempts, e.subject_id as event
            from delivery y join hook_event e on e.id = y.hook_event_id
            """))
        {
            if (row.State == "pending")
                Pending++;
            var old = rows.GetValueOrDefault(row.Id);
            if (old == row)
                continue;

            rows[row.Id] = row;
            ids[(row.Event, row.Destination)] = row.Id;
            world.Tell($"{process.Name} commits {row.Name} to d{row.Destination}: {row.State} ({row.Reason}), {row.Attempts} attempts, due {Instant(row.DueAt)}, lease {Short(row.Lease)}");
            if (Check(process, old, row) is { } broken)
                world.Violate($"{process.Name} commits {row.Name} to d{row.Destination}: {broken}");
        }

        freesLeases = null;
    }

    /// <summary>When all trouble is over.</summary>
    public void CheckEnd()
    {
        foreach (var row in rows.Values)
        {
            if (row.State == "pending")
                world.Violate($"{row.Name} to d{row.Destination} is still pending ({row.Reason}), due {Instant(row.DueAt)}, now {world.Now}: it is lost");
            if (row.Reason.Length == 0)
                world.Violate($"{row.Name} is {row.State} without a reason");
        }

        if (FencedStatements == 0 && rows.Values.Any(row => row.Attempts > 0))
            world.Violate("no statement was seen that asks for a lease: the simulation does not know the engine's statements any more");

        var logged = Read<AttemptRow>("select delivery_id, number from attempt where outcome <> 'ours' order by delivery_id, number").ToLookup(row => row.DeliveryId, row => row.Number);
        foreach (var row in rows.Values.Where(row => !logged[row.Id].SequenceEqual(Enumerable.Range(1, (int)row.Attempts).Select(i => (long)i))))
            world.Violate($"{row.Name} counts {row.Attempts} attempts, the log has {string.Join(",", logged[row.Id])}");
    }

    /// <summary>
    /// Whoever enables a destination ends its rest and the silence that it asked for, from this commit on, for every
    /// process: each learns of it when it next looks. What is asked for in answer to later attempts counts as ever.
    /// </summary>
    private void SeeEnabled()
    {
        foreach (var row in Read<EnablingRow>("select destination_id as id, count(*) as times from simulated_enabling group by destination_id"))
        {
            if (enables.GetValueOrDefault(row.Id) == row.Times)
                continue;

            enables[row.Id] = row.Times;
            foreach (var (key, lane) in lanes)
            {
                if (key.Destination == row.Id)
                    lane.BeginAnew();
            }
        }
    }

    private string? Check(Process process, DeliveryRow? old, DeliveryRow row)
    {
        if (row.Lease is > 0 and { } lease && lease != old?.Lease)
        {
            if (old is { State: "pending" } && old.Attempts == row.Attempts && Instant(old.DueAt) > process.Now && plan.ClockJump == TimeSpan.Zero)
                return $"claimed before it is due at {Instant(old.DueAt)}";

            leaseOwners[lease] = process;
            Allow(process, row, Instant(row.DueAt));

            // Between a claim's look at the clock and its turn the clock was set back: it took over what was accepted in the same commit.
            if (old is null && row.Reason == "claimed" && plan.ClockJump < TimeSpan.Zero)
                Allow(process, row, Instant(row.DueAt));
        }
        else if (row is { Lease: < 0 } or { Lease: null, Reason: "destination_gone" } && old is null or { State: "pending" }
            && row.Lease != -Math.Abs(old?.Lease ?? 0))
        {
            // Perhaps accepted or claimed in the same commit, under a lease that was then taken away: negated, or forgotten. Its end is still there.
            Allow(process, row, Instant(row.DueAt));
        }

        if (old is null)
            return null;
        if (freesLeases == process && row is { State: "pending", Lease: null, Reason: "given_back" } && old.Lease is { } freed && leaseOwners.GetValueOrDefault(freed) is { IsDead: false } owner)
            return $"frees the lease of {owner.Name}, which is alive";
        if (old is { State: "held", Lease: not null } && row.Reason == "released" && row.DueAt < old.DueAt && Instant(old.DueAt) > process.Now)
            return $"released for {Instant(row.DueAt)}, although somebody may still send it under a lease until {Instant(old.DueAt)}";
        if (old.State is not ("pending" or "held") && old.State != row.State)
            return $"it was {old.State} for good";
        if (row.Attempts == old.Attempts)
            return row.State is "delivered" or "exhausted" ? "has come to an end without an attempt" : null;
        if (row.Attempts != old.Attempts + 1)
            return $"{old.Attempts} attempts were made before";

        var mine = (sends.GetValueOrDefault(row.Id) ?? []).Where(send => send.Process == process && send.EndedAt is not null);
        return mine.Any(send => Follows(row, send)) ? null : "no attempt of this process leads to that";
    }

    /// <summary>Whether the row may say this after that answer.</summary>
    private bool Follows(DeliveryRow row, Send send)
    {
        var waits = plan.Options.Schedule.Waits;
        switch (row.State)
        {
            case "delivered":
                return send.IsGood;
            case "exhausted":
                return !send.IsGood && row.Attempts == waits.Count + 1;
            case "pending" when row.Lease is not null || row.Reason == "released":
                return !send.IsGood; // Recorded, and claimed again or held and released, in one commit.
            case "pending" when !send.IsGood && send.Status != 410 && row.Attempts <= waits.Count:
                var wait = waits[(int)row.Attempts - 1];
                var asked = send.RetryAfter ?? TimeSpan.Zero;
                var due = Instant(row.DueAt) - send.EndedAt!.Value;
                var latest = wait * 1.2 > asked * 1.1 ? wait * 1.2 : asked * 1.1;
                return due >= (wait * 0.8) - Rounding && due >= asked - Rounding && due <= latest + Rounding;
            case "gone":
                return send.Status == 410 || row.Reason == "destination_gone";
            default:
                return row.State is "held" or "cancelled"; // By somebody else's work in the same commit.
        }
    }

    private void Allow(Process process, DeliveryRow row, TimeSpan until)
    {
        var grant = grants.TryGetValue((process, row.Id), out var known) ? known : grants[(process, row.Id)] = new Grant();
        grant.Uses++;
        grant.Until = until;
        grant.Enables = enables.GetValueOrDefault(row.Destination);
    }

    private Lane LaneOf(Send send) =>
        lanes.TryGetValue((send.Process, send.Destination), out var lane) ? lane : lanes[(send.Process, send.Destination)] = new Lane();

    private IReadOnlyList<T> Read<T>(string sql) => reader.ListAsync<T>(sql, null).GetAwaiter().GetResult();

    /// <summary>The process may have taken it over from another, and what fails during a rest does not lengthen it.</summary>
    private TimeSpan KnownRest(long destination) =>
        Read<RestRow>($"select rests_until from destination where id = {destination}")[0].RestsUntil is { } until ? Instant(until) : TimeSpan.MinValue;

    private string Name(long id) => rows.TryGetValue(id, out var row) ? $"{row.Name} to d{row.Destination}" : $"delivery {id}";

    private static string Short(long? lease) => lease is { } token ? $"{token % 100_000}" : "none";

    private static TimeSpan Instant(long microseconds) => UnixMicroseconds.ToInstant(microseconds) - World.Start;

    [GeneratedRegex("\"n\":\"(?<name>e[0-9]+)\"", RegexOptions.NonBacktracking)]
    private static partial Regex EventName { get; }

    /// <summary>What the promises say of one lane of one process, at least.</summary>
    private sealed class Lane
    {
        public int InFlight { get; set; }

        /// <summary>Since somebody enabled the destination, of which the lane itself hears later.</summary>
        public int Failures { get; set; }

        public int FailuresAtMost { get; set; }

        public TimeSpan RestsSince { get; set; }

        public TimeSpan RestsUntil { get; set; } = TimeSpan.MinValue;

        /// <summary>It rests by itself, or in a rest of another process that it may or may not have learnt of: what fails meanwhile shows nothing.</summary>
        public TimeSpan MayRestUntil { get; set; } = TimeSpan.MinValue;

        public TimeSpan HeldSince { get; set; }

        public TimeSpan HeldUntil { get; set; } = TimeSpan.MinValue;

        public void EndWhatIsOver(TimeSpan now)
        {
            if (now >= RestsUntil)
                RestsUntil = TimeSpan.MinValue;
            if (now >= HeldUntil)
                HeldUntil = TimeSpan.MinValue;
        }

        public void BeginAnew() =>
            (Failures, RestsUntil, MayRestUntil, HeldUntil) = (0, TimeSpan.MinValue, TimeSpan.MinValue, TimeSpan.MinValue);
    }

    private sealed class Grant
    {
        /// <summary>Each lease is for one attempt.</summary>
        public int Uses { get; set; }

        public TimeSpan Until { get; set; }

        /// <summary>How often the destination had been enabled when it was given.</summary>
        public long Enables { get; set; }
    }

    private sealed record EnablingRow
    {
        public long Id { get; init; }

        public long Times { get; init; }
    }

    private sealed record RestRow
    {
        public long? RestsUntil { get; init; }
    }

    private sealed record AttemptRow
    {
        public long DeliveryId { get; init; }

        public long Number { get; init; }
    }
}

/// <summary>A delivery as it is committed.</summary>
internal sealed record DeliveryRow
{
    public long Id { get; init; }

    public long Destination { get; init; }

    public long? OrderKey { get; init; }

    public string State { get; init; } = "";

    public string Reason { get; init; } = "";

    public long DueAt { get; init; }

    public long? Lease { get; init; }

    public long Attempts { get; init; }

    public string Event { get; init; } = "";

    public string Name => OrderKey is { } key ? $"{Event} of issue {key}" : Event;
}

/// <summary>One request, as its receiver sees it. Instants are those of the sender's clock, but for <paramref name="At"/>.</summary>
internal sealed record Send(Process Process, long Delivery, long Destination, TimeSpan At)
{
    /// <summary>How often somebody had enabled the destination when it began.</summary>
    public long Enables { get; set; }

    public int? Status { get; set; }

    public TimeSpan? RetryAfter { get; set; }

    public TimeSpan? EndedAt { get; set; }

    public bool IsGood => Status is >= 200 and < 300;
}

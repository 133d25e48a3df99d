using Vedette.Engine.Deliveries;
using Vedette.Storage;

namespace Vedette.Engine.Subscriptions;

/// <summary>Destinations and what they subscribe to. Changes take part in the caller's transaction.</summary>
public sealed class DestinationStore(TimeProvider time)
{
    /// <summary>Columns of <see cref="Row"/>, for queries that join destinations as <c>d</c>.</summary>
    internal const string Columns =
        "d.id as destination_id, d.kind, d.public_id, d.organization_id, d.url, d.secret, d.timeout_ms, d.concurrency, d.encoding, d.ordered, d.is_published, d.state as destination_state";

    /// <summary>Events that were accepted before are not sent to it.</summary>
    /// <param name="events">Names from <see cref="Wire.EventCatalogue"/>.</param>
    /// <returns>The id of the new destination.</returns>
    public async Task<long> AddAsync(Transaction transaction, Destination destination, IReadOnlyList<string> events)
    {
        var id = await transaction.SingleAsync<long>(
            """
            insert into destination (
                kind, public_id, organization_id, url, secret, timeout_ms, concurrency, encoding, ordered, is_published, state, state_reason, rest_us,
                created_at)
            values (
                @Kind, @PublicId, @OrganizationId, @Url, @Secret, @TimeoutMs, @Concurrency, @Encoding, @Ordered, @IsPublished, @State, 'created', 0,
                @CreatedAt)
            returning id
            """,
            new
            {
                Kind = StoredName.Of(destination.Kind),
                destination.PublicId,
                destination.OrganizationId,
                destination.Url,
                destination.Secret,
                TimeoutMs = (long)destination.Timeout.TotalMilliseconds,
                Concurrency = (long)destination.Concurrency,
                Encoding = StoredName.Of(destination.Encoding),
                Ordered = destination.Ordered ? 1 : 0,
                IsPublished = destination.IsPublished ? 1 : 0,
                State = StoredName.Of(destination.State),
                CreatedAt = UnixMicroseconds.From(time.GetUtcNow()),
            });

        await transaction.ExecuteEachAsync(
            "insert into subscription (destination_id, organization_id, event, project_id) values (@Id, @OrganizationId, @Event, 0)",
            [.. events.Select(name => new { Id = id, destination.OrganizationId, Event = name })]);
        return id;
    }

    /// <summary>active -> disabled: what waits and what comes is held. Disabling what is not active does nothing.</summary>
    public async Task DisableAsync(Transaction transaction, long id, string reason)
    {
        var changed = await transaction.ExecuteAsync(
            "update destination set state = 'disabled', state_reason = @reason where id = @id and state = 'active'", new { id, reason });
        if (changed == 1)
            await DeliveryTransitions.HoldAsync(transaction, id);
    }

    /// <summary>disabled or gone -> active, rested and with clean counters. What was held is sent, or dropped for good.</summary>
    /// <param name="release"><c>false</c> drops what was held.</param>
    /// <returns>How many held deliveries were released or dropped.</returns>
    public async Task<int> EnableAsync(Transaction transaction, long id, bool release)
    {
        var changed = await transaction.ExecuteAsync(
            "update destination set state = 'active', state_reason = 'enabled', rests_until = null, rest_us = 0, rest_counted_until = null where id = @id and state <> 'active'",
            new { id });
        if (changed == 0)
            return 0;

        await ClearDaysAsync(transaction, id);
        var now = time.GetUtcNow();
        return release
            ? await DeliveryTransitions.ReleaseAsync(transaction, id, now)
            : await DeliveryTransitions.DropAsync(transaction, id, now);
    }

    /// <summary>From now on it is called there; what is under way still goes where it went. A destination that was gone is enabled, also by saving the URL that it had.</summary>
    public async Task MoveAsync(Transaction transaction, long id, string url)
    {
        await transaction.ExecuteAsync("update destination set url = @url where id = @id", new { id, url });
        if (await transaction.SingleAsync<string>("select state from destination where id = @id", new { id }) == StoredName.Of(DestinationState.Gone))
            await EnableAsync(transaction, id, release: true);
    }

    /// <summary>Forgets how its attempts went, so that it is judged anew.</summary>
    public Task ClearDaysAsync(Transaction transaction, long id) =>
        transaction.ExecuteAsync("delete from destination_day where destination_id = @id", new { id });

    /// <summary>active or disabled -> gone.</summary>
    /// <param name="url">That which answered 410.</param>
    /// <returns><c>false</c> when it had ended before, or is called elsewhere by now.</returns>
    internal async Task<bool> EndAsync(Transaction transaction, long id, string url) =>
        await transaction.ExecuteAsync(
            "update destination set state = 'gone', state_reason = 'gone' where id = @id and url = @url and state <> 'gone'", new { id, url }) == 1;

    /// <summary>For all nodes, and for the time after a restart. A rest that ends later is kept.</summary>
    internal Task RestAsync(Transaction transaction, IReadOnlyList<DestinationRest> rests) =>
        transaction.ExecuteEachAsync(
            """
            update destination set rests_until = @Until, rest_us = @Length, rest_reason = @Reason, rest_counted_until = @CountedFrom
            where id = @Id and (rests_until is null or rests_until < @Until)
            """,
            [
                .. rests.Select(each => new
                {
                    Id = each.DestinationId,
                    Until = UnixMicroseconds.From(each.Rest.Until),
                    Length = (long)each.Rest.Length.TotalMicroseconds,
                    Reason = StoredName.Of(each.Reason),
                    CountedFrom = each.CountedFrom is { } from ? UnixMicroseconds.From(from) : (long?)null,
                }),
            ]);

    /// <summary>Probes after their rests went well. A rest that has begun meanwhile is kept.</summary>
    internal Task RecoverAsync(Transaction transaction, IReadOnlyList<long> ids, DateTimeOffset now) =>
        transaction.ExecuteEachAsync(
            "update destination set rests_until = null, rest_us = 0, rest_reason = null, rest_counted_until = null where id = @id and rests_until <= @now",
            [.. ids.Select(id => new { id, now = UnixMicroseconds.From(now) })]);

    /// <summary>The parts of rests after timeouts for which <see cref="RestCountedAsync"/> has not been called, of those that have any.</summary>
    internal async Task<IReadOnlyList<(long Id, long From, long Until)>> RestsToCountAsync(Transaction transaction, IReadOnlyList<long> ids, DateTimeOffset now)
    {
        var parts = await transaction.ListEachAsync<RestPart>(
            """
            select id, rest_counted_until as counted_until, case when rests_until < @now then rests_until else @now end as until
            from destination
            where id = @id and rest_counted_until < rests_until and rest_counted_until < @now
            """,
            [.. ids.Select(id => new { id, now = UnixMicroseconds.From(now) })]);
        return [.. parts.SelectMany(list => list).Select(part => (part.Id, part.CountedUntil, part.Until))];
    }

    /// <returns><c>false</c> when another node was first.</returns>
    internal async Task<bool> RestCountedAsync(Transaction transaction, long id, long from, long until) =>
        await transaction.ExecuteAsync(
            "update destination set rest_counted_until = @until where id = @id and rest_counted_until = @from", new { id, from, until }) == 1;

    internal Task CountAsync(Transaction transaction, IReadOnlyList<DestinationCounts> counts) =>
        transaction.ExecuteEachAsync(
            """
            insert into destination_day (destination_id, day, successes, errors, timeouts) values (@DestinationId, @Day, @Successes, @Errors, @Timeouts)
            on conflict (destination_id, day) do update set
                successes = destination_day.successes + excluded.successes,
                errors = destination_day.errors + excluded.errors,
                timeouts = destination_day.timeouts + excluded.timeouts
            """,
            [.. counts.Select(c => new { c.DestinationId, c.Counts.Day, c.Counts.Successes, c.Counts.Errors, c.Counts.Timeouts })]);

    /// <summary>For each of them, what the last <paramref name="days"/> days up to its own have counted.</summary>
    internal Task<IReadOnlyList<IReadOnlyList<DestinationDay>>> DaysAsync(Transaction transaction, IReadOnlyList<DestinationCounts> of, int days) =>
        transaction.ListEachAsync<DestinationDay>(
            "select day, successes, errors, timeouts from destination_day where destination_id = @DestinationId and day > @Since",
            [.. of.Select(c => new { c.DestinationId, Since = c.Counts.Day - days })]);

    private sealed record RestPart
    {
        public long Id { get; init; }

        public long CountedUntil { get; init; }

        public long Until { get; init; }
    }

    /// <summary>The base of every row that carries a destination.</summary>
    internal record Row
    {
        public long DestinationId { get; init; }

        public string Kind { get; init; } = "";

        public string PublicId { get; init; } = "";

        public long OrganizationId { get; init; }

        public string Url { get; init; } = "";

        public byte[] Secret { get; init; } = [];

        public long TimeoutMs { get; init; }

        public long Concurrency { get; init; }

        public string Encoding { get; init; } = "";

        public bool Ordered { get; init; }

        public bool IsPublished { get; init; }

        public string DestinationState { get; init; } = "";

        public Destination ToDestination() => new()
        {
            Id = DestinationId,
            Kind = StoredName.Parse<DestinationKind>(Kind),
            PublicId = PublicId,
            OrganizationId = OrganizationId,
            Url = Url,
            Secret = Secret,
            Timeout = TimeSpan.FromMilliseconds(TimeoutMs),
            Concurrency = (int)Concurrency,
            Encoding = StoredName.Parse<BodyEncoding>(Encoding),
            Ordered = Ordered,
            IsPublished = IsPublished,
            State = StoredName.Parse<DestinationState>(DestinationState),
        };
    }
}

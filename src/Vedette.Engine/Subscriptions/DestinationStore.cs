using System.Text;
using Vedette.Engine.Deliveries;
using Vedette.Storage;
using Vedette.Wire;
using Vedette.Wire.Json;

namespace Vedette.Engine.Subscriptions;

/// <summary>Destinations and what they subscribe to. Changes take part in the caller's transaction.</summary>
public sealed class DestinationStore(TimeProvider time)
{
    /// <summary>Columns of <see cref="Row"/>, for queries that join destinations as <c>d</c>.</summary>
    internal const string Columns =
        """
        d.id as destination_id, d.kind, d.public_id, d.organization_id, d.url, d.secret, d.previous_secret, d.previous_secret_until, d.timeout_ms,
            d.concurrency, d.encoding, d.ordered, d.headers, d.standard_webhooks, d.version, d.is_published, d.state as destination_state, d.retired_at
        """;


    /// <summary>Told of a destination that is retired, after the commit. One process has one dispatcher.</summary>
    internal Action<long> OnRetired { get; set; } = static _ => { };

    /// <summary>
    /// Events that were accepted before are not sent to it. One that was retired comes back under its public id, with the log
    /// of what was sent to it: an app whose URL was removed may get another.
    /// </summary>
    /// <param name="events">Names from <see cref="EventCatalogue"/>.</param>
    /// <returns>Its id.</returns>
    public async Task<long> AddAsync(Transaction transaction, Destination destination, IReadOnlyList<string> events)
    {
        var id = await transaction.SingleAsync<long>(
            """
            insert into destination (
                kind, public_id, organization_id, url, secret, previous_secret, previous_secret_until, timeout_ms, concurrency, encoding, ordered, headers,
                standard_webhooks, version, is_published, state, state_reason, rest_us, created_at)
            values (
                @Kind, @PublicId, @OrganizationId, @Url, @Secret, @PreviousSecret, @PreviousSecretUntil, @TimeoutMs, @Concurrency, @Encoding, @Ordered, @Headers,
                @StandardWebhooks, @Version, @IsPublished, @State, 'created', 0, @Now)
            on conflict (public_id) do update set
                url = excluded.url, secret = excluded.secret, previous_secret = excluded.previous_secret, previous_secret_until = excluded.previous_secret_until,
                timeout_ms = excluded.timeout_ms, concurrency = excluded.concurrency, encoding = excluded.encoding, ordered = excluded.ordered,
                headers = excluded.headers, standard_webhooks = excluded.standard_webhooks, version = excluded.version, is_published = excluded.is_published,
                state = excluded.state, state_reason = excluded.state_reason, retired_at = null
            where destination.retired_at is not null
            returning id
            """,
            new Values(destination, time.GetUtcNow()));
        await AddSubscriptionsAsync(transaction, id, destination.OrganizationId, events, null);
        return id;
    }

    /// <summary>
    /// From now on attempts are made as <paramref name="changed"/> says; what is under way still goes as it began, and what was
    /// accepted before keeps its order and its payload. State and subscriptions are left as they are, except that a destination
    /// that was gone is enabled, as by <see cref="MoveAsync"/>, when its owner saved the URL.
    /// </summary>
    /// <param name="changed">Of the destination with its id: all but kind, public id, organization and state.</param>
    /// <param name="namesUrl">The owner said where it is to be called, be it where it was called before.</param>
    public async Task ChangeAsync(Transaction transaction, Destination changed, bool namesUrl)
    {
        await transaction.ExecuteAsync(
            """
            update destination set
                url = @Url, secret = @Secret, previous_secret = @PreviousSecret, previous_secret_until = @PreviousSecretUntil, timeout_ms = @TimeoutMs,
                concurrency = @Concurrency, encoding = @Encoding, ordered = @Ordered, headers = @Headers, standard_webhooks = @StandardWebhooks,
                version = @Version, is_published = @IsPublished
            where id = @Id
            """,
            new Values(changed, time.GetUtcNow()));
        if (namesUrl)
            await EnableIfGoneAsync(transaction, changed.Id);
    }

    /// <summary>Replaces all that it subscribes to. Deliveries that were made before are not touched.</summary>
    /// <param name="organizationId">That of the destination.</param>
    /// <param name="events">Names from <see cref="EventCatalogue"/>; none ends all subscriptions.</param>
    /// <param name="projects">
    /// Those in which it wants <c>issue.created</c>, <c>error.created</c> and events of service hooks; <c>null</c> for all, and
    /// empty for none. Other events come from every project.
    /// </param>
    public async Task SubscribeAsync(
        Transaction transaction, long id, long organizationId, IReadOnlyList<string> events, IReadOnlyList<long>? projects)
    {
        await transaction.ExecuteAsync("delete from subscription where destination_id = @id", new { id });
        await AddSubscriptionsAsync(transaction, id, organizationId, events, projects);
    }

    /// <summary>
    /// Its owner removed it: it subscribes to nothing, and what was still to be sent is cancelled. It is active and rested, so
    /// that a last lifecycle notice, accepted after this, can still be sent; its row stays for the log, until retention has
    /// deleted its last delivery. What is under way, or waits in the memory of another process, may still be sent. Retiring it
    /// again cancels that notice, too.
    /// </summary>
    /// <param name="reason">As its deliveries and their explanations tell it.</param>
    public async Task RetireAsync(Transaction transaction, long id, CancelReason reason)
    {
        var now = time.GetUtcNow();
        await transaction.ExecuteAsync(
            """
            update destination set
                state = 'active', state_reason = @reason, rests_until = null, rest_us = 0, rest_reason = null, rest_counted_until = null, retired_at = @now
            where id = @id
            """,
            new { id, reason = StoredName.Of(reason), now = UnixMicroseconds.From(now) });
        await transaction.ExecuteAsync("delete from subscription where destination_id = @id", new { id });
        await ClearDaysAsync(transaction, id);
        await DeliveryTransitions.CancelAsync(transaction, id, reason, now);
        transaction.AfterCommit(() => OnRetired(id));
    }

    /// <summary>active -> disabled: what waits and what comes is held, but for lifecycle notices. Disabling what is not active does nothing.</summary>
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
        await EnableIfGoneAsync(transaction, id);
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

    /// <summary>Nothing is counted for one that has been removed while an attempt was under way.</summary>
    internal Task CountAsync(Transaction transaction, IReadOnlyList<DestinationCounts> counts) =>
        transaction.ExecuteEachAsync(
            """
            insert into destination_day (destination_id, day, successes, errors, timeouts)
            select @DestinationId, @Day, @Successes, @Errors, @Timeouts where exists (select 1 from destination where id = @DestinationId)
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

    private async Task EnableIfGoneAsync(Transaction transaction, long id)
    {
        if (await transaction.SingleAsync<string>("select state from destination where id = @id", new { id }) == StoredName.Of(DestinationState.Gone))
            await EnableAsync(transaction, id, release: true);
    }

    private static Task AddSubscriptionsAsync(
        Transaction transaction, long id, long organizationId, IReadOnlyList<string> events, IReadOnlyList<long>? projects) =>
        transaction.ExecuteEachAsync(
            "insert into subscription (destination_id, organization_id, event, project_id) values (@Id, @OrganizationId, @Event, @ProjectId)",
            [
                .. from name in events.Distinct(StringComparer.Ordinal)
                   from project in projects is not null && EventCatalogue.IsOfProjects(name) ? projects.Distinct() : [0]
                   select new { Id = id, OrganizationId = organizationId, Event = name, ProjectId = project },
            ]);

    /// <summary>A destination as its row holds it.</summary>
    private sealed class Values(Destination destination, DateTimeOffset now)
    {
        public long Id => destination.Id;

        public string Kind => StoredName.Of(destination.Kind);

        public string PublicId => destination.PublicId;

        public long OrganizationId => destination.OrganizationId;

        public string Url => destination.Url;

        public byte[] Secret => destination.Secret;

        public byte[]? PreviousSecret => destination.PreviousSecret;

        public long? PreviousSecretUntil => destination.PreviousSecretUntil is { } until ? UnixMicroseconds.From(until) : null;

        public long TimeoutMs => (long)destination.Timeout.TotalMilliseconds;

        public long Concurrency => destination.Concurrency;

        public string Encoding => StoredName.Of(destination.Encoding);

        public int Ordered => destination.Ordered ? 1 : 0;

        public byte[]? Headers => destination.Headers;

        public int StandardWebhooks => destination.StandardWebhooks ? 1 : 0;

        public long Version => destination.Version;

        public int IsPublished => destination.IsPublished ? 1 : 0;

        public string State => StoredName.Of(destination.State);

        public long Now => UnixMicroseconds.From(now);
    }

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

        public byte[]? PreviousSecret { get; init; }

        public long? PreviousSecretUntil { get; init; }

        public long TimeoutMs { get; init; }

        public long Concurrency { get; init; }

        public string Encoding { get; init; } = "";

        public bool Ordered { get; init; }

        public byte[]? Headers { get; init; }

        public bool StandardWebhooks { get; init; }

        public long Version { get; init; }

        public bool IsPublished { get; init; }

        public string DestinationState { get; init; } = "";

        public long? RetiredAt { get; init; }

        public Destination ToDestination() => new()
        {
            Id = DestinationId,
            Kind = StoredName.Parse<DestinationKind>(Kind),
            PublicId = PublicId,
            OrganizationId = OrganizationId,
            Url = Url,
            Secret = Secret,
            PreviousSecret = PreviousSecret,
            PreviousSecretUntil = PreviousSecretUntil is { } until ? UnixMicroseconds.ToInstant(until) : null,
            Timeout = TimeSpan.FromMilliseconds(TimeoutMs),
            Concurrency = (int)Concurrency,
            Encoding = StoredName.Parse<BodyEncoding>(Encoding),
            Ordered = Ordered,
            Headers = Headers,
            StandardWebhooks = StandardWebhooks,
            Version = (int)Version,
            IsPublished = IsPublished,
            State = StoredName.Parse<DestinationState>(DestinationState),
            IsRetired = RetiredAt is not null,
        };
    }
}

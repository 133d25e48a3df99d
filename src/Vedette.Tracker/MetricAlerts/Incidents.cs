using Vedette.Storage;
using Vedette.Tracker.Alerts;

namespace Vedette.Tracker.MetricAlerts;

/// <summary>
/// Opens, changes and closes incidents, and tells whom the rule's actions name (<c>spec/domain.md</c> 5.3). Every change is a
/// guarded update, and of two at once one finds nothing to change.
/// </summary>
public sealed class Incidents(Database database, MetricAlertNews news, TimeProvider time)
{
    private const string Columns =
        "id, organization_id, rule_id, identifier, title, status, status_method, told_all, started_at, detected_at, created_at, closed_at";

    /// <summary>Newest first: those before the given one.</summary>
    /// <param name="ruleId"><c>null</c> for those of all rules.</param>
    /// <param name="isOpen"><c>null</c> for both.</param>
    public Task<IReadOnlyList<Incident>> ListAsync(long organizationId, long? ruleId, bool? isOpen, long? than, bool backwards, int most, CancellationToken ct) =>
        database.ReadAsync<IReadOnlyList<Incident>>(
            async session =>
            [
                .. (await session.ListAsync<Row>(
                    $"""
                    select {Columns} from incident
                    where organization_id = @organizationId
                    {(ruleId is null ? "" : "and rule_id = @ruleId")}
                    {(isOpen is { } open ? $"and closed_at is {(open ? "" : "not ")}null" : "")}
                    {(than is null ? "" : $"and identifier {(backwards ? '>' : '<')} @than")}
                    order by identifier {(backwards ? "asc" : "desc")}
                    limit @most
                    """,
                    new { organizationId, ruleId, than = than ?? 0, most })).Select(row => row.ToIncident()),
            ],
            ct);

    public Task<Incident?> FindAsync(long organizationId, long identifier, CancellationToken ct) =>
        database.ReadAsync(
            async session => (await session.FirstAsync<Row>(
                $"select {Columns} from incident where organization_id = @organizationId and identifier = @identifier", new { organizationId, identifier }))?.ToIncident(),
            ct);

    /// <summary>Oldest first.</summary>
    public Task<IReadOnlyList<IncidentActivity>> ActivitiesAsync(long incidentId, CancellationToken ct) =>
        database.ReadAsync<IReadOnlyList<IncidentActivity>>(
            async session =>
            [
                .. (await session.ListAsync<ActivityRow>(
                    "select id, incident_id, type, value, previous, account_id, created_at from incident_activity where incident_id = @incidentId order by id",
                    new { incidentId })).Select(row => row.ToActivity()),
            ],
            ct);

    /// <summary>Of each rule its newest, in the order of the rules.</summary>
    public Task<IReadOnlyList<Incident?>> NewestAsync(IReadOnlyList<MetricRule> rules, CancellationToken ct) =>
        database.ReadAsync(session => NewestAsync(session, rules), ct);

    internal static async Task<IReadOnlyList<Incident?>> NewestAsync(Session session, IReadOnlyList<MetricRule> rules) =>
    [
        .. (await session.ListEachAsync<Row>($"select {Columns} from incident where rule_id = @Id order by id desc limit 1", rules))
            .Select(rows => rows is [var row] ? row.ToIncident() : null),
    ];

    /// <param name="value">That opens it; <c>null</c> by hand.</param>
    /// <param name="accountId">Whoever opens it by hand.</param>
    /// <returns><c>null</c> when one of the rule is open already.</returns>
    public async Task<Incident?> OpenAsync(Transaction transaction, MetricRule rule, IncidentStatus status, double? value, DateTimeOffset startedAt, long? accountId)
    {
        var isByHand = status == IncidentStatus.Open;
        var now = Now();
        var started = UnixMicroseconds.From(startedAt);
        var identifier = await transaction.SingleAsync<long>(
            "update organization set next_incident = next_incident + 1 where id = @OrganizationId returning next_incident - 1", new { rule.OrganizationId });
        var opened = (await transaction.FirstAsync<Row>(
            $"""
            insert into incident (organization_id, rule_id, identifier, title, status, status_method, told_all, started_at, detected_at, created_at)
            values (@OrganizationId, @Id, @identifier, @Name, @status, @method, @toldAll, @started, @now, @now)
            on conflict do nothing
            returning {Columns}
            """,
            new
            {
                rule.OrganizationId,
                rule.Id,
                identifier,
                rule.Draft.Name,
                status = StoredName.Of(status),
                method = StoredName.Of(isByHand ? IncidentMethod.Manual : IncidentMethod.RuleTriggered),
                toldAll = status == IncidentStatus.Warning ? 0 : 1,
                started,
                now,
            }))?.ToIncident();
        if (opened is null)
            return null;

        if (!isByHand)
            await NoteAsync(transaction, opened.Id, IncidentActivityType.Detected, null, null, null, now);
        await NoteAsync(transaction, opened.Id, IncidentActivityType.Created, null, null, accountId, now);
        if (!isByHand)
            await NoteAsync(transaction, opened.Id, IncidentActivityType.StatusChange, status, IncidentStatus.Open, null, now);
        await news.TellAsync(transaction, rule, opened, value);
        return opened;
    }

    /// <summary>To a worse status, or back to warning.</summary>
    /// <returns><c>false</c> when it has another one than <paramref name="before"/> by now.</returns>
    public async Task<bool> ChangeAsync(Transaction transaction, MetricRule rule, Incident before, IncidentStatus status, double value)
    {
        var changed = (await transaction.FirstAsync<Row>(
            $"""
            update incident set status = @status, status_method = 'rule_triggered', told_all = case when @status = 'critical' then 1 else told_all end
            where id = @Id and status = @old
            returning {Columns}
            """,
            new { before.Id, status = StoredName.Of(status), old = StoredName.Of(before.Status) }))?.ToIncident();
        if (changed is null)
            return false;

        await NoteAsync(transaction, changed.Id, IncidentActivityType.StatusChange, status, before.Status, null, Now());
        await news.TellAsync(transaction, rule, changed, value);
        return true;
    }

    /// <param name="value">That ends it; <c>null</c> when somebody does.</param>
    /// <param name="accountId">Whoever does.</param>
    /// <returns>The incident that was open, as it is now; <c>null</c> when none was.</returns>
    public async Task<Incident?> CloseAsync(Transaction transaction, MetricRule rule, IncidentMethod method, long? accountId, double? value = null)
    {
        var open = (await transaction.FirstAsync<Row>($"select {Columns} from incident where rule_id = @Id and closed_at is null", new { rule.Id }))?.ToIncident();
        if (open is null)
            return null;
        var closed = (await transaction.FirstAsync<Row>(
            $"update incident set status = 'closed', status_method = @method, closed_at = @now where id = @Id and closed_at is null returning {Columns}",
            new { open.Id, method = StoredName.Of(method), now = Now() }))?.ToIncident();
        if (closed is null)
            return null;

        await NoteAsync(transaction, closed.Id, IncidentActivityType.StatusChange, IncidentStatus.Closed, open.Status, accountId, Now());
        await news.TellAsync(transaction, rule, closed, value);
        return closed;
    }

    private static Task NoteAsync(
        Transaction transaction, long incidentId, IncidentActivityType type, IncidentStatus? value, IncidentStatus? previous, long? accountId, long now) =>
        transaction.ExecuteAsync(
            """
            insert into incident_activity (incident_id, type, value, previous, account_id, created_at)
            values (@incidentId, @type, @value, @previous, @accountId, @now)
            """,
            new
            {
                incidentId,
                type = StoredName.Of(type),
                value = value is { } status ? StoredName.Of(status) : null,
                previous = previous is { } old ? StoredName.Of(old) : null,
                accountId,
                now,
            });

    private long Now() => UnixMicroseconds.From(time.GetUtcNow());

    private sealed record Row
    {
        public long Id { get; init; }

        public long OrganizationId { get; init; }

        public long RuleId { get; init; }

        public long Identifier { get; init; }

        public string Title { get; init; } = "";

        public string Status { get; init; } = "";

        public string StatusMethod { get; init; } = "";

        public bool ToldAll { get; init; }

        public long StartedAt { get; init; }

        public long DetectedAt { get; init; }

        public long CreatedAt { get; init; }

        public long? ClosedAt { get; init; }

        public Incident ToIncident() => new()
        {
            Id = Id,
            OrganizationId = OrganizationId,
            RuleId = RuleId,
            Identifier = Identifier,
            Title = Title,
            Status = StoredName.Parse<IncidentStatus>(Status),
            StatusMethod = StoredName.Parse<IncidentMethod>(StatusMethod),
            ToldAll = ToldAll,
            StartedAt = StartedAt,
            DetectedAt = DetectedAt,
            CreatedAt = CreatedAt,
            ClosedAt = ClosedAt,
        };
    }

    private sealed record ActivityRow
    {
        public long Id { get; init; }

        public long IncidentId { get; init; }

        public string Type { get; init; } = "";

        public string? Value { get; init; }

        public string? Previous { get; init; }

        public long? AccountId { get; init; }

        public long CreatedAt { get; init; }

        public IncidentActivity ToActivity() => new()
        {
            Id = Id,
            IncidentId = IncidentId,
            Type = StoredName.Parse<IncidentActivityType>(Type),
            Value = Value is null ? null : StoredName.Parse<IncidentStatus>(Value),
            Previous = Previous is null ? null : StoredName.Parse<IncidentStatus>(Previous),
            AccountId = AccountId,
            CreatedAt = CreatedAt,
        };
    }
}

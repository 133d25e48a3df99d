using Vedette.Server.Api;
using Vedette.Server.Audit;
using Vedette.Server.Authorization;
using Vedette.Storage;
using Vedette.Tracker.Alerts;
using Vedette.Tracker.Ingest;
using Vedette.Wire.Json;

namespace Vedette.Server.Alerts;

/// <summary>An alert of either kind, as far as silencing it asks.</summary>
/// <param name="ChangedWith">Scopes, one of which lets somebody silence it for everyone.</param>
/// <param name="Snooze">For an account (0 is everyone), until, by an account; <c>null</c> when it is silent for them already.</param>
/// <param name="Wake">For an account; <c>false</c> when it was not silent for them.</param>
internal sealed record Silenceable(
    long OrganizationId,
    long Id,
    string Name,
    bool IsMetric,
    string[] ChangedWith,
    Func<Transaction, long, long?, long, Task<AlertSnooze?>> Snooze,
    Func<Transaction, long, Task<bool>> Wake);

/// <summary>
/// Silences alerts, for somebody or for everyone (<c>spec/domain.md</c> 4.7). Whoever may see one may silence it for themselves;
/// for everyone, whoever may change it, and the audit log says so.
/// </summary>
internal sealed class Snoozing(Database database, AuditLog audit, TimeProvider time)
{
    private const long Everyone = 0;

    public async Task<IResult> AddAsync(HttpRequest request, Access access, Silenceable alert, CancellationToken ct)
    {
        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;
        if (body.Map.Text("target") is not ("me" or "everyone"))
            return ApiResults.Invalid("target", body.Map.Contains("target") ? "It must be me or everyone." : "This field is required.");
        var until = SdkInstant.Read(body.Map["until"]);
        if (body.Map["until"] is not null && (until is null || until <= time.GetUtcNow()))
            return ApiResults.Invalid("until", "It must be an instant to come, such as 2026-03-01T12:00:00Z.");

        var isForAll = body.Map.Text("target") == "everyone";
        if (!May(access, alert, isForAll))
            return ApiResults.Forbidden();
        var source = AuditSource.Of(access);
        var snooze = await database.WriteAsync(async transaction =>
        {
            var added = await alert.Snooze(transaction, isForAll ? Everyone : access.AccountId, until is { } end ? UnixMicroseconds.From(end) : null, access.AccountId);
            if (added is not null && isForAll)
                await audit.AddAsync(transaction, alert.OrganizationId, source, AuditEvents.RuleSnoozed, alert.Id, ("label", alert.Name));
            return added;
        }, ct);
        return snooze is null
            ? ApiResults.Detail(StatusCodes.Status410Gone, "RuleSnooze already exists for this rule and scope.")
            : Shown(alert, snooze);
    }

    /// <summary>That of everyone, for whoever may; else one's own.</summary>
    public async Task<IResult> RemoveAsync(Access access, Silenceable alert, CancellationToken ct)
    {
        var source = AuditSource.Of(access);
        var isAwake = await database.WriteAsync(async transaction =>
        {
            if (May(access, alert, isForAll: true) && await alert.Wake(transaction, Everyone))
            {
                await audit.AddAsync(transaction, alert.OrganizationId, source, AuditEvents.RuleUnsnoozed, alert.Id, ("label", alert.Name));
                return true;
            }

            return access.AccountId != Everyone && await alert.Wake(transaction, access.AccountId);
        }, ct);
        return isAwake ? Results.NoContent() : ApiResults.NotFound();
    }

    private static bool May(Access access, Silenceable alert, bool isForAll) =>
        isForAll ? access.MayIn(alert.OrganizationId, alert.ChangedWith) : access.AccountId != Everyone;

    private static IResult Shown(Silenceable alert, AlertSnooze snooze) => ApiResults.Json(StatusCodes.Status201Created, json =>
    {
        json.StartObject();
        json.Name("ownerId"u8);
        json.Value(snooze.OwnerId);
        json.Name("userId"u8);
        if (snooze.AccountId == Everyone)
            json.Value("everyone");
        else
            json.Value(snooze.AccountId);
        json.Name("until"u8);
        if (snooze.UntilAt is { } at)
            json.Instant(UnixMicroseconds.ToInstant(at));
        else
            json.Value("forever");
        json.Name("dateAdded"u8);
        json.Instant(UnixMicroseconds.ToInstant(snooze.CreatedAt));
        WriteId(json, "ruleId"u8, alert.IsMetric ? null : alert.Id);
        WriteId(json, "alertRuleId"u8, alert.IsMetric ? alert.Id : null);
        json.EndObject();
    });

    private static void WriteId(StableJsonWriter json, ReadOnlySpan<byte> name, long? id)
    {
        json.Name(name);
        if (id is { } number)
            json.Value(number);
        else
            json.Null();
    }
}

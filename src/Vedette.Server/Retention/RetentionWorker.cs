using System.Data.Common;
using Vedette.Engine.Retention;
using Vedette.Server.Apps;
using Vedette.Server.Components;
using Vedette.Server.Configuration;
using Vedette.Server.Mail;
using Vedette.Tracker.Alerts;
using Vedette.Tracker.MetricAlerts;
using Vedette.Tracker.Retention;

namespace Vedette.Server.Retention;

/// <summary>
/// Deletes what is older than <c>VEDETTE_RETENTION</c> says, a minute after the start and then every hour, in small units
/// between which ingest goes on. A pass that ends early is taken up by the next.
/// </summary>
internal sealed partial class RetentionWorker(
    AppStore apps, DeliveryRetention deliveries, EventRetention events, CountRetention counts, AlertRuleStore alerts,
    MetricRuleStore metrics, AppCallLog calls, MailOutbox mails, VedetteOptions options, TimeProvider time, ILogger<RetentionWorker> logger) : BackgroundService
{
    private static readonly TimeSpan First = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(First, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                timer.Period = Every;
                await PassAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The next process goes on.
        }
    }

    private async Task PassAsync(CancellationToken ct)
    {
        try
        {
            var ages = options.Retention;
            var attempts = await deliveries.DeleteAttemptsAsync(ages.Attempts, ct);
            var payloads = await deliveries.DeleteEventsAsync(ages.Payloads, ct);
            await calls.DeleteOldAsync(ages.Attempts, ct);
            await apps.EndDeletedAsync(ct);
            await deliveries.DeleteRetiredAsync(ct);
            await deliveries.DeleteReplayJobsAsync(ages.Payloads, ct);
            await deliveries.DeleteDaysAsync(TimeSpan.FromDays(options.Broken.Days + 1), ct);
            await mails.DeleteFinishedAsync(time.GetUtcNow() - ages.Payloads, ct);
            var received = await events.DeleteEventsAsync(ages.Events, ct);
            var issues = await events.DeleteIssuesAsync(ages.Events, ct);
            await events.DeleteDroppedCountsAsync(ages.Events, ct);
            await counts.DeleteBucketsAsync(ages.Events, ct);
            await counts.DeleteTagsAsync(ages.Events, ct);
            await alerts.DeleteOldAsync(ages.Events, ct);
            await metrics.DeleteOldAsync(ct);
            if (attempts + payloads + received + issues > 0)
                Deleted(logger, received, issues, payloads, attempts);
        }
        catch (DbException e)
        {
            DatabaseAway(logger, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Information,
        Message = "Deleted what is older than VEDETTE_RETENTION says: {Events} events, {Issues} issues, {Payloads} payloads with their deliveries, {Attempts} attempts")]
    private static partial void Deleted(ILogger logger, long events, long issues, long payloads, long attempts);

    [LoggerMessage(Level = LogLevel.Error, Message = "Cannot delete what is old, trying again in an hour: the database is away or refused")]
    private static partial void DatabaseAway(ILogger logger, Exception exception);
}

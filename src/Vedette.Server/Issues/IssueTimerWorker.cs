using System.Data.Common;
using Vedette.Server.Configuration;
using Vedette.Tracker.Alerts;
using Vedette.Tracker.Issues;
using Vedette.Tracker.MetricAlerts;

namespace Vedette.Server.Issues;

/// <summary>Looks every <c>VEDETTE_ALERT_TICK</c> at what issues do as time passes, at alerts that wait for how often they do it, and at metric alerts. A pass that ends early is taken up by the next, here or on another node.</summary>
internal sealed partial class IssueTimerWorker(
    IssueTimers timers, AlertTick alerts, MetricRound metrics, VedetteOptions options, TimeProvider time, ILogger<IssueTimerWorker> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.AlertTick, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await PassAsync(stoppingToken);
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
            if (await timers.PassAsync(ct) is var changed and > 0)
                Changed(logger, changed);
            if (await alerts.PassAsync(ct) is var fired and > 0)
                Fired(logger, fired);
            if (await metrics.PassAsync(options.AlertTick, ct) is var incidents and > 0)
                Judged(logger, incidents);
        }
        catch (DbException e)
        {
            DatabaseAway(logger, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Issues} issues woke up, grew, went on or were resolved by age")]
    private static partial void Changed(ILogger logger, int issues);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Alerts} alerts fired by how often something happened")]
    private static partial void Fired(ILogger logger, int alerts);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Incidents} incidents of metric alerts were opened, changed or closed")]
    private static partial void Judged(ILogger logger, int incidents);

    [LoggerMessage(Level = LogLevel.Error, Message = "Cannot look at what issues do as time passes, trying again: the database is away or refused")]
    private static partial void DatabaseAway(ILogger logger, Exception exception);
}

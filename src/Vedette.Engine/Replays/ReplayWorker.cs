using System.Data.Common;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Vedette.Engine.Replays;

/// <summary>Takes the steps of replay jobs when they are due. What it has begun when the process dies, another takes up when the claim has ended.</summary>
public sealed partial class ReplayWorker(ReplayJobStore jobs, EngineOptions options, TimeProvider time, ILogger<ReplayWorker> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Delivers)
            return;

        using var tick = new PeriodicTimer(options.Tick, time);
        try
        {
            while (await tick.WaitForNextTickAsync(stoppingToken))
                await StepAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The jobs are in their table.
        }
    }

    private async Task StepAsync(CancellationToken ct)
    {
        try
        {
            foreach (var claim in await jobs.ClaimAsync(ct))
                await jobs.StepAsync(claim, ct);
        }
        catch (DbException e)
        {
            DatabaseAway(logger, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Cannot go on with replays, trying again: the database is away")]
    private static partial void DatabaseAway(ILogger logger, Exception exception);
}

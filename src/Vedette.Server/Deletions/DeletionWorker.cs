using System.Data.Common;
using Vedette.Server.ServiceHooks;
using Vedette.Tracker.Retention;

namespace Vedette.Server.Deletions;

/// <summary>Looks every few seconds for organizations and projects that are pending deletion, and for issues that were deleted or merged, and ends them. A pass that ends early is taken up by the next, here or on another node.</summary>
internal sealed partial class DeletionWorker(
    OrganizationDeletion organizations, ServiceHookStore hooks, ProjectDeletion projects, LeavingIssues issues, TimeProvider time, ILogger<DeletionWorker> logger)
    : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Tick, time);
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
        await TryAsync(async () =>
        {
            foreach (var id in await organizations.PendingAsync(ct))
            {
                await TryAsync(async () =>
                {
                    await organizations.DeleteAsync(id, ct);
                    OrganizationDeleted(logger, id);
                });
            }

            foreach (var id in await projects.PendingAsync(ct))
            {
                await TryAsync(async () =>
                {
                    await hooks.EndOfProjectAsync(id, ct);
                    await projects.DeleteAsync(id, ct);
                    ProjectDeleted(logger, id);
                });
            }

            await issues.EndAsync(ct);
        });
    }

    /// <summary>One that cannot be deleted does not keep the others.</summary>
    private async Task TryAsync(Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (DbException e)
        {
            Failed(logger, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Organization {Id} is deleted with everything that was its own")]
    private static partial void OrganizationDeleted(ILogger logger, long id);

    [LoggerMessage(Level = LogLevel.Information, Message = "Project {Id} is deleted with its issues and events")]
    private static partial void ProjectDeleted(ILogger logger, long id);

    [LoggerMessage(Level = LogLevel.Error, Message = "Cannot delete what is pending deletion, trying again: the database is away or refused")]
    private static partial void Failed(ILogger logger, Exception exception);
}

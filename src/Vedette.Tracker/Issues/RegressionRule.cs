using Vedette.Storage;
using Vedette.Tracker.Releases;

namespace Vedette.Tracker.Issues;

/// <summary>Whether an event means that a resolved issue has come back (<c>spec/domain.md</c> 2.5).</summary>
internal static class RegressionRule
{
    /// <summary>The event comes from where the issue is not mended yet, so it stays resolved.</summary>
    /// <param name="version">Of the event, if it says one.</param>
    public static Task<bool> CoversAsync(Session session, Issue issue, string? version)
    {
        var resolution = issue.Resolution;
        return resolution.Kind switch
        {
            ResolutionKind.Now or ResolutionKind.ByAge => Task.FromResult(false),
            ResolutionKind.InCommit when resolution.Version is null => Task.FromResult(false),
            ResolutionKind.InRelease or ResolutionKind.InCommit or ResolutionKind.WithCommit =>
                IsAsync(session, issue, version, resolution.Version, static order => order < 0),
            ResolutionKind.InNextRelease or ResolutionKind.InUpcomingRelease =>
                IsAsync(session, issue, version, resolution.Version, static order => order <= 0),
        };
    }

    /// <summary>An event that says no release may be of any, and changes nothing.</summary>
    private static async Task<bool> IsAsync(Session session, Issue issue, string? version, string? resolved, Func<int, bool> order)
    {
        if (version is null)
            return true;
        return resolved is not null && await ReleaseOrder.CompareAsync(session, issue.OrganizationId, version, resolved) is { } compared && order(compared);
    }
}

using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Server.Secrets;
using Vedette.Storage;
using Vedette.Tracker.Issues;
using Vedette.Tracker.Releases;

namespace Vedette.Server.Issues;

/// <summary>What came of a change.</summary>
/// <param name="Refusal">Why nothing was changed; <c>null</c> when all is well.</param>
/// <param name="Assignee">Whom the request named.</param>
/// <param name="Merged">Which issue is left and which went into it; <c>null</c> when none were merged.</param>
internal sealed record IssueChangeOutcome(IResult? Refusal, Assignee? Assignee = null, (long Parent, IReadOnlyList<long> Children)? Merged = null);

/// <summary>Changes one issue or many, of one organization, all or none, in the caller's transaction.</summary>
internal sealed class IssueChanges(IssueTransitions transitions, IssueEdits edits, IssueMerge merge, IssuePeople people)
{
    private const string UnknownRelease = "Unable to find a release with the given version.";
    private const string NoReleases = "No release data present in the system to form a basis for 'Next Release'";

    /// <summary>
    /// Issues that are not there any more are passed by, and so is what is so already. A change that is refused has written
    /// nothing, so the transaction may go on.
    /// </summary>
    /// <param name="issueIds">Of <paramref name="organizationId"/>: the caller has looked.</param>
    public async Task<IssueChangeOutcome> ApplyAsync(Transaction transaction, IssueChange change, IReadOnlyList<long> issueIds, long organizationId, Access access)
    {
        var (resolution, refusal) = await FindResolutionAsync(transaction, change, issueIds, organizationId);
        if (refusal is not null)
            return new IssueChangeOutcome(refusal);

        var assignee = change.Assignee is { Length: > 0 } name ? await AssigneeSearch.FindAsync(transaction, organizationId, name, access.AccountId) : null;
        if (change.Assignee is { Length: > 0 } && assignee is null)
            return new IssueChangeOutcome(ApiResults.Invalid("assignedTo", "Cannot assign to non-team member"));

        // In one order for everybody, so that two changes of the same issues do not wait for each other.
        var by = access.IssueActor;
        foreach (var id in issueIds.Distinct().Order())
        {
            if (change.Discards)
                await IssueMerge.DiscardAsync(transaction, id);
            else
                await ApplyAsync(transaction, change, id, resolution, assignee, by);
        }

        var merged = change.Merges ? await merge.MergeAsync(transaction, issueIds, by) : null;
        foreach (var child in merged?.Children ?? [])
            await people.MoveAsync(transaction, child, merged!.Value.Parent);
        return new IssueChangeOutcome(null, assignee, merged);
    }

    private async Task ApplyAsync(Transaction transaction, IssueChange change, long id, Resolution resolution, Assignee? assignee, IssueActor by)
    {
        var isChanged = change.Status is { } status && await (status switch
        {
            IssueStatus.Resolved => transitions.ResolveAsync(transaction, id, resolution, by),
            IssueStatus.Unresolved => transitions.UnresolveAsync(transaction, id, change.Substatus, by),
            IssueStatus.Ignored => transitions.ArchiveAsync(transaction, id, change.Substatus ?? IssueSubstatus.ArchivedForever, change.Snooze, by, change.Noted),
        });
        if (change.Assignee is not null && await edits.AssignAsync(transaction, id, assignee, by) && assignee is { Kind: AssigneeKind.User })
            await people.JoinAsync(transaction, id, assignee.Id, "assigned");
        if (change.Priority is { } priority)
            await edits.PrioritizeAsync(transaction, id, priority, by);
        if (change.IsPublic is { } isPublic)
            await edits.ShareAsync(transaction, id, isPublic ? RandomUuid.Create().ToString("N") : null, by);
        if (by.AccountId is not { } accountId)
            return;

        if (change.HasSeen is { } hasSeen)
            await people.SeeAsync(transaction, id, accountId, hasSeen);
        if (change.IsBookmarked is { } isBookmarked)
            await people.BookmarkAsync(transaction, id, accountId, isBookmarked);
        if (change.IsSubscribed is { } isSubscribed)
            await people.SubscribeAsync(transaction, id, accountId, isSubscribed);
        if (isChanged)
            await people.JoinAsync(transaction, id, accountId, "status_change");
    }

    /// <summary>The resolution with the release that it is about, as far as there is one.</summary>
    private static async Task<(Resolution Resolution, IResult? Refusal)> FindResolutionAsync(
        Transaction transaction, IssueChange change, IReadOnlyList<long> issueIds, long organizationId)
    {
        var asked = change.Resolution;
        if (change.Status != IssueStatus.Resolved || asked.Kind == ResolutionKind.Now)
            return (Resolution.Now, null);

        var projects = (await transaction.ListEachAsync<long>("select project_id from issue where id = @id", [.. issueIds.Select(id => new { id })]))
            .SelectMany(each => each).Distinct().ToList();
        var (member, name) = asked.Kind switch
        {
            ResolutionKind.Now or ResolutionKind.ByAge or ResolutionKind.InCommit or ResolutionKind.WithCommit => ("inCommit", null),
            ResolutionKind.InRelease => ("inRelease", "release"),
            ResolutionKind.InNextRelease => ("inNextRelease", "next release"),
            ResolutionKind.InUpcomingRelease => ("inUpcomingRelease", "upcoming release"),
        };
        if (name is not null && projects.Count > 1)
            return (asked, ApiResults.Detail(StatusCodes.Status400BadRequest, $"Cannot set resolved in {name} for multiple projects."));
        if (projects is not [var project, ..])
            return (asked, null);

        var version = asked.Kind switch
        {
            ResolutionKind.Now or ResolutionKind.ByAge or ResolutionKind.WithCommit => null,
            ResolutionKind.InNextRelease => await ReleaseOrder.NewestAsync(transaction, project),
            ResolutionKind.InUpcomingRelease => await ReleaseOrder.LatestAsync(transaction, project),
            ResolutionKind.InRelease when asked.Version == "latest" => await ReleaseOrder.LatestAsync(transaction, project),
            ResolutionKind.InRelease => await ReleaseOrder.FindAsync(transaction, project, asked.Version!),
            ResolutionKind.InCommit => await ReleaseOrder.WithCommitAsync(transaction, organizationId, asked.Commit!),
        };
        if (version is null && change.NeedsRelease)
            return (asked, IssueAnswers.InvalidDetail(member, asked is { Kind: ResolutionKind.InRelease, Version: not "latest" } ? UnknownRelease : NoReleases));
        return (asked with { Version = version }, null);
    }
}

using System.Text.RegularExpressions;
using Vedette.Storage;
using Vedette.Tracker.Issues;

namespace Vedette.Tracker.Releases;

/// <summary>What a release's commits mean for issues: one that is resolved in a commit is now resolved in the release, and one that a message says is mended is resolved.</summary>
public sealed partial class CommitFixes(IssueTransitions transitions)
{
    /// <summary>Of one release; more are passed over.</summary>
    private const int MostIssues = 200;

    /// <param name="commits">That are new in the release.</param>
    public async Task ApplyAsync(Transaction transaction, long organizationId, string version, IReadOnlyList<ReleaseCommit> commits)
    {
        await transaction.ExecuteEachAsync(
            """
            update issue_resolution set version = @version
            where commit_id = @CommitId and version is null and issue_id in (
                select i.id from issue i
                join project p on p.id = i.project_id
                where p.organization_id = @organizationId)
            """,
            [.. commits.Select(commit => new { commit.CommitId, version, organizationId })]);

        // In one order for everybody.
        var mended = new SortedDictionary<long, ReleaseCommit>();
        foreach (var (name, commit) in commits.SelectMany(commit => NamesIn(commit).Select(name => (name, commit))).Take(MostIssues))
        {
            if (await FindAsync(transaction, organizationId, name) is { } id)
                mended.TryAdd(id, commit);
        }

        foreach (var (id, commit) in mended)
        {
            await transitions.ResolveAsync(
                transaction, id, new Resolution(ResolutionKind.WithCommit, version, commit.CommitId, commit.Repository), IssueActor.Platform);
        }
    }

    /// <summary>Short ids behind a word such as <c>fixes</c>.</summary>
    private static IEnumerable<string> NamesIn(ReleaseCommit commit) =>
        commit.Message is { } message ? Fixes.Matches(message).Select(match => match.Groups["name"].Value) : [];

    private static async Task<long?> FindAsync(Session session, long organizationId, string name) =>
        ShortId.TryParse(name, out var slug, out var number)
            ? await session.FirstAsync<long?>(
                $"""
                select i.id from issue i
                join project p on p.id = i.project_id and p.organization_id = @organizationId and p.slug = @slug
                where i.short_id = @number and {IssueStore.Visible}
                """,
                new { organizationId, slug, number })
            : null;

    [GeneratedRegex(
        @"\b(?:fix(?:e[sd])?|resolve[sd]?|close[sd]?):?\s+(?<name>[A-Za-z0-9_-]+-[A-Za-z0-9]+)",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Fixes { get; }
}

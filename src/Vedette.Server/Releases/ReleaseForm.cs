using Vedette.Server.Api;
using Vedette.Storage;
using Vedette.Tracker.Ingest;
using Vedette.Tracker.Projects;
using Vedette.Tracker.Releases;
using Vedette.Wire.Json;

namespace Vedette.Server.Releases;

/// <summary>What a request says of a release, checked. Members that are not of ours, such as <c>refs</c> and <c>owner</c>, are passed over, because Sentry's clients send them unasked.</summary>
/// <param name="Projects">Ids or slugs; empty when it names none.</param>
internal sealed record ReleaseForm(ReleaseChange Change, IReadOnlyList<string> Projects)
{
    private const int LongestRef = 250;
    private const int LongestUrl = 2048;
    private const int LongestCommit = 64;
    private const int LongestName = 200;
    private const int LongestMessage = 64 * 1024;

    /// <returns>The form, or the answer that names the first wrong field.</returns>
    public static (ReleaseForm? Form, IResult? Refusal) Read(JsonMap body, DateTimeOffset now)
    {
        if (BodyFields.RefuseText(body, "ref", LongestRef, required: false, out var reference) is { } badRef)
            return (null, badRef);
        if (body["url"] is not "" && BodyFields.RefuseText(body, "url", LongestUrl, required: false, out _) is { } badUrl)
            return (null, badUrl);
        if (RefuseInstant(body, "dateStarted", out var started) is { } badStart)
            return (null, badStart);
        if (RefuseInstant(body, "dateReleased", out var released) is { } badEnd)
            return (null, badEnd);
        if (body["status"] is { } status && (status is not string name || StoredName.TryParse<ReleaseStatus>(name) is null))
            return (null, ApiResults.Invalid("status", "Must be one of: open, archived."));

        var projects = body["projects"] switch
        {
            null => [],
            List<object?> list when list.All(each => each is string or double) => list.Select(each => each is double id ? $"{id:0}" : (string)each!).ToList(),
            _ => null,
        };
        if (projects is null)
            return (null, ApiResults.Invalid("projects", "Expected a list of items."));
        var (commits, badCommits) = ReadCommits(body["commits"], now);
        if (badCommits is not null)
            return (null, badCommits);

        return (new ReleaseForm(
            new ReleaseChange
            {
                Status = body.Text("status") is { } given ? StoredName.Parse<ReleaseStatus>(given) : null,
                Ref = reference,
                Url = body.Text("url") is { } url && url.Trim() is { Length: > 0 } trimmed ? trimmed : null,
                StartedAt = started,
                ReleasedAt = released,
                Commits = commits,
            },
            projects), null);
    }

    /// <summary>A text in ISO 8601, as unix microseconds.</summary>
    /// <param name="instant"><c>null</c> when there is none.</param>
    public static IResult? RefuseInstant(JsonMap body, string name, out long? instant)
    {
        var read = body[name] is string text ? SdkInstant.Read(text) : null;
        instant = read is { } at ? UnixMicroseconds.From(at) : null;
        return body[name] is null || read is not null ? null : ApiResults.Invalid(name, "Datetime has wrong format. Use ISO 8601, for example 2026-03-01T12:00:00Z.");
    }

    /// <returns>With the projects' numbers in the change, or <c>null</c> when one of them is not there.</returns>
    public async Task<ReleaseChange?> FindProjectsAsync(long organizationId, ProjectStore store, CancellationToken ct)
    {
        var ids = new List<long>();
        foreach (var name in Projects.Distinct(StringComparer.Ordinal))
        {
            if (await store.ProjectAsync(organizationId, name, ct) is not { } project)
                return null;
            ids.Add(project.Id);
        }

        return Change with { ProjectIds = ids };
    }

    private static (IReadOnlyList<ReleaseCommit>? Commits, IResult? Refusal) ReadCommits(object? value, DateTimeOffset now)
    {
        if (value is null)
            return (null, null);
        if (value is not List<object?> list || list.Any(each => each is not JsonMap))
            return (null, ApiResults.Invalid("commits", "Expected a list of items."));

        var commits = new List<ReleaseCommit>();
        foreach (var commit in list.Cast<JsonMap>())
        {
            if (BodyFields.RefuseText(commit, "id", LongestCommit, required: true, out var id) is { } badId)
                return (null, badId);

            // What describes a commit is cut, not refused: it comes from its repository, and whoever releases cannot change it.
            commits.Add(new ReleaseCommit
            {
                Position = commits.Count,
                CommitId = id!,
                Repository = Text(commit, "repository", LongestName),
                Message = Text(commit, "message", LongestMessage),
                AuthorName = Text(commit, "author_name", LongestName),
                AuthorEmail = Text(commit, "author_email", LongestName),
                CreatedAt = UnixMicroseconds.From(SdkInstant.Read(commit["timestamp"]) ?? now),
            });
        }

        return (commits, null);
    }

    private static string? Text(JsonMap commit, string name, int longest) => commit.Text(name) is { Length: > 0 } text ? EventLimits.Cut(text, longest) : null;
}

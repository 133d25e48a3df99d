using Vedette.Storage;

namespace Vedette.Tracker.Issues;

/// <summary>In what an issue is mended.</summary>
public enum ResolutionKind
{
    /// <summary>Wherever it happens next, it has come back.</summary>
    Now,

    /// <summary>It did not happen for as long as its project says. Comes back like <see cref="Now"/>.</summary>
    ByAge,

    InRelease,

    /// <summary>In what comes after the newest release.</summary>
    InNextRelease,

    /// <summary>The same under the name of a later client.</summary>
    InUpcomingRelease,

    /// <summary>In a commit, and so in the release that has it. As long as none has, comes back like <see cref="Now"/>.</summary>
    InCommit,

    /// <summary>In the release that has a commit whose message says so.</summary>
    WithCommit,
}

/// <summary>How an issue was resolved.</summary>
/// <param name="Version">The release in which it is mended; or, for the next one, the newest at that time, if there was any.</param>
public sealed record Resolution(ResolutionKind Kind, string? Version = null, string? Commit = null, string? Repository = null)
{
    public static Resolution Now { get; } = new(ResolutionKind.Now);

    /// <summary>As webhooks name it (<c>spec/domain.md</c> 3.2).</summary>
    internal string WireName => Kind == ResolutionKind.ByAge ? "autoresolve" : StoredName.Of(Kind);
}

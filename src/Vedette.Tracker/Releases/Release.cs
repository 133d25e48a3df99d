namespace Vedette.Tracker.Releases;

public enum ReleaseStatus
{
    Open,
    Archived,
}

/// <summary>A version of what an organization ships. Instants are unix microseconds.</summary>
public sealed record Release
{
    /// <summary>In characters; longer than those of events, which may have 200.</summary>
    public const int LongestVersion = 250;

    private const string Forbidden = "\r\n\f\t/\\";

    public long Id { get; init; }

    public long OrganizationId { get; init; }

    public string Version { get; init; } = "";

    public string StatusName { get; init; } = "";

    /// <summary>A commit or a branch.</summary>
    public string? Ref { get; init; }

    public string? Url { get; init; }

    public long? StartedAt { get; init; }

    public long? ReleasedAt { get; init; }

    public long CreatedAt { get; init; }

    /// <summary>What it takes part in, by number.</summary>
    public IReadOnlyList<ReleaseProject> Projects { get; init; } = [];

    public long CommitCount { get; init; }

    public ReleaseCommit? LastCommit { get; init; }

    public long DeployCount { get; init; }

    public Deploy? LastDeploy { get; init; }

    /// <summary>Whether people may call a release so; events name theirs more freely.</summary>
    public static bool IsValidVersion(string version) =>
        version.Length is > 0 and <= LongestVersion && version is not ("." or "..") && !version.Equals("latest", StringComparison.OrdinalIgnoreCase)
        && !version.Any(c => char.IsControl(c) || Forbidden.Contains(c, StringComparison.Ordinal));
}

/// <summary>A project's part in a release.</summary>
public sealed record ReleaseProject
{
    public long ReleaseId { get; init; }

    public long Id { get; init; }

    public string Slug { get; init; } = "";

    public string Name { get; init; } = "";

    public string? Platform { get; init; }

    /// <summary>Issues whose first event was of this release.</summary>
    public long NewGroups { get; init; }

    public long? FirstEvent { get; init; }

    /// <summary>Up to a minute behind.</summary>
    public long? LastEvent { get; init; }
}

public sealed record ReleaseCommit
{
    /// <summary>0 is the newest of its release.</summary>
    public long Position { get; init; }

    /// <summary>As its repository calls it.</summary>
    public string CommitId { get; init; } = "";

    public string? Repository { get; init; }

    public string? Message { get; init; }

    public string? AuthorName { get; init; }

    public string? AuthorEmail { get; init; }

    public long CreatedAt { get; init; }
}

/// <summary>A release was brought to an environment.</summary>
public sealed record Deploy
{
    public long Id { get; init; }

    public string Environment { get; init; } = "";

    public string? Name { get; init; }

    public string? Url { get; init; }

    public long? StartedAt { get; init; }

    public long FinishedAt { get; init; }
}

namespace Vedette.Tracker.Projects;

public sealed record Organization
{
    public long Id { get; init; }

    public string Slug { get; init; } = "";

    public string Name { get; init; } = "";

    public long CreatedAt { get; init; }
}

/// <summary>What may be changed of a project.</summary>
/// <param name="ResolveAge">Hours; 0 for never.</param>
public sealed record ProjectChange(string Slug, string Name, string? Platform, long ResolveAge);

/// <summary>A project together with its organization's slug, because every link names both.</summary>
public sealed record Project
{
    public long Id { get; init; }

    public long OrganizationId { get; init; }

    public string OrganizationSlug { get; init; } = "";

    public string Slug { get; init; } = "";

    public string Name { get; init; } = "";

    public string? Platform { get; init; }

    /// <summary>Hours without an event after which an issue counts as resolved; 0 for never.</summary>
    public long ResolveAge { get; init; }

    public long CreatedAt { get; init; }

    /// <summary>Counts the changes of what fires for it; 0 when there never was an alert rule. Only of a project that a DSN led to.</summary>
    public long AlertVersion { get; init; }
}

public sealed record ProjectKey
{
    public long Id { get; init; }

    public long ProjectId { get; init; }

    public string Label { get; init; } = "";

    /// <summary>32 lower-case hex digits; not a secret, SDKs ship it to browsers.</summary>
    public string PublicKey { get; init; } = "";

    public string SecretKey { get; init; } = "";

    public bool IsActive { get; init; }

    public long? RateCount { get; init; }

    public long? RateWindow { get; init; }

    /// <summary><c>null</c> when everything is taken.</summary>
    public RateLimit? RateLimit => RateLimit.Of(RateCount, RateWindow);

    public long CreatedAt { get; init; }
}

/// <summary>How much a key takes.</summary>
/// <param name="Count">Events; 0 takes none.</param>
/// <param name="WindowSeconds">Windows follow one another without a gap, from the epoch on.</param>
public sealed record RateLimit(long Count, long WindowSeconds)
{
    public static RateLimit? Of(long? count, long? window) => count is { } c && window is { } w ? new RateLimit(c, w) : null;
}

/// <summary>What a DSN leads to.</summary>
public sealed record DsnTarget(Project Project, long KeyId, RateLimit? RateLimit);

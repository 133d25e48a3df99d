namespace Vedette.Tracker.Projects;

public sealed record Organization
{
    public long Id { get; init; }

    public string Slug { get; init; } = "";

    public string Name { get; init; } = "";

    public long CreatedAt { get; init; }
}

/// <summary>A project together with its organization's slug, because every link names both.</summary>
public sealed record Project
{
    public long Id { get; init; }

    public long OrganizationId { get; init; }

    public string OrganizationSlug { get; init; } = "";

    public string Slug { get; init; } = "";

    public string Name { get; init; } = "";

    public string? Platform { get; init; }

    public long CreatedAt { get; init; }
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

    public long CreatedAt { get; init; }
}

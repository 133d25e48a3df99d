namespace Vedette.Server.Teams;

internal sealed record Team
{
    public long Id { get; init; }

    public long OrganizationId { get; init; }

    public string Slug { get; init; } = "";

    public string Name { get; init; } = "";

    public long CreatedAt { get; init; }

    /// <summary>Invites do not count.</summary>
    public long MemberCount { get; init; }

    /// <summary>Whoever asked is in it.</summary>
    public bool IsMember { get; init; }
}

/// <summary>A team as projects name it.</summary>
internal sealed record TeamName
{
    public long Id { get; init; }

    public string Slug { get; init; } = "";

    public string Name { get; init; } = "";
}

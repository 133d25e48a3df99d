using Vedette.Server.Authorization;
using Vedette.Storage;

namespace Vedette.Server.Members;

/// <summary>Somebody's place in an organization, or the invite to take it.</summary>
internal sealed record Member
{
    public long Id { get; init; }

    public long OrganizationId { get; init; }

    /// <summary><c>null</c> for an invite.</summary>
    public long? AccountId { get; init; }

    /// <summary>Of the account, or where the invite was sent.</summary>
    public string Email { get; init; } = "";

    /// <summary>Of the account; the address of an invite.</summary>
    public string Name { get; init; } = "";

    public string RoleName { get; init; } = "";

    public MemberRole Role => StoredName.Parse<MemberRole>(RoleName);

    public long CreatedAt { get; init; }

    /// <summary>Of an invite.</summary>
    public long? TokenExpiresAt { get; init; }

    public long? InviterId { get; init; }

    /// <summary><c>null</c> when nobody invited them, or nobody who still has an account.</summary>
    public string? InviterName { get; init; }

    public bool IsActive { get; init; }

    /// <summary>When the account was made.</summary>
    public long? JoinedAt { get; init; }

    public bool IsPending => AccountId is null;

    /// <summary>Slugs, in their order.</summary>
    public IReadOnlyList<string> Teams { get; init; } = [];
}

/// <summary>What became of a wish to change or remove a member.</summary>
internal enum MemberVerdict
{
    Done,

    /// <summary>Somebody else removed them first.</summary>
    NotThere,

    /// <summary>Nobody else who can sign in is an owner. Nothing was changed.</summary>
    LastOwner,

    /// <summary>Nobody gives themselves another role. Nothing was changed.</summary>
    Oneself,

    /// <summary>The address belongs to a member already, or was invited before. Nothing was changed.</summary>
    AlreadyThere,
}

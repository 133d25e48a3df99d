using Vedette.Server.Applications;
using Vedette.Server.Authorization;

namespace Vedette.Server.OAuth;

/// <param name="Slug">By which its members know it.</param>
public sealed record ConsentOrganization(long Id, string Slug);

/// <summary>What a person is told before they let an application in.</summary>
public sealed record ConsentQuestion
{
    public required string Application { get; init; }

    public required string? HomepageUrl { get; init; }

    public required string? PrivacyUrl { get; init; }

    public required string? TermsUrl { get; init; }

    /// <summary>Who is asked.</summary>
    public required string Email { get; init; }

    /// <summary>In plain words; none when it only wants to know that the person has let it in.</summary>
    public required IReadOnlyList<string> Wishes { get; init; }

    /// <summary>One of <see cref="Organizations"/> is to be chosen, and the rest stays closed.</summary>
    public required bool ChoosesOrganization { get; init; }

    public required IReadOnlyList<ConsentOrganization> Organizations { get; init; }

    internal static ConsentQuestion Of(ApiApplication application, IReadOnlyList<string> scopes, Access access) => new()
    {
        Application = application.Name,
        HomepageUrl = application.HomepageUrl,
        PrivacyUrl = application.PrivacyUrl,
        TermsUrl = application.TermsUrl,
        Email = access.Email,
        Wishes = ScopeWords.Of(scopes),
        ChoosesOrganization = application.RequiresOrgLevelAccess,
        Organizations = [.. access.Memberships.Select(membership => new ConsentOrganization(membership.OrganizationId, membership.OrganizationSlug))],
    };

    /// <param name="chosen">As a form has it.</param>
    /// <param name="organizationId">Where the application is let in; <c>null</c> for wherever the person may.</param>
    /// <returns><c>null</c> when the choice is one.</returns>
    internal static OAuthError? Refuse(ApiApplication application, Access access, string? chosen, out long? organizationId)
    {
        organizationId = null;
        if (!application.RequiresOrgLevelAccess)
            return null;
        if (string.IsNullOrEmpty(chosen))
            return OAuthError.InvalidRequest;

        organizationId = access.Memberships.FirstOrDefault(m => m.OrganizationId.ToString(System.Globalization.CultureInfo.InvariantCulture) == chosen)?.OrganizationId;
        return organizationId is null ? OAuthError.UnauthorizedClient : null;
    }
}

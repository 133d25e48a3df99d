using System.Reflection;
using Vedette.Tracker.Projects;

namespace Vedette.Server.Authorization;

/// <summary>Who asks, and what they may do where. Handlers take it as a parameter; <see cref="Authorizer"/> has made it.</summary>
/// <param name="TokenScopes">Of the token, expanded.</param>
internal sealed record Access(long AccountId, string Name, string Email, IReadOnlyList<string> TokenScopes, IReadOnlyList<Membership> Memberships)
{
    /// <summary>The organization that the route names; only set, and then a membership of theirs, where the route names one.</summary>
    public Organization? Organization { get; init; }

    /// <summary>What they may do in the organization with this id: their role's scopes, as far as the token holds them. Empty for strangers.</summary>
    public IReadOnlyList<string> ScopesIn(long organizationId) =>
        Memberships.FirstOrDefault(m => m.OrganizationId == organizationId) is { } membership
            ? [.. Scopes.OfRole(membership.Role).Intersect(TokenScopes, StringComparer.Ordinal)]
            : [];

    public bool MayIn(long organizationId, params ReadOnlySpan<string> anyOf)
    {
        var held = ScopesIn(organizationId);
        foreach (var scope in anyOf)
        {
            if (held.Contains(scope, StringComparer.Ordinal))
                return true;
        }

        return false;
    }

    /// <summary>Minimal API binding.</summary>
    public static ValueTask<Access?> BindAsync(HttpContext context, ParameterInfo parameter) =>
        ValueTask.FromResult(context.Features.Get<Access>());
}

internal sealed record Membership(long OrganizationId, string OrganizationSlug, MemberRole Role);

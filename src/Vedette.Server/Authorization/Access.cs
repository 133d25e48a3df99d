using System.Reflection;
using Vedette.Server.Apps;
using Vedette.Server.Installations;
using Vedette.Tracker.Issues;
using Vedette.Tracker.Projects;
using Vedette.Wire;

namespace Vedette.Server.Authorization;

internal enum CredentialKind
{
    UserToken,

    /// <summary>Of an installation of an app.</summary>
    AppToken,

    /// <summary>Of an organization, for machines that build.</summary>
    OrganizationToken,

    /// <summary>Of a browser that somebody logged in with. It may do all that they may.</summary>
    Session,
}

/// <param name="Role">Of a person; <c>null</c> for an app or a token of the organization, which may do what the token names.</param>
internal sealed record Membership(long OrganizationId, string OrganizationSlug, MemberRole? Role);

/// <summary>The app that a token acts for.</summary>
internal sealed record ActingApp(long Id, string Uuid, string Slug, string Name);

/// <summary>Who a credential belongs to, with everything that authorization asks of them.</summary>
internal sealed record Holder
{
    public required CredentialKind Credential { get; init; }

    /// <summary>Of a person, or the one that an app acts through; <c>null</c> for a token of an organization.</summary>
    public required long? AccountId { get; init; }

    public required string Name { get; init; }

    public required string Email { get; init; }

    public required bool IsActive { get; init; }

    /// <summary>May do everything an owner may, in every organization.</summary>
    public required bool IsSuperuser { get; init; }

    public required DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Of the token, expanded; all of them for a session.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    public required IReadOnlyList<Membership> Memberships { get; init; }

    public ActingApp? App { get; init; }

    /// <summary>Pages that may use the token, of an app's or an application's; <c>null</c> for one that a person made, which all may.</summary>
    public IReadOnlyList<string>? AllowedOrigins { get; init; }
}

/// <summary>Who asks, and what they may do where. Handlers take it as a parameter; <see cref="Authorizer"/> has made it.</summary>
internal sealed record Access(Holder Holder, string? Ip)
{
    /// <summary>0, which no account has, for a token of an organization.</summary>
    public long AccountId => Holder.AccountId ?? 0;

    public string Name => Holder.Name;

    public string Email => Holder.Email;

    public bool IsSuperuser => Holder.IsSuperuser;

    /// <summary>Expanded.</summary>
    public IReadOnlyList<string> TokenScopes => Holder.Scopes;

    public IReadOnlyList<Membership> Memberships => Holder.Memberships;

    /// <summary>The organization that the route names; only set, and then one of theirs, where the route names one.</summary>
    public Organization? Organization { get; init; }

    /// <summary>The app that the route names, where it names one.</summary>
    public App? App { get; init; }

    /// <summary>The installation that the route names, where it names one. <see cref="App"/> is its app.</summary>
    public AppInstallation? Installation { get; init; }

    /// <summary>As webhooks name them.</summary>
    public HookActor HookActor => Holder.App is { } app
        ? new HookActor.Application(app.Uuid, app.Name)
        : Holder.AccountId is { } account ? new HookActor.User(account, Name) : HookActor.Platform;

    /// <summary>As issues name them.</summary>
    public IssueActor IssueActor => new(HookActor, Holder.AccountId, Name, Email);

    public bool BelongsTo(long organizationId) => IsSuperuser || Memberships.Any(m => m.OrganizationId == organizationId);

    /// <summary>What they may do in the organization with this id: their role's scopes, as far as the token holds them. Empty for strangers.</summary>
    public IReadOnlyList<string> ScopesIn(long organizationId)
    {
        var membership = Memberships.FirstOrDefault(m => m.OrganizationId == organizationId);
        var role = IsSuperuser ? MemberRole.Owner : membership?.Role;
        if (role is { } held)
            return [.. Scopes.OfRole(held).Intersect(TokenScopes, StringComparer.Ordinal)];
        return membership is null ? [] : TokenScopes;
    }

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

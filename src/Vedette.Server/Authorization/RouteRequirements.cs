using Vedette.Server.Web;

namespace Vedette.Server.Authorization;

/// <summary>What a route asks of who calls it. Stands beside the route.</summary>
/// <param name="AnyOf">Scopes, any one of which is enough; none when any credential will do.</param>
internal sealed record ScopeRequirement(IReadOnlyList<string> AnyOf)
{
    /// <summary>Who shows no credential comes in as well, and the handler's <see cref="Access"/> is <c>null</c> then.</summary>
    public bool AlsoStrangers { get; init; }

    /// <summary>No token will do, only a browser that somebody logged in with.</summary>
    public bool SessionOnly { get; init; }

    /// <summary>For people: it is opened by a session, whatever other credential is shown, and says in HTML why it is not.</summary>
    public bool IsPage { get; init; }

    /// <summary>Everybody with a scope of <see cref="AnyOf"/> may see a published app; of others, only its organization.</summary>
    public bool PublishedIsOpen { get; init; }

    /// <summary>Who does not belong to the organization of the app that the route names is answered 404, not 403.</summary>
    public bool HidesApp { get; init; }

    /// <summary>Only a token of the very app whose installation the route names, whatever its scopes.</summary>
    public bool AppItself { get; init; }
}

internal static class RouteRequirements
{
    extension<TBuilder>(TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        public TBuilder RequireAnyScope(params string[] anyOf) => builder.WithMetadata(new ScopeRequirement(anyOf));

        public TBuilder RequireAnyToken() => builder.WithMetadata(new ScopeRequirement([]));

        public TBuilder AllowStrangers() => builder.WithMetadata(new ScopeRequirement([]) { AlsoStrangers = true });

        public TBuilder RequireSession(params string[] anyOf) => builder.WithMetadata(new ScopeRequirement(anyOf) { SessionOnly = true });

        /// <summary>A page for who is logged in, and may do any one of these where the route names an organization; others go to the login and come back.</summary>
        public TBuilder PageAfterLogin(params string[] anyOf) => builder.WithMetadata(new ScopeRequirement(anyOf) { IsPage = true }, PageResults.Shape);

        /// <summary>A page for everybody. The handler's <see cref="Access"/> is <c>null</c> for who is not logged in.</summary>
        public TBuilder PageForAll() => builder.WithMetadata(new ScopeRequirement([]) { IsPage = true, AlsoStrangers = true }, PageResults.Shape);

        /// <inheritdoc cref="ScopeRequirement.PublishedIsOpen"/>
        public TBuilder RequireAnyScopeUnlessPublished(params string[] anyOf) => builder.WithMetadata(new ScopeRequirement(anyOf) { PublishedIsOpen = true });

        /// <inheritdoc cref="ScopeRequirement.HidesApp"/>
        public TBuilder RequireAnyScopeOfHiddenApp(params string[] anyOf) => builder.WithMetadata(new ScopeRequirement(anyOf) { HidesApp = true });

        /// <inheritdoc cref="ScopeRequirement.AppItself"/>
        public TBuilder RequireTheAppItself() => builder.WithMetadata(new ScopeRequirement([]) { AppItself = true });
    }
}

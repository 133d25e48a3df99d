using Vedette.Server.Web;

namespace Vedette.Server.Api;

/// <summary>How the routes that carry it word their errors. The others answer with a <c>detail</c>.</summary>
internal sealed record ErrorShape(Func<int, string, IResult> Answer)
{
    /// <summary><c>null</c> for an object with a <c>detail</c>.</summary>
    public static ErrorShape? Of(HttpContext context) => context.GetEndpoint() is RouteEndpoint route
        ? route.Metadata.GetMetadata<ErrorShape>()
        : PageResults.AreWanted(context.Request) ? PageResults.Shape : null;
}

using Vedette.Server.Api;
using Vedette.Server.Authorization;

namespace Vedette.Server.Apps;

/// <summary>What is answered to who may not have an app (<c>spec/platform-api.md</c> 1.7).</summary>
internal static class AppAnswers
{
    public static IResult NotFound() => ApiResults.Detail(StatusCodes.Status404NotFound, "Could not find the requested sentry app");

    public static IResult Outsider(Access access) => Outsider(access, "User must be in the app owner's organization for unpublished apps");

    public static IResult Outsider(Access access, string detail) => ApiResults.Json(StatusCodes.Status403Forbidden, json =>
    {
        json.StartObject();
        json.Name("detail"u8);
        json.Value(detail);
        json.Name("context"u8);
        json.StartObject();
        json.Name("user_organizations"u8);
        json.Texts(access.Memberships.Select(membership => membership.OrganizationSlug));
        json.EndObject();
        json.EndObject();
    });
}

using Vedette.Server.Authorization;
using Vedette.Server.Web;
using Vedette.Storage;
using Vedette.Tracker.Projects;

namespace Vedette.Server.Home;

/// <param name="Role">Of who looks at it.</param>
/// <param name="Projects">The first of them.</param>
/// <param name="HasMore">There are others besides.</param>
public sealed record HomeOrganization(Organization Organization, string Role, IReadOnlyList<Project> Projects, bool HasMore);

/// <summary>The home page: where one belongs.</summary>
internal static class HomePages
{
    private const int MostProjects = 20;

    extension(IEndpointRouteBuilder routes)
    {
        public void MapHome() => routes.MapGet("/", ShowAsync).PageAfterLogin();
    }

    private static async Task<IResult> ShowAsync(Access access, ProjectStore projects, CancellationToken ct)
    {
        var organizations = new List<HomeOrganization>();
        foreach (var membership in access.Memberships)
        {
            if (await projects.OrganizationAsync(membership.OrganizationSlug, ct) is not { } organization)
                continue;

            var found = await projects.ProjectsAsync(organization.Id, than: null, backwards: false, MostProjects + 1, ct);
            organizations.Add(new(organization, StoredName.Of(membership.Role!.Value), [.. found.Take(MostProjects)], found.Count > MostProjects));
        }

        return PageResults.Show<HomePage>(StatusCodes.Status200OK, new { Organizations = organizations });
    }
}

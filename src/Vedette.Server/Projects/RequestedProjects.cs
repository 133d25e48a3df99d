using Vedette.Server.Authorization;
using Vedette.Tracker.Projects;

namespace Vedette.Server.Projects;

/// <summary>Whose things a list is about: those of the route's project, or of all that <c>project</c> names, by id or slug.</summary>
internal static class RequestedProjects
{
    /// <returns>None for those of all projects; <c>null</c> when one of them is not there.</returns>
    public static async Task<IReadOnlyList<long>?> ReadAsync(HttpRequest request, Access access, ProjectStore projects, CancellationToken ct)
    {
        var named = request.RouteValues["project"] is string own ? [own] : request.Query["project"].OfType<string>().Where(name => name is not ("" or "-1"));
        var ids = new HashSet<long>();
        foreach (var name in named)
        {
            if (await projects.ProjectAsync(access.Organization!.Id, name, ct) is not { } project)
                return null;
            ids.Add(project.Id);
        }

        return [.. ids];
    }
}

using Vedette.Storage;

namespace Vedette.Tracker.Search;

/// <summary>Where the conditions of one statement put their values, and what they may take for granted.</summary>
/// <param name="organizationId">Whose issues are searched.</param>
/// <param name="projectIds">Those of its projects that are searched; empty for all.</param>
public sealed class IssueSql(SqlArguments arguments, long organizationId, IReadOnlyList<long> projectIds)
{
    public SqlArguments Arguments => arguments;

    public string OrganizationId { get; } = arguments.Add(organizationId);

    /// <summary>For <c>in</c>. What is being deleted is not among them.</summary>
    public string ProjectIds =>
        $"(select p.id from project p where p.organization_id = {OrganizationId} and p.status = 'active'{(projectIds.Count == 0 ? "" : $" and p.id in {arguments.AddList(projectIds)}")})";
}

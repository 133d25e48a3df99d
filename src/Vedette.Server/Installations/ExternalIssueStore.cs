using System.Globalization;
using System.Net;
using Vedette.Server.Apps;
using Vedette.Storage;
using Vedette.Wire.Json;

namespace Vedette.Server.Installations;

/// <summary>An issue's counterpart in the tracker that an app speaks for.</summary>
internal sealed record ExternalIssue
{
    public long Id { get; init; }

    public long IssueId { get; init; }

    public string AppSlug { get; init; } = "";

    public string Project { get; init; } = "";

    public string Identifier { get; init; } = "";

    public string WebUrl { get; init; } = "";

    /// <summary>Escaped, because clients put it into pages.</summary>
    public string DisplayName => $"{WebUtility.HtmlEncode(Project)}#{WebUtility.HtmlEncode(Identifier)}";

    /// <summary>The object of <c>spec/platform-api.md</c> 2.5.</summary>
    public void Write(StableJsonWriter json)
    {
        json.StartObject();
        json.Name("id"u8);
        json.Value(Id.ToString(CultureInfo.InvariantCulture));
        json.Name("issueId"u8);
        json.Value(IssueId.ToString(CultureInfo.InvariantCulture));
        json.Name("serviceType"u8);
        json.Value(AppSlug);
        json.Name("displayName"u8);
        json.Value(DisplayName);
        json.Name("webUrl"u8);
        json.Value(WebUrl);
        json.EndObject();
    }
}

/// <summary>Links between issues and those of other trackers, one an app and issue.</summary>
internal sealed class ExternalIssueStore(Database database, TimeProvider time)
{
    private const string Select =
        """
        select e.id, e.issue_id, a.slug as app_slug, e.project, e.identifier, e.web_url
        from external_issue e
        join app a on a.id = e.app_id
        """;

    /// <summary>A second link of the app and issue takes the place of the first.</summary>
    /// <returns><c>null</c> when the organization has no such issue.</returns>
    public Task<ExternalIssue?> LinkAsync(App app, long organizationId, long issueId, ExternalIssueForm form, CancellationToken ct) =>
        database.WriteAsync(async transaction =>
        {
            var id = await transaction.FirstAsync<long?>(
                """
                insert into external_issue (issue_id, app_id, organization_id, project, identifier, web_url, created_at)
                select i.id, @appId, @organizationId, @Project, @Identifier, @WebUrl, @now
                from issue i
                join project p on p.id = i.project_id
                where i.id = @issueId and p.organization_id = @organizationId
                on conflict (issue_id, app_id) do update set project = excluded.project, identifier = excluded.identifier, web_url = excluded.web_url
                returning id
                """,
                new { appId = app.Id, organizationId, issueId, form.Project, form.Identifier, form.WebUrl, now = UnixMicroseconds.From(time.GetUtcNow()) });
            return id is null ? null : await transaction.FirstAsync<ExternalIssue>($"{Select} where e.id = @id", new { id });
        }, ct);

    public Task<IReadOnlyList<ExternalIssue>> OfIssueAsync(long organizationId, long issueId, CancellationToken ct) =>
        database.ReadAsync(
            session => session.ListAsync<ExternalIssue>(
                $"{Select} where e.issue_id = @issueId and e.organization_id = @organizationId order by e.id", new { organizationId, issueId }), ct);

    /// <summary>In the order in which they were made.</summary>
    public static Task<IReadOnlyList<ExternalIssue>> OfIssuesAsync(Session session, IReadOnlyList<long> issueIds)
    {
        var arguments = new SqlArguments();
        return session.ListAsync<ExternalIssue>($"{Select} where e.issue_id in {arguments.AddList(issueIds)} order by e.id", arguments);
    }

    /// <summary>Whichever app's it is.</summary>
    /// <returns><c>false</c> when the issue has no such link.</returns>
    public Task<bool> UnlinkFromIssueAsync(long organizationId, long issueId, long id, CancellationToken ct) =>
        database.WriteAsync(
            async transaction => await transaction.ExecuteAsync(
                "delete from external_issue where id = @id and issue_id = @issueId and organization_id = @organizationId", new { id, issueId, organizationId }) == 1, ct);

    /// <returns><c>false</c> when the app has no such link there.</returns>
    public Task<bool> UnlinkAsync(long appId, long organizationId, long id, CancellationToken ct) =>
        database.WriteAsync(
            async transaction => await transaction.ExecuteAsync(
                "delete from external_issue where id = @id and app_id = @appId and organization_id = @organizationId", new { id, appId, organizationId }) == 1, ct);
}

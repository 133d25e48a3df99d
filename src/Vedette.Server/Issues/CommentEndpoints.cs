using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Storage;
using Vedette.Tracker;
using Vedette.Tracker.Issues;
using Vedette.Wire.Json;

namespace Vedette.Server.Issues;

/// <summary>Comments of an issue, which older clients call notes, and everything else that was done to it (<c>spec/domain.md</c> 3.3).</summary>
internal static class CommentEndpoints
{
    private const int LongestText = 50_000;
    private const int MostMentions = 100;

    extension(IEndpointRouteBuilder routes)
    {
        public void MapComments()
        {
            foreach (var issues in IssueEndpoints.Prefixes)
            {
                routes.MapGet($"{issues}{{issue}}/activities/", ListActivitiesAsync).RequireAnyScope(IssueEndpoints.EventRead);
                foreach (var name in new[] { "comments", "notes" })
                {
                    var comments = routes.MapGroup($"{issues}{{issue}}/{name}/");
                    comments.MapGet("", ListAsync).RequireAnyScope(IssueEndpoints.EventRead);
                    comments.MapPost("", AddAsync).RequireAnyScope(IssueChangeEndpoints.EventWrite);
                    comments.MapGet("{comment:long}/", ShowAsync).RequireAnyScope(IssueEndpoints.EventRead);
                    comments.MapPut("{comment:long}/", EditAsync).RequireAnyScope(IssueChangeEndpoints.EventWrite);
                    comments.MapDelete("{comment:long}/", DeleteAsync).RequireAnyScope(IssueChangeEndpoints.EventWrite);
                }
            }
        }
    }

    private static async Task<IResult> ListActivitiesAsync(string issue, Access access, IssueStore store, IssuePeople people, CancellationToken ct)
    {
        if (await IssueEndpoints.FindAsync(access, issue, store, ct) is not { } found)
            return ApiResults.NotFound();

        var activities = await store.ActivitiesAsync(found.Id, IssueDetails.MostActivities, ct);
        var actors = await people.AccountsAsync(activities.Select(activity => activity.UserId).OfType<long>(), ct);
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartObject();
            json.Name("activity"u8);
            ActivityJson.WriteAll(json, found, activities, actors);
            json.EndObject();
        });
    }

    private static async Task<IResult> ListAsync(
        string issue, HttpContext context, Access access, IssueStore store, IssueComments comments, IssuePeople people, Links links, CancellationToken ct)
    {
        if (Paging.Refuse(context.Request, out var paging) is { } refusal)
            return refusal;
        if (await IssueEndpoints.FindAsync(access, issue, store, ct) is not { } found)
            return ApiResults.NotFound();

        var some = await comments.ListAsync(found.Id, paging.Cursor?.Value, paging.Cursor?.IsPrevious == true, paging.PerPage + 1, ct);
        var page = paging.Page(context, links.BaseUrl, some, comment => (comment.Id, 0));
        var authors = await people.AccountsAsync(page.Select(comment => comment.UserId).OfType<long>(), ct);
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartArray();
            foreach (var comment in page)
                ActivityJson.Write(json, comment, ActivityJson.By(comment, authors));
            json.EndArray();
        });
    }

    private static async Task<IResult> ShowAsync(
        string issue, long comment, Access access, IssueStore store, IssueComments comments, IssuePeople people, CancellationToken ct) =>
        await IssueEndpoints.FindAsync(access, issue, store, ct) is { } found && await comments.FindAsync(found.Id, comment, ct) is { } known
            ? await ShownAsync(StatusCodes.Status200OK, known, people, ct)
            : ApiResults.NotFound();

    /// <summary>Whoever comments takes part in the issue, and so does whoever is mentioned.</summary>
    private static async Task<IResult> AddAsync(
        string issue, HttpRequest request, Access access, IssueStore store, IssueComments comments, IssuePeople people, Database database, CancellationToken ct)
    {
        if (await IssueEndpoints.FindAsync(access, issue, store, ct) is not { } found)
            return ApiResults.NotFound();
        if (access.Holder.AccountId is not { } author)
            return ApiResults.Forbidden();
        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;
        if (BodyFields.RefuseText(body.Map, "text", LongestText, required: true, out var text) is { } badText)
            return badText;
        var mentions = body.Map["mentions"] is null ? [] : body.Map.List("mentions");
        if (mentions is null || mentions.Count > MostMentions || mentions.Any(each => each is not string))
            return ApiResults.Invalid("mentions", $"Expected a list of at most {MostMentions} items such as user:1 and team:2.");

        // Nothing is written before all of them are known.
        var added = await database.WriteAsync(async transaction =>
        {
            var mentioned = new List<Assignee>();
            foreach (var name in mentions.Cast<string>().Distinct(StringComparer.Ordinal))
            {
                if (await AssigneeSearch.FindAsync(transaction, found.OrganizationId, name, author) is not { } known)
                    return null;
                mentioned.Add(known);
            }

            var comment = await comments.AddAsync(transaction, found, text!, access.IssueActor);
            if (comment.Comment is not null)
            {
                await people.JoinAsync(transaction, found.Id, author, "comment");
                foreach (var each in mentioned)
                    await people.JoinAsync(transaction, found.Id, each);
            }

            return comment;
        }, ct);
        if (added is null)
            return ApiResults.Invalid("mentions", "Cannot mention a non team member");
        return added.Verdict switch
        {
            CommentVerdict.Added => await ShownAsync(StatusCodes.Status201Created, added.Comment!, people, ct),
            CommentVerdict.Repeated => ApiResults.Detail(StatusCodes.Status400BadRequest, "You have already posted that comment."),
            CommentVerdict.NoIssue => ApiResults.NotFound(),
        };
    }

    private static async Task<IResult> EditAsync(
        string issue, long comment, HttpRequest request, Access access, IssueStore store, IssueComments comments, IssuePeople people, Database database,
        CancellationToken ct)
    {
        var (found, known, refusal) = await FindOwnAsync(issue, comment, access, store, comments, ct);
        if (refusal is not null)
            return refusal;
        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;
        if (BodyFields.RefuseText(body.Map, "text", LongestText, required: true, out var text) is { } badText)
            return badText;

        var edited = await database.WriteAsync(transaction => comments.EditAsync(transaction, found!, known!.Id, text!, access.IssueActor), ct);
        return edited is null ? ApiResults.NotFound() : await ShownAsync(StatusCodes.Status200OK, edited, people, ct);
    }

    private static async Task<IResult> DeleteAsync(
        string issue, long comment, Access access, IssueStore store, IssueComments comments, Database database, CancellationToken ct)
    {
        var (found, known, refusal) = await FindOwnAsync(issue, comment, access, store, comments, ct);
        if (refusal is not null)
            return refusal;

        return await database.WriteAsync(transaction => comments.DeleteAsync(transaction, found!, known!, access.IssueActor), ct)
            ? Results.NoContent()
            : ApiResults.NotFound();
    }

    /// <summary>A comment is its author's alone, and a superuser's.</summary>
    private static async Task<(Issue? Issue, Activity? Comment, IResult? Refusal)> FindOwnAsync(
        string issue, long comment, Access access, IssueStore store, IssueComments comments, CancellationToken ct)
    {
        if (await IssueEndpoints.FindAsync(access, issue, store, ct) is not { } found || await comments.FindAsync(found.Id, comment, ct) is not { } known)
            return (null, null, ApiResults.NotFound());
        return access.IsSuperuser || (access.Holder.AccountId is { } account && known.UserId == account)
            ? (found, known, null)
            : (null, null, ApiResults.Forbidden());
    }

    private static async Task<IResult> ShownAsync(int status, Activity comment, IssuePeople people, CancellationToken ct)
    {
        var author = await people.AccountsAsync(comment.UserId is { } id ? [id] : [], ct);
        return ApiResults.Json(status, json => ActivityJson.Write(json, comment, ActivityJson.By(comment, author)));
    }
}

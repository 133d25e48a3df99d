using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Tracker.Issues;
using Vedette.Tracker.Search;

namespace Vedette.Server.Issues;

/// <summary>The whole of one issue, as somebody sees it.</summary>
internal sealed class IssueDetails(IssueStore store, IssueListStore lists, IssueTagStore tags, IssuePeople people, IssueJson issueJson, TimeProvider time)
{
    public const int MostActivities = 100;
    private const int MostPeople = 100;

    public async Task<IResult> AnswerAsync(Issue issue, Access access, CancellationToken ct)
    {
        var viewer = (await people.ViewersAsync([issue.Id], access.AccountId, ct))[0];
        var activities = await store.ActivitiesAsync(issue.Id, MostActivities, ct);
        var actors = await people.AccountsAsync(activities.Select(activity => activity.UserId).OfType<long>(), ct);
        var seenBy = await people.SeenByAsync(issue.Id, MostPeople, ct);
        var participants = await people.ParticipantsAsync(issue.Id, MostPeople, ct);
        var detail = await IssueDetail.ReadAsync(issue, lists, tags, time.GetUtcNow(), ct);
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartObject();
            issueJson.WriteMembers(json, issue, viewer);
            json.Name("activity"u8);
            ActivityJson.WriteAll(json, issue, activities, actors);
            json.Name("seenBy"u8);
            json.StartArray();
            foreach (var person in seenBy)
                ActivityJson.WritePerson(json, person, seenAt: true);
            json.EndArray();
            json.Name("participants"u8);
            json.StartArray();
            foreach (var person in participants)
                ActivityJson.WritePerson(json, person);
            json.EndArray();
            detail.WriteMembers(json);
            json.EndObject();
        });
    }
}

using System.Text;
using Vedette.Storage;
using Vedette.Wire.Json;

namespace Vedette.Tracker.Issues;

/// <summary>The JSON of an issue, the same members in API answers and webhooks (<c>spec/domain.md</c> 3.4).</summary>
public sealed class IssueJson(Links links)
{
    /// <summary><c>data</c> of an <c>issue.*</c> webhook: <paramref name="before"/>, then the issue with its three URLs (<c>spec/webhooks.md</c> 2.2).</summary>
    /// <param name="before">Writes members that come before <c>issue</c>.</param>
    /// <param name="after">Writes members that come after it.</param>
    public byte[] HookData(Issue issue, Action<StableJsonWriter>? before = null, Action<StableJsonWriter>? after = null)
    {
        var json = new StableJsonWriter();
        json.StartObject();
        before?.Invoke(json);
        json.Name("issue"u8);
        json.StartObject();
        json.Name("url"u8);
        json.Value(links.IssueApi(issue.OrganizationSlug, issue.Id));
        json.Name("web_url"u8);
        json.Value(links.IssueWeb(issue.OrganizationSlug, issue.Id));
        json.Name("project_url"u8);
        json.Value(links.ProjectIssuesWeb(issue.OrganizationSlug, issue.ProjectId));
        WriteMembers(json, issue);
        json.EndObject();
        after?.Invoke(json);
        json.EndObject();
        return json.ToArray();
    }

    /// <summary>The members that every form of an issue has, inside an object that the caller starts and ends.</summary>
    /// <param name="viewer">Who looks at it; <c>null</c> for nobody in particular.</param>
    /// <param name="seen">Which of its events are meant; <c>null</c> for all.</param>
    public void WriteMembers(StableJsonWriter json, Issue issue, IssueViewer? viewer = null, IssueSeen? seen = null)
    {
        json.Name("id"u8);
        json.Value(Id(issue.Id));
        json.Name("shareId"u8);
        json.Value(issue.ShareId);
        json.Name("shortId"u8);
        json.Value(issue.QualifiedShortId);
        json.Name("title"u8);
        json.Value(issue.Title);
        json.Name("culprit"u8);
        json.Value(issue.Culprit);
        json.Name("permalink"u8);
        json.Value(links.IssueWeb(issue.OrganizationSlug, issue.Id));
        json.Name("logger"u8);
        json.Value(issue.Logger);
        json.Name("level"u8);
        json.Value(issue.Level);
        json.Name("status"u8);
        json.Value(issue.Status);
        json.Name("statusDetails"u8);
        StatusDetailsJson.Write(json, issue);
        json.Name("substatus"u8);
        json.Value(issue.Substatus);
        json.Name("isPublic"u8);
        json.Value(issue.ShareId is not null);
        json.Name("platform"u8);
        json.Value(issue.Platform);
        json.Name("project"u8);
        WriteProject(json, issue);
        json.Name("type"u8);
        json.Value(issue.Type);
        json.Name("metadata"u8);
        json.Raw(Encoding.UTF8.GetBytes(issue.Metadata));
        json.Name("numComments"u8);
        json.Value(issue.NumComments);
        json.Name("assignedTo"u8);
        WriteAssignee(json, issue.Assignee);
        json.Name("isBookmarked"u8);
        json.Value(viewer?.IsBookmarked == true);
        json.Name("isSubscribed"u8);
        json.Value(viewer?.IsSubscribed == true);
        json.Name("subscriptionDetails"u8);
        WriteSubscription(json, viewer);
        json.Name("hasSeen"u8);
        json.Value(viewer?.HasSeen == true);
        json.Name("annotations"u8);
        json.StartArray();
        foreach (var annotation in viewer?.Annotations ?? [])
        {
            json.StartObject();
            json.Name("displayName"u8);
            json.Value(annotation.DisplayName);
            json.Name("url"u8);
            json.Value(annotation.Url);
            json.EndObject();
        }

        json.EndArray();
        json.Name("issueType"u8);
        json.Value(issue.Category);
        json.Name("issueCategory"u8);
        json.Value(issue.Category);
        json.Name("priority"u8);
        json.Value(issue.Priority);
        json.Name("priorityLockedAt"u8);
        json.Instant(issue.PriorityLockedAt is { } lockedAt ? UnixMicroseconds.ToInstant(lockedAt) : null);
        json.Name("seerFixabilityScore"u8);
        json.Null();
        json.Name("seerAutofixLastTriggered"u8);
        json.Instant(issue.SeerRunAt is { } runAt ? UnixMicroseconds.ToInstant(runAt) : null);
        json.Name("seerExplorerAutofixLastTriggered"u8);
        json.Null();
        json.Name("isUnhandled"u8);
        json.Value(issue.IsUnhandled);
        WriteSeen(json, seen ?? IssueSeen.Of(issue), issue.UserCount);
    }

    /// <summary>How often and when, inside an object that the caller starts and ends.</summary>
    public static void WriteSeen(StableJsonWriter json, IssueSeen seen, long userCount)
    {
        json.Name("count"u8);
        json.Value(Id(seen.Times));
        json.Name("userCount"u8);
        json.Value(userCount);
        json.Name("firstSeen"u8);
        json.Instant(UnixMicroseconds.ToInstant(seen.First));
        json.Name("lastSeen"u8);
        json.Instant(UnixMicroseconds.ToInstant(seen.Last));
    }

    /// <summary><c>null</c> for an issue that is nobody's.</summary>
    public static void WriteAssignee(StableJsonWriter json, Assignee? assignee)
    {
        if (assignee is null)
        {
            json.Null();
            return;
        }

        json.StartObject();
        json.Name("type"u8);
        json.Value(StoredName.Of(assignee.Kind));
        json.Name("id"u8);
        json.Value(Id(assignee.Id));
        json.Name("name"u8);
        json.Value(assignee.Name);
        if (assignee.Email is { } email)
        {
            json.Name("email"u8);
            json.Value(email);
        }

        json.EndObject();
    }

    /// <summary>Why they are told of it; <c>null</c> where nothing is known of that.</summary>
    private static void WriteSubscription(StableJsonWriter json, IssueViewer? viewer)
    {
        if (viewer?.SubscriptionReason is not { } reason)
        {
            json.Null();
            return;
        }

        json.StartObject();
        json.Name("reason"u8);
        json.Value(reason);
        json.EndObject();
    }

    private static void WriteProject(StableJsonWriter json, Issue issue)
    {
        json.StartObject();
        json.Name("id"u8);
        json.Value(Id(issue.ProjectId));
        json.Name("name"u8);
        json.Value(issue.ProjectName);
        json.Name("slug"u8);
        json.Value(issue.ProjectSlug);
        json.Name("platform"u8);
        json.Value(issue.ProjectPlatform);
        json.EndObject();
    }

    /// <summary>Numbers that the wire carries as text.</summary>
    private static string Id(long number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

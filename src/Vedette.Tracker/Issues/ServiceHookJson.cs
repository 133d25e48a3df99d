using System.Globalization;
using Vedette.Tracker.Projects;
using Vedette.Wire.Json;

namespace Vedette.Tracker.Issues;

/// <summary>Whole bodies of service hooks: version 0 as Sentry sends them (<c>spec/webhooks.md</c> 3.4), version 1 as its documentation shows them (3.5).</summary>
public sealed class ServiceHookJson(Links links, IssueJson issueJson)
{
    /// <summary>Version 0: project, issue and event, the latter two as the API shows them, each with its web URL.</summary>
    /// <param name="issue">As the event left it.</param>
    /// <param name="body">That of <paramref name="stored"/>, parsed.</param>
    public byte[] Nested(Project project, Issue issue, StoredEvent stored, JsonMap body)
    {
        var json = new StableJsonWriter(2 * stored.Body.Length);
        json.StartObject();
        json.Name("project"u8);
        json.StartObject();
        json.Name("slug"u8);
        json.Value(project.Slug);
        json.Name("name"u8);
        json.Value(project.Name);
        json.EndObject();
        json.Name("group"u8);
        json.StartObject();
        issueJson.WriteMembers(json, issue);
        json.Name("url"u8);
        json.Value(links.IssueWeb(project.OrganizationSlug, issue.Id));
        json.EndObject();
        json.Name("event"u8);
        json.StartObject();
        EventJson.WriteMembers(json, stored, body);
        json.Name("url"u8);
        json.Value(links.EventWeb(project.OrganizationSlug, issue.Id, stored.EventId));
        json.EndObject();
        json.EndObject();
        return json.ToArray();
    }

    /// <summary>Version 1: the issue in a few flat members, and the event as it is stored. Its <c>id</c> is that of the issue; that of the event is in <c>event</c>.</summary>
    /// <param name="rules">Names of the alert rules that fired.</param>
    public byte[] Flat(Project project, Issue issue, StoredEvent stored, JsonMap body, params IReadOnlyList<string> rules)
    {
        var json = new StableJsonWriter();
        json.StartObject();
        json.Name("id"u8);
        json.Value(issue.Id.ToString(CultureInfo.InvariantCulture));
        json.Name("project"u8);
        json.Value(project.Slug);
        json.Name("project_name"u8);
        json.Value(project.Name);
        json.Name("project_slug"u8);
        json.Value(project.Slug);
        json.Name("culprit"u8);
        json.Value(issue.Culprit);
        json.Name("url"u8);
        json.Value(links.IssueWeb(project.OrganizationSlug, issue.Id));
        json.Name("message"u8);
        json.Value(stored.Message.Length > 0 ? stored.Message : stored.Title);
        json.Name("logger"u8);
        json.Value(issue.Logger);
        json.Name("level"u8);
        json.Value(stored.Level);
        json.Name("triggering_rules"u8);
        json.StartArray();
        foreach (var rule in rules)
            json.Value(rule);
        json.EndArray();
        json.Name("event"u8);
        json.StartObject();
        foreach (var (name, value) in body.Members)
        {
            json.Name(name);
            json.Value(value);
        }

        json.Name("id"u8);
        json.Value(stored.EventId);
        json.EndObject();
        json.EndObject();
        return json.ToArray();
    }
}

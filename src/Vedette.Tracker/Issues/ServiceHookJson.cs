using System.Globalization;
using Vedette.Storage;
using Vedette.Tracker.Ingest;
using Vedette.Tracker.Projects;
using Vedette.Wire.Json;

namespace Vedette.Tracker.Issues;

/// <summary>Whole bodies of service hooks: version 0 as Sentry sends them (<c>spec/webhooks.md</c> 3.4), version 1 as its documentation shows them (3.5).</summary>
public sealed class ServiceHookJson(Links links, IssueJson issueJson)
{
    /// <summary>Version 0: project, issue and event, the latter two as the API shows them, each with its web URL.</summary>
    /// <param name="issue">As the event left it.</param>
    /// <param name="body">Of the event, as it is stored.</param>
    public byte[] Nested(Project project, Issue issue, TrackedEvent trackedEvent, byte[] body)
    {
        var json = new StableJsonWriter(2 * body.Length);
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
        EventJson.WriteMembers(json, StoredEvent.Of(project.Id, issue.Id, trackedEvent, body), trackedEvent.Body);
        json.Name("url"u8);
        json.Value(links.EventWeb(project.OrganizationSlug, issue.Id, trackedEvent.EventId));
        json.EndObject();
        json.EndObject();
        return json.ToArray();
    }

    /// <summary>Version 1: the issue in a few flat members, and the event as it is stored. Its <c>id</c> is that of the issue; that of the event is in <c>event</c>.</summary>
    public byte[] Flat(Project project, Issue issue, TrackedEvent trackedEvent)
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
        json.Value(trackedEvent.Message.Length > 0 ? trackedEvent.Message : trackedEvent.Title);
        json.Name("logger"u8);
        json.Value(trackedEvent.Logger);
        json.Name("level"u8);
        json.Value(StoredName.Of(trackedEvent.Level));
        json.Name("triggering_rules"u8);
        json.StartArray();
        json.EndArray();
        json.Name("event"u8);
        json.StartObject();
        foreach (var (name, value) in trackedEvent.Body.Members)
        {
            json.Name(name);
            json.Value(value);
        }

        json.Name("id"u8);
        json.Value(trackedEvent.EventId);
        json.EndObject();
        json.EndObject();
        return json.ToArray();
    }
}

using System.Globalization;
using Vedette.Storage;
using Vedette.Wire.Json;

namespace Vedette.Tracker.Issues;

/// <summary><c>statusDetails</c>: how an issue was resolved, or until when it is archived, and by whom (<c>spec/domain.md</c> 3.4).</summary>
public static class StatusDetailsJson
{
    public static void Write(StableJsonWriter json, Issue issue)
    {
        json.StartObject();
        switch (issue.Status)
        {
            case "resolved":
                WriteResolution(json, issue.Resolution);
                WriteActor(json, issue);
                break;
            case "ignored" when !issue.Snooze.IsEmpty:
                WriteSnooze(json, issue);
                WriteActor(json, issue);
                break;
        }

        json.EndObject();
    }

    private static void WriteResolution(StableJsonWriter json, Resolution resolution)
    {
        switch (resolution.Kind)
        {
            case ResolutionKind.Now:
                break;
            case ResolutionKind.ByAge:
                json.Name("autoResolved"u8);
                json.Value(true);
                break;
            case ResolutionKind.InRelease or ResolutionKind.WithCommit:
                json.Name("inRelease"u8);
                json.Value(resolution.Version);
                break;
            case ResolutionKind.InNextRelease:
                json.Name("inNextRelease"u8);
                json.Value(true);
                break;
            case ResolutionKind.InUpcomingRelease:
                json.Name("inUpcomingRelease"u8);
                json.Value(true);
                break;
            case ResolutionKind.InCommit:
                json.Name("inCommit"u8);
                json.StartObject();
                json.Name("id"u8);
                json.Value(resolution.Commit);
                json.Name("commit"u8);
                json.Value(resolution.Commit);
                json.Name("repository"u8);
                json.Value(resolution.Repository);
                json.EndObject();
                break;
        }
    }

    /// <summary>What is still to come of a number without a window; with one, the number.</summary>
    private static void WriteSnooze(StableJsonWriter json, Issue issue)
    {
        var terms = issue.Snooze;
        var count = terms.Window is null ? terms.Count - (issue.TimesSeen - issue.SnoozedTimesSeen) : terms.Count;
        var people = terms.UserWindow is null ? terms.UserCount - (issue.UserCount - issue.SnoozedUsersSeen) : terms.UserCount;
        json.Name("ignoreCount"u8);
        json.Value((double?)count);
        json.Name("ignoreUntil"u8);
        json.Instant(terms.Until is { } until ? UnixMicroseconds.ToInstant(until) : null);
        json.Name("ignoreUserCount"u8);
        json.Value((double?)people);
        json.Name("ignoreUserWindow"u8);
        json.Value((double?)terms.UserWindow);
        json.Name("ignoreWindow"u8);
        json.Value((double?)terms.Window);
    }

    /// <summary>Where nobody is known, as of what resolved by age, there is no such member.</summary>
    private static void WriteActor(StableJsonWriter json, Issue issue)
    {
        if (issue.StateActorId is not { } id)
            return;

        json.Name("actor"u8);
        json.StartObject();
        json.Name("id"u8);
        json.Value(id.ToString(CultureInfo.InvariantCulture));
        json.Name("name"u8);
        json.Value(issue.StateActorName);
        json.Name("username"u8);
        json.Value(issue.StateActorEmail);
        json.Name("email"u8);
        json.Value(issue.StateActorEmail);
        json.EndObject();
    }
}

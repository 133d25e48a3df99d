using System.Globalization;
using Vedette.Server.Api;
using Vedette.Storage;
using Vedette.Tracker.Issues;
using Vedette.Tracker.Ingest;
using Vedette.Wire.Json;

namespace Vedette.Server.Issues;

/// <summary>
/// Reads the body of a change (<c>spec/domain.md</c> 3.2), which clients write in three ways: the conditions of an archiving
/// stand in <c>statusDetails</c>, beside it, or in an older member. What it does not know it passes over, as Sentry does.
/// </summary>
internal static class IssueChangeForm
{
    private const long MostMinutesOfWindow = 7 * 24 * 60;

    /// <summary>A hundred years.</summary>
    private const long MostMinutes = 100 * 366 * 24 * 60;

    private static readonly string[] Priorities = ["low", "medium", "high"];

    /// <returns>The change, or the 400 that names what is wrong with the first wrong member.</returns>
    public static (IssueChange? Change, IResult? Refusal) Read(JsonMap body, DateTimeOffset now)
    {
        if (body["statusDetails"] is not (null or JsonMap))
            return (null, ApiResults.Invalid("statusDetails", "Invalid data. Expected a dictionary."));

        var form = new Reader(body, body.Map("statusDetails") ?? new JsonMap(), now);
        var change = new IssueChange();
        foreach (var step in new Func<IssueChange, IssueChange>[] { form.ReadState, form.ReadResolution, form.ReadSnooze, form.ReadOthers })
        {
            change = step(change);
            if (form.Refusal is not null)
                return (null, form.Refusal);
        }

        return (change, null);
    }

    private sealed class Reader(JsonMap body, JsonMap details, DateTimeOffset now)
    {
        /// <summary>Of the first member that is wrong.</summary>
        public IResult? Refusal { get; private set; }

        /// <summary>A substatus alone says the status as well.</summary>
        public IssueChange ReadState(IssueChange change)
        {
            IssueStatus? status = body["status"] switch
            {
                null => null,
                "resolved" or "resolvedInNextRelease" => IssueStatus.Resolved,
                "unresolved" => IssueStatus.Unresolved,
                "ignored" or "muted" => IssueStatus.Ignored,
                var other => Refuse<IssueStatus>("status", NoChoice(other)),
            };
            var substatus = body["substatus"] switch
            {
                null => null,
                string name when StoredName.TryParse<IssueSubstatus>(name) is { } known => known,
                var other => Refuse<IssueSubstatus>("substatus", NoChoice(other)),
            };
            if (substatus is { } given)
            {
                var belongs = given switch
                {
                    IssueSubstatus.New or IssueSubstatus.Ongoing or IssueSubstatus.Escalating or IssueSubstatus.Regressed => IssueStatus.Unresolved,
                    IssueSubstatus.ArchivedUntilEscalating or IssueSubstatus.ArchivedUntilConditionMet or IssueSubstatus.ArchivedForever => IssueStatus.Ignored,
                };
                status ??= belongs;
                if (status != belongs)
                    Refuse<IssueSubstatus>("substatus", $"The substatus {StoredName.Of(given)} does not go with the status {StoredName.Of(status.Value)}.");
            }

            return change with { Status = status, Substatus = substatus };
        }

        public IssueChange ReadResolution(IssueChange change)
        {
            if (body.Text("status") == "resolvedInNextRelease")
                return change with { Resolution = new Resolution(ResolutionKind.InNextRelease) };
            if (IsTrue("inNextRelease"))
                return change with { Resolution = new Resolution(ResolutionKind.InNextRelease), NeedsRelease = true };
            if (IsTrue("inUpcomingRelease"))
                return change with { Resolution = new Resolution(ResolutionKind.InUpcomingRelease), NeedsRelease = true };
            switch (details["inRelease"])
            {
                case string { Length: > 0 } version:
                    return change with { Resolution = new Resolution(ResolutionKind.InRelease, version), NeedsRelease = true };
                case not (null or ""):
                    RefuseDetail("inRelease", "Not a valid string.");
                    return change;
            }

            switch (details["inCommit"])
            {
                case JsonMap commit when commit.Text("commit") is { Length: > 0 } id:
                    return change with { Resolution = new Resolution(ResolutionKind.InCommit, Commit: id, Repository: commit.Text("repository")) };
                case not null:
                    RefuseDetail("inCommit", "A commit and its repository are required.");
                    break;
            }

            return change;
        }

        public IssueChange ReadSnooze(IssueChange change)
        {
            var minutes = Number("ignoreDuration", MostMinutes) ?? Number("snoozeDuration", MostMinutes);
            var terms = new SnoozeTerms
            {
                Until = Until() ?? (minutes is { } duration ? UnixMicroseconds.From(now.AddMinutes(duration)) : null),
                Count = Number("ignoreCount", int.MaxValue),
                Window = Number("ignoreWindow", MostMinutesOfWindow),
                UserCount = Number("ignoreUserCount", int.MaxValue),
                UserWindow = Number("ignoreUserWindow", MostMinutesOfWindow),
            };
            var untilEscalating = IsTrue("ignoreUntilEscalating");
            if (change.Status != IssueStatus.Ignored)
                return change;

            var noted = terms.AsRequested();
            noted["ignoreDuration"] = (double?)minutes;
            noted["ignoreUntilEscalating"] = untilEscalating;
            var substatus = change.Substatus
                ?? (untilEscalating ? IssueSubstatus.ArchivedUntilEscalating : terms.IsEmpty ? IssueSubstatus.ArchivedForever : IssueSubstatus.ArchivedUntilConditionMet);
            return change with
            {
                Substatus = substatus,
                Snooze = substatus == IssueSubstatus.ArchivedUntilConditionMet ? terms : SnoozeTerms.None,
                Noted = noted,
            };
        }

        public IssueChange ReadOthers(IssueChange change) => change with
        {
            Assignee = body["assignedTo"] switch
            {
                null => body.Contains("assignedTo") ? "" : null,
                string text => text.Trim(),
                double id when id == Math.Floor(id) => id.ToString("0", CultureInfo.InvariantCulture),
                _ => Refuse("assignedTo", "Not a valid string."),
            },
            Priority = body["priority"] switch
            {
                null => null,
                string name when Priorities.Contains(name, StringComparer.Ordinal) => name,
                var other => Refuse("priority", NoChoice(other)),
            },
            HasSeen = Flag("hasSeen"),
            IsBookmarked = Flag("isBookmarked"),
            IsSubscribed = Flag("isSubscribed"),
            IsPublic = Flag("isPublic"),
            Merges = body["merge"] is not (null or false or 0d or ""),
            Discards = Flag("discard") == true,
        };

        private bool? Flag(string name) => body[name] switch
        {
            null => null,
            bool flag => flag,
            _ => Refuse<bool>(name, "Must be a valid boolean."),
        };

        /// <summary>In the details, or for conditions of an archiving beside them.</summary>
        private bool IsTrue(string name) => (details[name] ?? body[name]) switch
        {
            null => false,
            bool flag => flag,
            _ => RefuseAt<bool>(name, "Must be a valid boolean.") ?? false,
        };

        /// <summary>Digits in quotes are a number, and 0 asks for nothing.</summary>
        private long? Number(string name, long most) => (details[name] ?? body[name]) switch
        {
            null or 0d or "" => null,
            double number when number == Math.Floor(number) => Bounded(name, number, most),
            string text when double.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) => Bounded(name, number, most),
            _ => RefuseAt<long>(name, "A valid integer is required."),
        };

        private long? Bounded(string name, double number, long most) => number < 1
            ? RefuseAt<long>(name, "Ensure this value is greater than or equal to 1.")
            : number > most ? RefuseAt<long>(name, $"Ensure this value is less than or equal to {most}.") : (long)number;

        private long? Until()
        {
            const string Name = "ignoreUntil";
            var value = details[Name] ?? body[Name];
            if (value is null or "")
                return null;
            return value is string text && SdkInstant.Read(text) is { } instant
                ? UnixMicroseconds.From(instant)
                : RefuseAt<long>(Name, "Datetime has wrong format. Use ISO 8601, for example 2026-03-01T12:00:00Z.");
        }

        private static string NoChoice(object value) =>
            $"\"{(value is string or double or bool ? Convert.ToString(value, CultureInfo.InvariantCulture) : "that")}\" is not a valid choice.";

        private T? Refuse<T>(string name, string message)
            where T : struct
        {
            Refusal ??= ApiResults.Invalid(name, message);
            return null;
        }

        private string? Refuse(string name, string message)
        {
            Refusal ??= ApiResults.Invalid(name, message);
            return null;
        }

        /// <summary>Where the client wrote it.</summary>
        private T? RefuseAt<T>(string name, string message)
            where T : struct
        {
            if (details[name] is null)
                return Refuse<T>(name, message);
            RefuseDetail(name, message);
            return null;
        }

        private void RefuseDetail(string name, string message) => Refusal ??= IssueAnswers.InvalidDetail(name, message);
    }
}

using System.Globalization;
using Vedette.Storage;
using Vedette.Tracker.Ingest;
using Vedette.Tracker.Issues;

namespace Vedette.Tracker.Search;

/// <summary>The names that mean something of their own in a search for issues, and what. Every other name is that of a tag.</summary>
internal static class IssueFields
{
    private delegate Meaning Read(FieldTerm term, DateTimeOffset now);

    private static readonly Dictionary<string, IssueState> States = new()
    {
        ["unresolved"] = new(IssueStatus.Unresolved),
        ["resolved"] = new(IssueStatus.Resolved),
        ["ignored"] = new(IssueStatus.Ignored),
        ["archived"] = new(IssueStatus.Ignored),
        ["muted"] = new(IssueStatus.Ignored),
        ["new"] = new(IssueStatus.Unresolved, IssueSubstatus.New),
        ["ongoing"] = new(IssueStatus.Unresolved, IssueSubstatus.Ongoing),
        ["escalating"] = new(IssueStatus.Unresolved, IssueSubstatus.Escalating),
        ["regressed"] = new(IssueStatus.Unresolved, IssueSubstatus.Regressed),
        ["archived_until_escalating"] = new(IssueStatus.Ignored, IssueSubstatus.ArchivedUntilEscalating),
        ["archived_until_condition_met"] = new(IssueStatus.Ignored, IssueSubstatus.ArchivedUntilConditionMet),
        ["archived_forever"] = new(IssueStatus.Ignored, IssueSubstatus.ArchivedForever),
        ["for_review"] = new(IssueStatus.Unresolved, IssueSubstatus.New, IssueSubstatus.Escalating, IssueSubstatus.Regressed),
    };

    private static readonly Dictionary<string, Read> Fields = new()
    {
        ["is"] = State,
        ["status"] = State,
        ["substatus"] = State,
        ["level"] = Choice("level", Enum.GetValues<EventLevel>().Select(StoredName.Of)),
        ["issue.priority"] = Choice("priority", ["low", "medium", "high"]),
        ["priority"] = Choice("priority", ["low", "medium", "high"]),
        ["issue.category"] = Choice("category", ["error", "feedback"]),
        ["issue.type"] = Choice("category", ["error", "feedback"]),
        ["event.type"] = Text("type"),
        ["title"] = Text("title"),
        ["culprit"] = Text("culprit"),
        ["platform"] = Text("platform"),
        ["platform.name"] = Text("platform"),
        ["firstRelease"] = Text("first_release"),
        ["first_release"] = Text("first_release"),
        ["first-release"] = Text("first_release"),
        ["message"] = static (term, _) => new WordCondition(term.AnyOf, term.IsNegated),
        ["timesSeen"] = Number("times_seen"),
        ["times_seen"] = Number("times_seen"),
        ["userCount"] = Number("user_count"),
        ["user_count"] = Number("user_count"),
        ["firstSeen"] = Instant("first_seen"),
        ["first_seen"] = Instant("first_seen"),
        ["age"] = Instant("first_seen"),
        ["lastSeen"] = Instant("last_seen"),
        ["last_seen"] = Instant("last_seen"),
        ["error.unhandled"] = Flag("is_unhandled", 1),
        ["error.handled"] = Flag("is_unhandled", 0),
        ["issue"] = Identity,
        ["issue.id"] = Identity,
        ["has"] = Has,
        ["release"] = Release,
        ["user.id"] = static (term, _) => new TagCondition("user", [.. term.AnyOf.Select(text => text.After("id:"))], term.IsNegated),
    };

    /// <param name="host">Gives <c>null</c> for a term that it has no meaning for. It is asked first.</param>
    public static Meaning Of(FieldTerm term, DateTimeOffset now, Func<FieldTerm, Meaning?> host)
    {
        if (term.IsTag)
            return Tag(term);
        return host(term) ?? (Fields.TryGetValue(term.Name, out var read) ? read(term, now) : Tag(term));
    }

    /// <summary>An empty value means that there is none.</summary>
    private static Meaning Tag(FieldTerm term)
    {
        var key = IssueTags.KeyOf(term.Name);
        if (!term.AnyOf.Any(text => text is { HasStars: false, Text: "" }))
            return new TagCondition(key, term.AnyOf, term.IsNegated);
        return term.AnyOf.Count == 1 ? new TagCondition(key, [], !term.IsNegated) : Wrong(term, "an empty value cannot be one of several");
    }

    private static Meaning Has(FieldTerm term, DateTimeOffset now) => term.AnyOf is [{ HasStars: false, Text.Length: > 0 } name]
        ? new TagCondition(IssueTags.KeyOf(name.Text), [], term.IsNegated)
        : Wrong(term, "has: takes the name of one tag");

    private static Meaning Release(FieldTerm term, DateTimeOffset now)
    {
        var others = term.AnyOf.Where(text => text is not { HasStars: false, Text: "latest" }).ToList();
        return others.Count == term.AnyOf.Count ? Tag(term) : new TagCondition("release", others, term.IsNegated) { OrIsLatestRelease = true };
    }

    private static Meaning State(FieldTerm term, DateTimeOffset now)
    {
        var states = new List<IssueState>();
        foreach (var text in term.AnyOf)
        {
            if (text.HasStars || !States.TryGetValue(text.Text, out var state))
                return Wrong(term, $"{term.Name}: takes {string.Join(", ", States.Keys)}");
            states.Add(state);
        }

        return new StateCondition(states, term.IsNegated);
    }

    private static Meaning Identity(FieldTerm term, DateTimeOffset now)
    {
        var ids = new List<long>();
        var shortIds = new List<(string, long)>();
        foreach (var text in term.AnyOf)
        {
            if (!text.HasStars && long.TryParse(text.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
                ids.Add(id);
            else if (!text.HasStars && ShortId.TryParse(text.Text, out var project, out var number))
                shortIds.Add((project, number));
            else
                return Wrong(term, $"{term.Name}: takes the number of an issue, or what it is called, such as WEB-2F");
        }

        return new IdentityCondition(ids, shortIds, term.IsNegated);
    }

    private static Read Text(string column) => (term, _) => new TextCondition(column, term.AnyOf, term.IsNegated);

    private static Read Choice(string column, IEnumerable<string> choices)
    {
        var allowed = choices.ToList();
        return (term, _) => term.AnyOf.All(text => !text.HasStars && allowed.Contains(text.Text.ToLowerInvariant(), StringComparer.Ordinal))
            ? new TextCondition(column, [.. term.AnyOf.Select(text => SearchText.Of(text.Text.ToLowerInvariant()))], term.IsNegated)
            : Wrong(term, $"{term.Name}: takes {string.Join(", ", allowed)}");
    }

    private static Read Number(string column) => (term, _) =>
        term.AnyOf is [{ HasStars: false } one] && SearchNumber.Read(one.Text) is var (comparison, number)
            ? new NumberCondition(column, comparison, number, term.IsNegated)
            : Wrong(term, $"{term.Name}: takes a number, such as 10, >10 or <=10");

    private static Read Instant(string column) => (term, now) =>
        term.AnyOf is [{ HasStars: false } one] && SearchTime.Read(one.Text, now) is var (from, until)
            ? new InstantCondition(column, from, until, term.IsNegated)
            : Wrong(term, $"{term.Name}: takes a time, such as -24h, +7d, 2026-03-01 or >=2026-03-01T12:00:00Z");

    /// <param name="ifTrue">What the column holds then.</param>
    private static Read Flag(string column, long ifTrue) => (term, _) => term.AnyOf is [{ HasStars: false } one]
        ? one.Text switch
        {
            "true" or "1" or "yes" => new NumberCondition(column, Comparison.Equal, ifTrue, term.IsNegated),
            "false" or "0" or "no" => new NumberCondition(column, Comparison.Equal, 1 - ifTrue, term.IsNegated),
            _ => Wrong(term, $"{term.Name}: takes true or false"),
        }
        : Wrong(term, $"{term.Name}: takes true or false");

    private static SearchError Wrong(FieldTerm term, string problem) => new(term.Position, problem);
}

/// <summary>A condition, or why a term is none.</summary>
public readonly record struct Meaning(IssueCondition? Condition, SearchError? Error)
{
    public static implicit operator Meaning(IssueCondition condition) => new(condition, null);

    public static implicit operator Meaning(SearchError error) => new(null, error);
}

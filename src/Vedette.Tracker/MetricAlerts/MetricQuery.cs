using System.Diagnostics.CodeAnalysis;
using Vedette.Storage;
using Vedette.Tracker.Issues;
using Vedette.Tracker.Search;

namespace Vedette.Tracker.MetricAlerts;

/// <summary>
/// A query that one event is asked, when it is stored: the language of searches for issues, of which only the terms have a
/// meaning that an event alone can answer. Safe for concurrent use.
/// </summary>
public sealed class MetricQuery
{
    /// <summary>What only issues have, or what changes after an event is stored.</summary>
    private static readonly HashSet<string> OfIssues = new(StringComparer.Ordinal)
    {
        "is", "status", "substatus", "issue", "issue.id", "issue.priority", "priority", "issue.category", "issue.type", "assigned", "assigned_or_suggested",
        "bookmarks", "subscribed", "firstSeen", "first_seen", "age", "lastSeen", "last_seen", "timesSeen", "times_seen", "userCount", "user_count",
        "firstRelease", "first_release", "first-release", "timestamp", "project", "project.id",
    };

    private readonly IReadOnlyList<Func<QueriedEvent, bool>> terms;

    private MetricQuery(IReadOnlyList<Func<QueriedEvent, bool>> terms) => this.terms = terms;

    public static bool TryParse(string text, [NotNullWhen(true)] out MetricQuery? query, [NotNullWhen(false)] out SearchError? error)
    {
        query = null;
        if (!SearchParser.TryParse(text, out var terms, out error))
            return false;

        var asked = new List<Func<QueriedEvent, bool>>();
        foreach (var term in terms)
        {
            if (WhyNot(term) is { } wrong)
            {
                error = wrong;
                return false;
            }

            asked.Add(term switch
            {
                WordTerm word => Word(word.Text),
                FieldTerm field when field.IsNegated => Negated(Field(field)),
                FieldTerm field => Field(field),
                _ => throw new InvalidOperationException($"a term of an unknown kind: {term}"),
            });
        }

        query = new MetricQuery(asked);
        return true;
    }

    internal bool Fits(QueriedEvent queried)
    {
        foreach (var term in terms)
        {
            if (!term(queried))
                return false;
        }

        return true;
    }

    private static SearchError? WhyNot(SearchTerm term) => term switch
    {
        FieldTerm { IsTag: true } => null,
        FieldTerm { Name: "has", AnyOf: not [{ HasStars: false, Text.Length: > 0 }] } => new SearchError(term.Position, "has: takes the name of one tag"),
        FieldTerm { Name: "release" } field when field.AnyOf.Any(text => text is { HasStars: false, Text: "latest" }) =>
            new SearchError(term.Position, "release:latest changes with every release; name a release, or one with a star"),
        FieldTerm field when OfIssues.Contains(field.Name) => new SearchError(term.Position, $"{field.Name}: is about issues, and metric alerts count events"),
        FieldTerm { Name: "error.handled" or "error.unhandled" } field when FlagOf(field) is null => new SearchError(term.Position, $"{field.Name}: takes true or false"),
        _ => null,
    };

    private static Func<QueriedEvent, bool> Negated(Func<QueriedEvent, bool> asked) => queried => !asked(queried);

    /// <summary>Words stand somewhere in what people read of an event, in any case of their letters.</summary>
    private static Func<QueriedEvent, bool> Word(SearchText text)
    {
        var anywhere = new SearchText(["", .. text.Pieces, ""]);
        return queried => anywhere.Fits(queried.Title) || anywhere.Fits(queried.Message) || anywhere.Fits(queried.Culprit);
    }

    private static Func<QueriedEvent, bool> Field(FieldTerm term)
    {
        if (term.IsTag)
            return Tag(term.Name, term.AnyOf);

        return term.Name switch
        {
            "has" => Tag(IssueTags.KeyOf(term.AnyOf[0].Text), [new SearchText(["", ""])]),
            "title" => Member(term, static queried => queried.Title),
            "culprit" => Member(term, static queried => queried.Culprit),
            "platform" or "platform.name" => Member(term, static queried => queried.Platform),
            "event.type" => Member(term, static queried => StoredName.Of(queried.Type)),
            "message" => Any(term.AnyOf.Select(Word)),
            "error.handled" => Handled(FlagOf(term)!.Value),
            "error.unhandled" => Handled(!FlagOf(term)!.Value),
            "level" => Tag("level", [.. term.AnyOf.Select(text => new SearchText([.. text.Pieces.Select(piece => piece.ToLowerInvariant())]))]),
            "user.id" => Tag("user", [.. term.AnyOf.Select(text => text.After("id:"))]),
            _ => Tag(IssueTags.KeyOf(term.Name), term.AnyOf),
        };
    }

    private static Func<QueriedEvent, bool> Any(IEnumerable<Func<QueriedEvent, bool>> asked)
    {
        var all = asked.ToList();
        return queried => all.Any(one => one(queried));
    }

    private static Func<QueriedEvent, bool> Handled(bool handled) => queried => (queried.Handled ?? true) == handled;

    private static Func<QueriedEvent, bool> Member(FieldTerm term, Func<QueriedEvent, string> member) => queried =>
    {
        var value = member(queried);
        return term.AnyOf.Any(text => text.Fits(value));
    };

    /// <summary>An empty text stands for an event that has no such tag.</summary>
    private static Func<QueriedEvent, bool> Tag(string key, IReadOnlyList<SearchText> anyOf)
    {
        var orNone = anyOf.Any(text => text is { HasStars: false, Text: "" });
        return queried =>
        {
            var isThere = false;
            foreach (var (name, value) in ValuesOf(queried, key))
            {
                if (!string.Equals(name, key, StringComparison.Ordinal))
                    continue;
                isThere = true;
                if (anyOf.Any(text => text.Fits(value)))
                    return true;
            }

            return orNone && !isThere;
        };
    }

    /// <summary>Members that are found like tags are only looked for where one is meant.</summary>
    private static IEnumerable<KeyValuePair<string, string>> ValuesOf(QueriedEvent queried, string key) =>
        key[0] == IssueTags.MemberMark ? IssueTags.Of(queried.Tags, queried.Body) : queried.Tags;

    private static bool? FlagOf(FieldTerm term) => term.AnyOf is [{ HasStars: false } one]
        ? one.Text switch
        {
            "true" or "1" or "yes" => true,
            "false" or "0" or "no" => false,
            _ => null,
        }
        : null;
}

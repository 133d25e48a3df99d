using System.Diagnostics.CodeAnalysis;

namespace Vedette.Tracker.Search;

/// <summary>What a query asks of issues.</summary>
/// <param name="Conditions">All of them must hold.</param>
/// <param name="EventId">Set when the query is nothing but an event's id: then its issue is meant, if there is such an event.</param>
public sealed record IssueSearch(IReadOnlyList<IssueCondition> Conditions, string? EventId)
{
    public static bool TryParse(string query, DateTimeOffset now, [NotNullWhen(true)] out IssueSearch? search, [NotNullWhen(false)] out SearchError? error)
    {
        search = null;
        if (!SearchParser.TryParse(query, out var terms, out error))
            return false;

        var conditions = new List<IssueCondition>();
        foreach (var term in terms)
        {
            var meaning = term is FieldTerm field ? IssueFields.Of(field, now) : new WordCondition([((WordTerm)term).Text], false);
            if (meaning.Condition is not { } condition)
            {
                error = meaning.Error!;
                return false;
            }

            conditions.Add(condition);
        }

        search = new IssueSearch(
            conditions, terms is [WordTerm { Text: { HasStars: false, Text: var text } }] && Ingest.EventId.TryParse(text, out var eventId) ? eventId : null);
        return true;
    }
}

using System.Diagnostics.CodeAnalysis;

namespace Vedette.Tracker.Search;

/// <summary>What a query asks of issues.</summary>
/// <param name="Conditions">All of them must hold.</param>
/// <param name="EventId">Set when the query is nothing but an event's id: then its issue is meant, if there is such an event.</param>
public sealed record IssueSearch(IReadOnlyList<IssueCondition> Conditions, string? EventId)
{
    /// <param name="host">Gives the names that only the program around the tracker knows a meaning, and <c>null</c> for every other.</param>
    public static bool TryParse(
        string query, DateTimeOffset now, Func<FieldTerm, Meaning?> host, [NotNullWhen(true)] out IssueSearch? search, [NotNullWhen(false)] out SearchError? error)
    {
        search = null;
        if (!SearchParser.TryParse(query, out var terms, out error))
            return false;

        var conditions = new List<IssueCondition>();
        foreach (var term in terms)
        {
            var meaning = term is FieldTerm field ? IssueFields.Of(field, now, host) : new WordCondition([((WordTerm)term).Text], false);
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

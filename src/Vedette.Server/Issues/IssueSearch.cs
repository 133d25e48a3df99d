using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Vedette.Server.Issues;

/// <summary>The part of the search language that is understood so far: <c>is:</c> with a status, and words.</summary>
/// <param name="Statuses">Stored names; empty for all.</param>
/// <param name="Text"><c>null</c> when the query holds no words.</param>
internal sealed record IssueSearch(IReadOnlyList<string> Statuses, string? Text)
{
    /// <summary>Without a query only unresolved issues are listed; an empty query lists all (<c>spec/domain.md</c> 3.1).</summary>
    public static bool TryParse(string? query, [NotNullWhen(true)] out IssueSearch? search, [NotNullWhen(false)] out string? problem)
    {
        (search, problem) = (null, null);
        var statuses = new List<string>();
        var words = new List<string>();
        foreach (var (term, isQuoted) in Terms(query ?? "is:unresolved"))
        {
            var status = isQuoted ? null : term switch
            {
                "is:unresolved" => "unresolved",
                "is:resolved" => "resolved",
                "is:ignored" or "is:archived" or "is:muted" => "ignored",
                _ => null,
            };
            if (status is not null)
            {
                statuses.Add(status);
            }
            else if (!isQuoted && term.Contains(':', StringComparison.Ordinal))
            {
                problem = $"Error parsing search query: '{term}' is not understood; this version knows is:unresolved, is:resolved, is:ignored and words";
                return false;
            }
            else
            {
                words.Add(term);
            }
        }

        search = new IssueSearch(statuses, words.Count == 0 ? null : string.Join(' ', words));
        return true;
    }

    /// <summary>Between spaces, except inside double quotes, where <c>\"</c> is a quote. A quote that is not closed ends with the query.</summary>
    private static IEnumerable<(string Term, bool IsQuoted)> Terms(string query)
    {
        var term = new StringBuilder();
        var (inQuotes, isQuoted) = (false, false);
        for (var i = 0; i < query.Length; i++)
        {
            var c = query[i];
            if (inQuotes && c == '\\' && i + 1 < query.Length && query[i + 1] == '"')
            {
                term.Append(query[++i]);
            }
            else if (c == '"' && (inQuotes || term.Length == 0))
            {
                inQuotes = !inQuotes;
                isQuoted = true;
            }
            else if (char.IsWhiteSpace(c) && !inQuotes)
            {
                if (term.Length > 0)
                    yield return (term.ToString(), isQuoted);
                term.Clear();
                isQuoted = false;
            }
            else
            {
                term.Append(c);
            }
        }

        if (term.Length > 0)
            yield return (term.ToString(), isQuoted);
    }
}

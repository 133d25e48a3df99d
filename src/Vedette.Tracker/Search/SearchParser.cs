using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Vedette.Wire.Json;

namespace Vedette.Tracker.Search;

/// <summary>
/// Reads the search language (<c>spec/domain.md</c> 3.6): terms between spaces, all of which must hold. Takes time and memory
/// in proportion to the query, which is bounded.
/// </summary>
/// <remarks>
/// <code>
/// query  = { term }
/// term   = [ "!" ] ( name | "tags[" name "]" ) ":" value | text
/// value  = text | "[" text { "," text } "]"
/// text   = characters without a space | '"' characters '"'        \" \* \\ stand for the character, * for anything
/// </code>
/// </remarks>
public sealed class SearchParser
{
    public const int MostCharacters = 4096;
    public const int MostTerms = 50;
    public const int MostValues = 200;

    private const string TagsPrefix = "tags[";
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-");

    private readonly string query;
    private readonly List<SearchTerm> terms = [];
    private int at;
    private int values;
    private SearchError? error;

    private SearchParser(string query) => this.query = query;

    private bool IsAtEnd => at == query.Length;

    private bool IsAtSpace => IsAtEnd || char.IsWhiteSpace(query[at]);

    /// <summary>What our databases cannot hold is mended in <paramref name="text"/> first, as it was in what is searched.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out IReadOnlyList<SearchTerm>? terms, [NotNullWhen(false)] out SearchError? error)
    {
        var parser = new SearchParser(LenientJson.Mend(text));
        terms = parser.ReadTerms() ? parser.terms : null;
        error = parser.error;
        return terms is not null;
    }

    private bool ReadTerms()
    {
        if (query.Length > MostCharacters)
            return Fail(MostCharacters, $"the query is longer than {MostCharacters} characters");

        while (SkipSpace())
        {
            if (terms.Count == MostTerms)
                return Fail(at, $"there are more than {MostTerms} terms");
            if (!ReadTerm())
                return false;
        }

        return true;
    }

    private bool ReadTerm()
    {
        var start = at;
        var isNegated = query[at] == '!';
        if (isNegated)
            at++;
        if (TryReadName(out var name, out var isTag))
            return ReadValue(start, name, isTag, isNegated);
        if (isNegated && !IsAtEnd && query[at] == '"')
            return Fail(start, "! negates a name with a value, not a text; put it into the quotes to look for it");

        at = start;
        return ReadWord(start);
    }

    /// <summary>Goes past the colon. Without one, what stands here is a word.</summary>
    private bool TryReadName(out string name, out bool isTag)
    {
        var rest = query.AsSpan(at);
        name = "";
        isTag = rest.StartsWith(TagsPrefix, StringComparison.Ordinal);
        if (isTag)
        {
            var end = TagsPrefix.Length;
            while (end < rest.Length && rest[end] != ']' && !char.IsWhiteSpace(rest[end]))
                end++;
            if (end == TagsPrefix.Length || !rest[end..].StartsWith("]:", StringComparison.Ordinal))
                return false;

            name = rest[TagsPrefix.Length..end].ToString();
            at += end + 2;
            return true;
        }

        var length = rest.IndexOfAnyExcept(NameCharacters);
        if (length <= 0 || rest[length] != ':')
            return false;

        name = rest[..length].ToString();
        at += length + 1;
        return true;
    }

    private bool ReadValue(int start, string name, bool isTag, bool isNegated)
    {
        if (IsAtSpace)
            return Fail(at, $"a value is missing after {name}:");

        var anyOf = new List<SearchText>();
        if (query[at] == '[' ? !ReadList(anyOf) : !ReadText("", anyOf))
            return false;
        if (!IsAtSpace)
            return Fail(at, "a space is missing after the value");

        terms.Add(new FieldTerm(start + 1, name, isTag, isNegated, anyOf));
        return true;
    }

    private bool ReadList(List<SearchText> anyOf)
    {
        var start = at++;
        do
        {
            SkipSpace();
            if (!IsAtEnd && query[at] is ',' or ']')
                return Fail(at, "a value of the list is missing");
            if (IsAtEnd || !ReadText(",]", anyOf))
                return error is null ? Fail(start, "the list is not closed by ]") : false;
            SkipSpace();
        }
        while (TrySkip(','));

        if (IsAtEnd)
            return Fail(start, "the list is not closed by ]");
        return TrySkip(']') || Fail(at, "a comma or ] is missing between the values of the list");
    }

    private bool ReadWord(int start)
    {
        if (query[at] == '(')
            return Fail(at, "parentheses are not understood; put text that begins with one into quotes");

        var words = new List<SearchText>();
        var isQuoted = query[at] == '"';
        if (!ReadText("", words))
            return false;
        if (!IsAtSpace)
            return Fail(at, "a space is missing after the closing quote");
        if (!isQuoted && words[0] is { HasStars: false, Text: "OR" or "AND" } operation)
            return Fail(start, $"{operation.Text} is not understood: all terms must hold; put the word into quotes to look for it");

        terms.Add(new WordTerm(start + 1, words[0]));
        return true;
    }

    /// <summary>In quotes to the closing one; otherwise to the next space or one of <paramref name="ends"/>.</summary>
    private bool ReadText(string ends, List<SearchText> texts)
    {
        if (++values > MostValues)
            return Fail(at, $"there are more than {MostValues} values");

        var start = at;
        var isQuoted = TrySkip('"');
        var pieces = new List<string>();
        var piece = new StringBuilder();
        while (!IsAtEnd && (isQuoted ? query[at] != '"' : !IsAtSpace && !ends.Contains(query[at], StringComparison.Ordinal)))
        {
            if (query[at] == '\\' && at + 1 < query.Length && query[at + 1] is '"' or '*' or '\\')
            {
                piece.Append(query[at + 1]);
                at += 2;
            }
            else if (query[at] == '*')
            {
                // Several stars in a row say no more than one.
                if (piece.Length > 0 || pieces.Count == 0)
                    pieces.Add(piece.ToString());
                piece.Clear();
                at++;
            }
            else
            {
                piece.Append(query[at++]);
            }
        }

        if (isQuoted && !TrySkip('"'))
            return Fail(start, "the quote is not closed");

        pieces.Add(piece.ToString());
        texts.Add(new SearchText(pieces));
        return true;
    }

    /// <returns><c>false</c> at the end of the query.</returns>
    private bool SkipSpace()
    {
        while (!IsAtEnd && IsAtSpace)
            at++;
        return !IsAtEnd;
    }

    private bool TrySkip(char c)
    {
        if (IsAtEnd || query[at] != c)
            return false;

        at++;
        return true;
    }

    private bool Fail(int index, string problem)
    {
        error = new SearchError(index + 1, problem);
        return false;
    }
}

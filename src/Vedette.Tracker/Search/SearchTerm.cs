namespace Vedette.Tracker.Search;

/// <summary>One thing that a query asks for.</summary>
/// <param name="Position">Of its first character in the query, from 1.</param>
public abstract record SearchTerm(int Position);

/// <summary>A word, or several in quotes, that stand somewhere in what is searched.</summary>
public sealed record WordTerm(int Position, SearchText Text) : SearchTerm(Position);

/// <summary><c>name:value</c> or <c>name:[value, value]</c>, with <c>!</c> before it when it is negated.</summary>
/// <param name="IsTag">Written as <c>tags[name]</c>, which means a tag also where a field has the same name.</param>
/// <param name="AnyOf">At least one.</param>
public sealed record FieldTerm(int Position, string Name, bool IsTag, bool IsNegated, IReadOnlyList<SearchText> AnyOf) : SearchTerm(Position);

/// <summary>Why a query is not understood.</summary>
/// <param name="Position">Of the character where that shows, from 1.</param>
public sealed record SearchError(int Position, string Problem)
{
    public override string ToString() => $"Error parsing search query: {Problem} (at character {Position})";
}

using Vedette.Storage;

namespace Vedette.Tracker.Search;

internal static class SearchSql
{
    /// <summary>Databases fold the letters of ASCII, and others as far as they know them.</summary>
    /// <param name="value">An expression that is never null.</param>
    public static string Matches(SqlArguments arguments, string value, IReadOnlyList<SearchText> anyOf)
    {
        var patterns = anyOf.Where(text => text.HasStars).Select(text => $@"lower({value}) like lower({arguments.Add(text.Pattern)}) escape '\'");
        var exact = anyOf.Where(text => !text.HasStars).Select(text => text.Text).ToList();
        return string.Join(" or ", exact.Count == 0 ? patterns : patterns.Append($"{value} in {arguments.AddList(exact)}"));
    }
}

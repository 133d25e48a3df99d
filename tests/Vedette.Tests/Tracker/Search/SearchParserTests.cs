using Vedette.Tracker.Search;
using Xunit;

namespace Vedette.Tests.Tracker.Search;

/// <summary>From text to terms, and where it is wrong.</summary>
public sealed class SearchParserTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("  \t ", "")]
    [InlineData("cart empty", "‹cart› ‹empty›")]
    [InlineData("level:error", "level = ‹error›")]
    [InlineData("!level:error x", "level ≠ ‹error› ‹x›")]
    [InlineData("url:http://a/b?c=d", "url = ‹http://a/b?c=d›")]
    [InlineData("release:shop@1.*", "release = ‹shop@1.›*‹›")]
    [InlineData("release:***a**b*", "release = ‹›*‹a›*‹b›*‹›")]
    [InlineData("has:*", "has = ‹›*‹›")]
    [InlineData(@"a:x\*y", "a = ‹x*y›")]
    [InlineData(@"a:""x\*\""\\ y*""", @"a = ‹x*""\ y›*‹›")]
    [InlineData("a:\"\"", "a = ‹›")]
    [InlineData("a:[x,y]", "a = ‹x› or ‹y›")]
    [InlineData("a:[ x , \"y, z]\" ,*w ]", "a = ‹x› or ‹y, z]› or ‹›*‹w›")]
    [InlineData("!a:[x] b", "a ≠ ‹x› ‹b›")]
    [InlineData("tags[level]:x", "tag level = ‹x›")]
    [InlineData("tags[a:b]:x", "tag a:b = ‹x›")]
    [InlineData("tags[a b]:x", "‹tags[a› ‹b]:x›")]
    [InlineData("\"key: value\"", "‹key: value›")]
    [InlineData("é:x foo(a:b :c ::", "‹é:x› ‹foo(a:b› ‹:c› ‹::›")]
    [InlineData("say\"hi\" !important ! -x", "‹say\"hi\"› ‹!important› ‹!› ‹-x›")]
    [InlineData(@"back\slash a\ b", @"‹back\slash› ‹a\› ‹b›")]
    [InlineData("or OR:x \"OR\"", "‹or› OR = ‹x› ‹OR›")]
    [InlineData("a:>=5 b:-24h", "a = ‹>=5› b = ‹-24h›")]
    public void A_query_is_read_as_terms(string query, string terms)
    {
        Assert.True(SearchParser.TryParse(query, out var parsed, out var error), error?.ToString());
        Assert.Equal(terms, string.Join(' ', parsed.Select(Shown)));
    }

    [Theory]
    [InlineData("level:", 7, "a value is missing after level:")]
    [InlineData("a level: b", 9, "a value is missing after level:")]
    [InlineData("x a:\"b", 5, "the quote is not closed")]
    [InlineData("\"b", 1, "the quote is not closed")]
    [InlineData("\"a\"b", 4, "a space is missing after the closing quote")]
    [InlineData("k:\"a\"b", 6, "a space is missing after the value")]
    [InlineData("k:[a]b", 6, "a space is missing after the value")]
    [InlineData("k:[a", 3, "the list is not closed by ]")]
    [InlineData("k:[", 3, "the list is not closed by ]")]
    [InlineData("k:[a,", 3, "the list is not closed by ]")]
    [InlineData("k:[\"a", 4, "the quote is not closed")]
    [InlineData("k:[]", 4, "a value of the list is missing")]
    [InlineData("k:[a,,b]", 6, "a value of the list is missing")]
    [InlineData("k:[a b]", 6, "a comma or ] is missing between the values of the list")]
    [InlineData("a OR b", 3, "OR is not understood: all terms must hold; put the word into quotes to look for it")]
    [InlineData("a AND b", 3, "AND is not understood: all terms must hold; put the word into quotes to look for it")]
    [InlineData("x (a b)", 3, "parentheses are not understood; put text that begins with one into quotes")]
    [InlineData("!\"a b\"", 1, "! negates a name with a value, not a text; put it into the quotes to look for it")]
    public void What_is_wrong_is_named_with_its_place(string query, int position, string problem)
    {
        Assert.False(SearchParser.TryParse(query, out var parsed, out var error));

        Assert.Null(parsed);
        Assert.Equal(new SearchError(position, problem), error);
        Assert.Equal($"Error parsing search query: {problem} (at character {position})", error.ToString());
    }

    [Fact]
    public void What_a_database_cannot_hold_is_mended() =>
        Assert.Equal(["a\ufffdb", "\ufffd"], SearchParser.TryParse("a\0b \ud800", out var terms, out _) ? terms.Select(term => ((WordTerm)term).Text.Text) : []);

    [Fact]
    public void A_query_has_an_end()
    {
        Assert.True(SearchParser.TryParse(new string('a', SearchParser.MostCharacters), out _, out _));
        Assert.True(SearchParser.TryParse(Repeated("a", SearchParser.MostTerms, " "), out _, out _));
        Assert.True(SearchParser.TryParse($"k:[{Repeated("a", SearchParser.MostValues, ",")}]", out _, out _));

        Assert.Equal("the query is longer than 4096 characters", Problem(new string('a', SearchParser.MostCharacters + 1)));
        Assert.Equal("there are more than 50 terms", Problem(Repeated("a", SearchParser.MostTerms + 1, " ")));
        Assert.Equal("there are more than 200 values", Problem($"k:[{Repeated("a", SearchParser.MostValues + 1, ",")}]"));
    }

    private static string Repeated(string text, int times, string between) => string.Join(between, Enumerable.Repeat(text, times));

    private static string? Problem(string query) => SearchParser.TryParse(query, out _, out var error) ? null : error.Problem;

    private static string Shown(SearchTerm term) => term is FieldTerm field
        ? $"{(field.IsTag ? "tag " : "")}{field.Name} {(field.IsNegated ? '≠' : '=')} {string.Join(" or ", field.AnyOf.Select(Shown))}"
        : Shown(((WordTerm)term).Text);

    private static string Shown(SearchText text) => string.Join('*', text.Pieces.Select(piece => $"‹{piece}›"));
}

using FsCheck;
using FsCheck.Fluent;
using Vedette.Tracker.Search;
using Xunit;

namespace Vedette.Tests.Tracker.Search;

public sealed class SearchFuzzTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>What the language is made of, so that random rows of it come near to meaning something.</summary>
    private static readonly string[] Tokens =
    [
        " ", "\t", "!", "\"", "\\", "*", ",", "[", "]", "(", ")", ":", "tags[", "is:", "unresolved", "has:", "age:", "-24h", "+7d", ">=", "2026-03-01",
        "timesSeen:", "99999999999999999999", "issue:", "WEB-1", "assigned:", "me", "#team", "OR", "\0", "\ud800", "\u00a0", "é", "4c79f60c11214eb38604f4ae0781bfb2",
    ];

    [Fact]
    public void Random_text_is_a_search_or_an_error_in_it_and_never_throws() =>
        Prop.ForAll<string?>(text => AnswersOnce(text ?? "")).Check(Config.QuickThrowOnFailure.WithMaxTest(10_000));

    [Fact]
    public void Random_rows_of_tokens_are_a_search_or_an_error_in_them_and_never_throw()
    {
        var outcomes = new HashSet<bool>();
        var rows = Gen.Elements(Tokens).ListOf().Select(tokens => string.Concat(tokens)).ToArbitrary();

        Prop.ForAll(rows, text =>
        {
            outcomes.Add(IssueSearch.TryParse(text, Now, static _ => null, out _, out _));
            return AnswersOnce(text);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));

        Assert.Equal(2, outcomes.Count);
    }

    [Fact]
    public void Every_text_can_be_looked_for_in_quotes()
    {
        Prop.ForAll<string?>(given =>
        {
            var text = Vedette.Wire.Json.LenientJson.Mend(given ?? "");
            var quoted = $"\"{text.Replace(@"\", @"\\").Replace("\"", "\\\"").Replace("*", @"\*")}\"";
            return SearchParser.TryParse($"k:{quoted} {quoted}", out var terms, out _)
                && terms is [FieldTerm { AnyOf: [{ HasStars: false } value] }, WordTerm { Text: { HasStars: false } word }] && value.Text == text && word.Text == text;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));
    }

    /// <summary>By what is allocated, because that is the same on every machine.</summary>
    [Theory]
    [InlineData("a")]
    [InlineData("*")]
    [InlineData("\"")]
    [InlineData("\\\"")]
    [InlineData("tags[")]
    [InlineData("!")]
    [InlineData("a.")]
    [InlineData("k:[")]
    public void Work_grows_with_the_query_and_not_faster(string part)
    {
        var half = Cost(string.Concat(Enumerable.Repeat(part, SearchParser.MostCharacters / 2 / part.Length)));
        var whole = Cost(string.Concat(Enumerable.Repeat(part, SearchParser.MostCharacters / part.Length)));

        Assert.InRange(whole, 0, (3 * half) + 2048);
    }

    private static long Cost(string query)
    {
        _ = SearchParser.TryParse(query, out _, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        _ = SearchParser.TryParse(query, out _, out _);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static bool AnswersOnce(string text)
    {
        var parsed = IssueSearch.TryParse(text, Now, static _ => null, out var search, out var error);
        var parsedOfEvents = EventQuery.TryParse(text, out var terms, out var wrong);
        return parsed == search is not null && parsed == error is null && IsIn(text, error) && parsedOfEvents == terms is not null && parsedOfEvents == wrong is null && IsIn(text, wrong);
    }

    private static bool IsIn(string text, SearchError? error) => error is null || (error.Problem.Length > 0 && error.Position >= 1 && error.Position <= text.Length + 1);
}

using System.Globalization;

namespace Vedette.Tests.Server.Issues;

/// <summary>Queries as people and clients write them, each beside what it means for an issue of <see cref="SearchModel"/>.</summary>
internal static class WrittenSearches
{
    public static IReadOnlyList<(string Query, Func<SentIssue, bool> Holds)> Of(DateTimeOffset now)
    {
        var today = now.UtcDateTime.Date;
        var (third, sixth) = (Day(today.AddDays(-3)), Day(today.AddDays(-6)));
        return
        [
            ("", _ => true),
            ("is:unresolved", issue => issue.IsOpen),
            ("is:resolved", issue => issue.IsResolved),
            ("is:ignored", issue => issue.IsArchived),
            ("is:archived", issue => issue.IsArchived),
            ("is:muted", issue => issue.IsArchived),
            ("!is:resolved", issue => !issue.IsResolved),
            ("is:[resolved,ignored]", issue => !issue.IsOpen),
            ("!is:[resolved, ignored]", issue => issue.IsOpen),
            ("is:unresolved is:resolved", _ => false),
            ("is:[new,ongoing,escalating,regressed]", issue => issue.IsOpen),
            ("!is:new !is:ongoing", issue => !issue.IsOpen),
            ("is:assigned", issue => issue.IsMine),
            ("is:unassigned", issue => !issue.IsMine),
            ("assigned:me", issue => issue.IsMine),
            ("!assigned:me", issue => !issue.IsMine),
            ("assigned:none", issue => !issue.IsMine),
            ("assigned:[me,none]", _ => true),
            ("assigned:#default", _ => false),
            ("assigned:ADMIN@localhost", issue => issue.IsMine),
            ("is:assigned is:resolved", issue => issue.IsMine && issue.IsResolved),
            ("is:linked", _ => false),
            ("bookmarks:me", issue => issue.IsMarked),
            ("!bookmarks:me", issue => !issue.IsMarked),
            ("level:error", issue => issue.Newest.Tags["level"] == "error"),
            ("level:[error, fatal]", issue => issue.Newest.Tags["level"] is "error" or "fatal"),
            ("!level:debug", issue => issue.Newest.Tags["level"] != "debug"),
            ("issue.category:error", _ => true),
            ("issue.category:feedback", _ => false),
            ("platform:other", _ => true),
            ("timesSeen:>3", issue => issue.Events.Count > 3),
            ("timesSeen:>=4", issue => issue.Events.Count >= 4),
            ("timesSeen:4", issue => issue.Events.Count == 4),
            ("timesSeen:<4", issue => issue.Events.Count < 4),
            ("timesSeen:<=3", issue => issue.Events.Count <= 3),
            ("!timesSeen:>4", issue => issue.Events.Count <= 4),
            ("timesSeen:>2 timesSeen:<6", issue => issue.Events.Count is > 2 and < 6),
            ("user_count:>2", issue => issue.Users > 2),
            ("user_count:<=2", issue => issue.Users <= 2),
            ("firstSeen:-96h", issue => issue.FirstSeen >= now.AddHours(-96)),
            ("firstSeen:+96h", issue => issue.FirstSeen <= now.AddHours(-96)),
            ("age:-7d", issue => issue.FirstSeen >= now.AddDays(-7)),
            ("lastSeen:-24h", issue => issue.LastSeen >= now.AddHours(-24)),
            ("lastSeen:+1d", issue => issue.LastSeen <= now.AddDays(-1)),
            ("!lastSeen:-24h", issue => issue.LastSeen < now.AddHours(-24)),
            ($"firstSeen:<{sixth}", issue => issue.FirstSeen.UtcDateTime < today.AddDays(-6)),
            ($"firstSeen:>={sixth}", issue => issue.FirstSeen.UtcDateTime >= today.AddDays(-6)),
            ($"firstSeen:>{sixth}", issue => issue.FirstSeen.UtcDateTime >= today.AddDays(-5)),
            ($"firstSeen:{sixth}", issue => issue.FirstSeen.UtcDateTime.Date == today.AddDays(-6)),
            ($"firstSeen:>={sixth} firstSeen:<{third}", issue => issue.FirstSeen.UtcDateTime is var at && at >= today.AddDays(-6) && at < today.AddDays(-3)),
            ($"lastSeen:<={third}T12:00:00Z", issue => issue.LastSeen.UtcDateTime < today.AddDays(-3).AddHours(12).AddSeconds(1)),
            ("has:color", Has("color")),
            ("!has:color", issue => !Has("color")(issue)),
            ("color:\"\"", issue => !Has("color")(issue)),
            ("!color:\"\"", Has("color")),
            ("color:*", Has("color")),
            ("color:blue", Is("color", "blue")),
            ("color:BLUE", Is("color", "BLUE")),
            ("!color:blue", issue => !Is("color", "blue")(issue)),
            ("color:\"light blue\"", Is("color", "light blue")),
            ("color:[red,black]", Is("color", "red", "black")),
            ("!color:[red,black]", issue => !Is("color", "red", "black")(issue)),
            ("color:*blue", Like("color", value => value.EndsWith("blue", StringComparison.OrdinalIgnoreCase))),
            ("color:bl*", Like("color", value => value.StartsWith("bl", StringComparison.OrdinalIgnoreCase))),
            ("color:*L*", Like("color", value => value.Contains('l', StringComparison.OrdinalIgnoreCase))),
            ("!color:*blue*", issue => !Like("color", value => value.Contains("blue", StringComparison.OrdinalIgnoreCase))(issue)),
            ("color:100%", Is("color", "100%")),
            ("color:1*%", Is("color", "100%")),
            ("color:a_b", Is("color", "a_b")),
            ("color:*_*", Is("color", "a_b")),
            (@"color:star\*", Is("color", "star*")),
            ("color:star*", Is("color", "star*")),
            ("color:green", _ => false),
            ("color:blue color:red", issue => Is("color", "blue")(issue) && Is("color", "red")(issue)),
            ("color:red !color:blue", issue => Is("color", "red")(issue) && !Is("color", "blue")(issue)),
            ("tags[color]:red", Is("color", "red")),
            ("tags[level]:fatal", Is("level", "fatal")),
            ("release:shop@1.0", Is("release", "shop@1.0")),
            ("release:shop@1.*", Like("release", value => value.StartsWith("shop@1.", StringComparison.Ordinal))),
            ("release:[shop@1.0, shop@2.0-beta]", Is("release", "shop@1.0", "shop@2.0-beta")),
            ("!release:shop@1.1", issue => !Is("release", "shop@1.1")(issue)),
            ("has:release !has:environment", issue => Has("release")(issue) && !Has("environment")(issue)),
            ("environment:production", Is("environment", "production")),
            ("environment:[staging,dev]", Is("environment", "staging", "dev")),
            ("!environment:production", issue => !Is("environment", "production")(issue)),
            ("environment:*ing", Is("environment", "staging")),
            ("user.id:3", Is("user", "id:3")),
            ("user.id:[1,2]", Is("user", "id:1", "id:2")),
            ("user:\"id:3\"", Is("user", "id:3")),
            ("!has:user", issue => !Has("user")(issue)),
            ("user.email:ada2@shop.example", Is("user.email", "ada2@shop.example")),
            ("user.email:bob*@shop.example", Like("user.email", value => value.StartsWith("Bob", StringComparison.Ordinal))),
            ("!user.email:ada*", issue => !Like("user.email", value => value.StartsWith("ada", StringComparison.Ordinal))(issue)),
            ("error.type:TypeError", OfType("TypeError")),
            ("error.type:*error", OfType("TypeError", "KeyError")),
            ("!error.type:KeyError", issue => !OfType("KeyError")(issue)),
            ("error.type:[KeyError, Überlauf]", OfType("KeyError", "Überlauf")),
            ("error.type:Über*", OfType("Überlauf")),
            ("cart", Holds("cart")),
            ("CART", Holds("cart")),
            ("cart empty", issue => Holds("cart")(issue) && Holds("empty")(issue)),
            ("\"cart empty\"", Holds("cart empty")),
            ("message:cart", Holds("cart")),
            ("!message:cart", issue => !Holds("cart")(issue)),
            ("50%", Holds("50%")),
            ("disk_full", Holds("disk_full")),
            (@"""c:\\temp""", Holds(@"c:\temp")),
            (@"\""quoted\""", Holds("\"quoted\"")),
            ("straße", Holds("straße")),
            ("nowhere", _ => false),
            ("title:*cart*", issue => issue.Newest.Title.Contains("cart", StringComparison.OrdinalIgnoreCase)),
            ("culprit:\"cart page\"", issue => issue.Newest.Place == "cart page"),
            ("issue:1", issue => issue.Id == 1),
            ("!issue:1", issue => issue.Id != 1),
            ("issue.id:[2,3,999]", issue => issue.Id is 2 or 3),
            ("issue:DEFAULT-1", issue => issue is { Project: 0, Number: 1 }),
            ("issue:[1,second-2]", issue => issue.Id == 1 || issue is { Project: 1, Number: 2 }),
            ("is:unresolved !level:debug color:*blue*", issue => issue.IsOpen && issue.Newest.Tags["level"] != "debug" && Like("color", value => value.Contains("blue", StringComparison.OrdinalIgnoreCase))(issue)),
            ("release:shop@1.* !environment:dev user.id:[1,2,3,4]", issue => Like("release", value => value.StartsWith("shop@1.", StringComparison.Ordinal))(issue) && !Is("environment", "dev")(issue) && Is("user", "id:1", "id:2", "id:3", "id:4")(issue)),
            ("cart is:resolved timesSeen:>2", issue => Holds("cart")(issue) && issue.IsResolved && issue.Events.Count > 2),
        ];
    }

    private static Func<SentIssue, bool> Has(string key) => issue => issue.Has(key, _ => true);

    private static Func<SentIssue, bool> Is(string key, params string[] anyOf) => issue => issue.Has(key, value => anyOf.Contains(value, StringComparer.Ordinal));

    private static Func<SentIssue, bool> Like(string key, Predicate<string> value) => issue => issue.Has(key, value);

    private static Func<SentIssue, bool> OfType(params string[] anyOf) => issue => issue.Events.Exists(each => anyOf.Contains(each.Type, StringComparer.Ordinal));

    private static Func<SentIssue, bool> Holds(string text) =>
        issue => issue.Newest.Title.Contains(text, StringComparison.OrdinalIgnoreCase) || issue.Newest.Place.Contains(text, StringComparison.OrdinalIgnoreCase);

    private static string Day(DateTime day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}

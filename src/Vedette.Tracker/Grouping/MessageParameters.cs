using System.Buffers;
using System.Text.RegularExpressions;

namespace Vedette.Tracker.Grouping;

/// <summary>Replaces what differs from one occurrence to the next by its kind, so that messages of one template are equal.</summary>
internal static partial class MessageParameters
{
    /// <summary>
    /// Messages that differ only behind this many characters count as the same. The engine below is linear, but
    /// seventeen passes over a megabyte would still be seconds of somebody else's time.
    /// </summary>
    public const int LongestExamined = 2048;

    private const RegexOptions Linear = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789");

    /// <summary>In the order of the spec: what comes first eats what a later kind would read differently.</summary>
    private static readonly (string Kind, SearchValues<char> Needed, Regex Pattern, Func<string, bool> Accepts)[] Kinds =
    [
        ("<email>", SearchValues.Create("@"), Email, Always),
        ("<url>", SearchValues.Create(":"), Url, Always),
        ("<hostname>", SearchValues.Create("."), Hostname, Always),
        ("<ip>", SearchValues.Create(".:"), Ip, Always),
        ("<traceparent>", Digits, Traceparent, Always),
        ("<uuid>", SearchValues.Create("-"), Uuid, Always),
        ("<sha1>", Digits, Sha1, Always),
        ("<md5>", Digits, Md5, Always),
        ("<date>", Digits, Date, Always),
        ("<duration>", Digits, Duration, Always),
        ("<swift_txn_id>", Digits, SwiftTransaction, Always),
        ("<hex>", Digits, Hex, IsMixedHex),
        ("<git_sha>", Digits, GitSha, IsMixedHex),
        ("<float>", Digits, Float, Always),
        ("<int>", Digits, Int, Always),
        ("=<quoted_str>", SearchValues.Create("="), QuotedValue, Always),
        ("=<bool>", SearchValues.Create("="), BoolValue, Always),
    ];

    public static string Replace(string message)
    {
        var text = message.Length > LongestExamined ? message[..LongestExamined] : message;
        foreach (var (kind, needed, pattern, accepts) in Kinds)
        {
            if (text.AsSpan().ContainsAny(needed))
                text = pattern.Replace(text, match => accepts(match.Value) ? kind : match.Value);
        }

        return text;
    }

    private static bool Always(string match) => true;

    /// <summary>"deadbeef" alone is a word and "1234567" a number; only the mixture is certainly an id.</summary>
    private static bool IsMixedHex(string match) =>
        match.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
        || (match.Any(char.IsAsciiDigit) && match.Any(char.IsAsciiLetter));

    [GeneratedRegex(@"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", Linear)]
    private static partial Regex Email { get; }

    [GeneratedRegex(@"\b(?:https?|wss?|ftp|file|redis|amqps?|postgres(?:ql)?|mysql|mongodb)://[^\s""'<>]+", Linear | RegexOptions.IgnoreCase)]
    private static partial Regex Url { get; }

    // A closed list: any two letters would make hosts of file names, and file names are what tells templates apart.
    [GeneratedRegex(@"\b(?:[A-Za-z0-9-]+\.)+(?:com|net|org|edu|gov|mil|info|biz|io|dev|app|cloud|local|localdomain|internal|lan|test|example|de|uk|fr|eu|us|ca|au|jp|cn|br|nl|ru|ch|se)\b", Linear)]
    private static partial Regex Hostname { get; }

    [GeneratedRegex(@"\b(?:[0-9]{1,3}\.){3}[0-9]{1,3}\b|\b(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}\b|\b(?:[0-9A-Fa-f]{1,4}:){1,7}(?::[0-9A-Fa-f]{1,4}){1,6}\b|\B::1\b", Linear)]
    private static partial Regex Ip { get; }

    [GeneratedRegex(@"\b(?:[0-9a-f]{2}-)?[0-9a-f]{32}-[0-9a-f]{16}(?:-[0-9a-f]{1,2})?\b", Linear)]
    private static partial Regex Traceparent { get; }

    [GeneratedRegex(@"\b[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}\b", Linear)]
    private static partial Regex Uuid { get; }

    [GeneratedRegex(@"\b[0-9A-Fa-f]{40}\b", Linear)]
    private static partial Regex Sha1 { get; }

    [GeneratedRegex(@"\b[0-9A-Fa-f]{32}\b", Linear)]
    private static partial Regex Md5 { get; }

    // ISO dates with or without a time, the dates of HTTP and mail, and bare times of day.
    [GeneratedRegex(
        @"\b[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?: ?(?:Z|[+-][0-9]{2}:?[0-9]{2}))?)?\b"
        + @"|\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? )?[0-9]{1,2}[ -](?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*[ -][0-9]{4}(?: [0-9]{2}:[0-9]{2}(?::[0-9]{2})?(?: (?:GMT|UTC|[+-][0-9]{4}))?)?\b"
        + @"|\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]* )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* [0-9]{1,2},? (?:[0-9]{2}:[0-9]{2}:[0-9]{2} )?[0-9]{4}\b"
        + @"|\b[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]+)?\b", Linear)]
    private static partial Regex Date { get; }

    [GeneratedRegex(@"\b(?:[0-9]+(?:\.[0-9]+)?(?:ns|us|µs|ms|s|m|h|d))+\b|\b[0-9]+(?:\.[0-9]+)? (?:ms|milliseconds?|sec|secs|seconds?|min|mins|minutes?|hours?|days?)\b", Linear)]
    private static partial Regex Duration { get; }

    [GeneratedRegex(@"\btx[0-9a-f]{21}-[0-9a-f]{10}(?:-[A-Za-z0-9]+)?\b", Linear)]
    private static partial Regex SwiftTransaction { get; }

    [GeneratedRegex(@"\b0[xX][0-9A-Fa-f]+\b|\b[0-9A-Fa-f]{13,}\b", Linear)]
    private static partial Regex Hex { get; }

    [GeneratedRegex(@"\b[0-9a-f]{7,12}\b", Linear)]
    private static partial Regex GitSha { get; }

    [GeneratedRegex(@"-?\b[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?\b", Linear)]
    private static partial Regex Float { get; }

    [GeneratedRegex(@"-?\b[0-9]+\b", Linear)]
    private static partial Regex Int { get; }

    // Only the right side of key='value': other quoted texts are often what tells two errors apart.
    [GeneratedRegex(@"= ?(?:'[^'\n]*'|""[^""\n]*"")", Linear)]
    private static partial Regex QuotedValue { get; }

    [GeneratedRegex(@"= ?(?:true|false)\b", Linear | RegexOptions.IgnoreCase)]
    private static partial Regex BoolValue { get; }
}

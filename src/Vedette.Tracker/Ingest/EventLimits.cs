namespace Vedette.Tracker.Ingest;

/// <summary>How much of an event is kept; lengths are UTF-16 units (<c>spec/domain.md</c> 1.10, the rest decided here).</summary>
public static class EventLimits
{
    public const int Message = 8192;
    public const int TagKey = 200;
    public const int TagValue = 200;
    public const int Tags = 200;
    public const int Release = 200;
    public const int Environment = 64;
    public const int Dist = 64;
    public const int ServerName = 256;
    public const int Transaction = 200;
    public const int Culprit = 200;
    public const int Logger = 64;
    public const int Platform = 64;
    public const int ExceptionType = 256;
    public const int ExceptionValue = 8192;
    public const int UserMember = 256;
    public const int FeedbackMessage = 4096;
    public const int Frames = 50;
    public const int Exceptions = 50;
    public const int Threads = 500;
    public const int Breadcrumbs = 100;
    public const int Pairs = 500;
    public const int Modules = 2000;
    public const int Fingerprint = 100;
    public const int Errors = 50;
    public const int ExtraBytes = 256 * 1024;
    public const int ContextsBytes = 8 * 1024;

    /// <summary>Never ends in half a surrogate pair, so the result may be one unit shorter than asked.</summary>
    public static string Cut(string text, int max)
    {
        if (text.Length <= max)
            return text;

        return text[..(char.IsHighSurrogate(text[max - 1]) ? max - 1 : max)];
    }

    /// <summary>At most <paramref name="max"/> units, the last three of them dots when something was left out.</summary>
    public static string Ellipsis(string text, int max) => text.Length <= max ? text : Cut(text, max - 3) + "...";

    /// <summary>Both ends say more than what lies between: the entry point and the crash, the first cause and the last.</summary>
    public static List<T> WithoutMiddle<T>(List<T> items, int max) =>
        items.Count <= max ? items : [.. items[..(max / 2)], .. items[^(max - (max / 2))..]];
}

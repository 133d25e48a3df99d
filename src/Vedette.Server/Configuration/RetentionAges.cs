using System.Diagnostics.CodeAnalysis;
using Vedette.Engine.Deliveries;

namespace Vedette.Server.Configuration;

/// <summary>How long what is kept. Deliveries that are pending or held are kept beside that.</summary>
internal sealed record RetentionAges
{
    public const string DefaultText = "events=90d,attempts=30d,payloads=30d";

    /// <summary>SDK events, and issues of which nothing is left.</summary>
    public TimeSpan Events { get; private init; } = TimeSpan.FromDays(90);

    public TimeSpan Attempts { get; private init; } = TimeSpan.FromDays(30);

    /// <summary>What was or is to be sent, with the deliveries of it.</summary>
    public TimeSpan Payloads { get; private init; } = TimeSpan.FromDays(30);

    /// <param name="text">Names and durations; what is not named keeps its default.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out RetentionAges? ages, [NotNullWhen(false)] out string? problem)
    {
        ages = null;
        problem = null;
        var read = new RetentionAges();
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var pair = part.Split('=', 2, StringSplitOptions.TrimEntries);
            if (pair.Length != 2 || !RetrySchedule.TryParseDuration(pair[1], out var age) || age == TimeSpan.Zero)
            {
                problem = $"'{part}' is not a name and a duration like events=90d";
                return false;
            }

            if (!named.Add(pair[0]))
            {
                problem = $"{pair[0]} is named twice";
                return false;
            }

            switch (pair[0])
            {
                case "events":
                    read = read with { Events = age };
                    break;
                case "attempts":
                    read = read with { Attempts = age };
                    break;
                case "payloads":
                    read = read with { Payloads = age };
                    break;
                default:
                    problem = $"'{pair[0]}' is none of events, attempts and payloads";
                    return false;
            }
        }

        ages = read;
        return true;
    }
}

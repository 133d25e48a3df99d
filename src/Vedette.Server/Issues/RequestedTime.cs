using System.Diagnostics.CodeAnalysis;
using Vedette.Tracker.Ingest;
using Vedette.Tracker.Search;

namespace Vedette.Server.Issues;

/// <summary>Which time and which environments a request means.</summary>
internal static class RequestedTime
{
    /// <summary>Reads <c>statsPeriod</c>, or else <c>start</c> and <c>end</c>.</summary>
    /// <param name="from"><c>null</c> when the request means all times.</param>
    /// <param name="until">No longer meant; <c>null</c> for the time that is to come.</param>
    public static bool TryRead(
        IQueryCollection given, DateTimeOffset now, out DateTimeOffset? from, out DateTimeOffset? until, [NotNullWhen(false)] out string? wrong)
    {
        (from, until, wrong) = (null, null, null);
        if (given["statsPeriod"].FirstOrDefault() is { Length: > 0 } period)
        {
            if (SearchTime.TryReadDuration(period) is { } span && span > TimeSpan.Zero)
                from = now - span;
            else
                wrong = $"Invalid statsPeriod: '{period}'";
            return wrong is null;
        }

        var (start, end) = (given["start"].FirstOrDefault(), given["end"].FirstOrDefault());
        if (string.IsNullOrEmpty(start) && string.IsNullOrEmpty(end))
            return true;

        (from, until) = (SdkInstant.Read(start), SdkInstant.Read(end));
        if (from is null || until is null)
            wrong = "start and end are both required, as instants such as 2026-03-01T12:00:00Z";
        else if (from >= until)
            wrong = "start must be before end";
        return wrong is null;
    }

    /// <summary>Empty for all.</summary>
    public static IReadOnlyList<string> Environments(IQueryCollection given) =>
        [.. given["environment"].OfType<string>().Where(name => name.Length > 0).Distinct(StringComparer.Ordinal)];
}

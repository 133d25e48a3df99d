using System.Globalization;
using System.Text;
using Vedette.Tracker;
using Vedette.Tracker.Ingest;
using Vedette.Tracker.Issues;
using Vedette.Wire.Json;

namespace Vedette.Server.Components;

/// <summary>
/// What the fields of a form are filled with before somebody types: <c>issue.title</c>, and <c>issue.description</c>, which is
/// a link to the issue in Markdown, and the stack trace of its newest event.
/// </summary>
internal sealed record IssueTexts(string Title, string Description)
{
    private const int MostFrames = 50;
    private const int MostCharacters = 16 * 1024;

    /// <param name="newest">Of its events; <c>null</c> when it has none left.</param>
    /// <param name="appName">For whom the description is: the link says so.</param>
    public static IssueTexts Of(Issue issue, StoredEvent? newest, string appName, Links links)
    {
        var link = $"Sentry Issue: [{issue.QualifiedShortId}]({links.IssueWeb(issue.OrganizationSlug, issue.Id)}?referrer={Uri.EscapeDataString(appName)})";
        var trace = newest is null ? "" : StackTraceOf(newest);
        return new(issue.Title, trace.Length == 0 ? link : $"{link}\n\n```\n{trace}\n```");
    }

    /// <summary>Of the first exception that has one, as its platform writes it: Python with the newest call last, all others with it first.</summary>
    private static string StackTraceOf(StoredEvent stored)
    {
        if (!LenientJson.TryParse(stored.Body, out var value, out _) || value is not JsonMap body)
            return "";

        var exception = (body.Map("exception")?.List("values") ?? []).OfType<JsonMap>().FirstOrDefault(each => each.Map("stacktrace")?.List("frames") is { Count: > 0 });
        if (exception is null)
            return "";

        // Frames are kept oldest first; of more than fit, the newest count.
        var frames = exception.Map("stacktrace")!.List("frames")!.OfType<JsonMap>().TakeLast(MostFrames).ToList();
        var what = string.Join(": ", new[] { exception.Text("type"), exception.Text("value") }.Where(part => !string.IsNullOrEmpty(part)));
        var trace = stored.Platform == "python"
            ? string.Join('\n', frames.SelectMany(PythonLines).Prepend("Traceback (most recent call last):").Append(what))
            : string.Join('\n', frames.AsEnumerable().Reverse().Select(Line).Prepend(what));
        return trace.Length <= MostCharacters ? trace : $"{EventLimits.Cut(trace, MostCharacters)}\n...";
    }

    private static IEnumerable<string> PythonLines(JsonMap frame)
    {
        yield return $"  File \"{FileOf(frame)}\", line {Number(frame["lineno"])}, in {frame.Text("function") ?? "?"}";
        if (frame.Text("context_line") is { } code)
            yield return $"    {code.Trim()}";
    }

    private static string Line(JsonMap frame)
    {
        var line = new StringBuilder("    at ");
        if (frame.Text("module") is { Length: > 0 } module && frame.Text("filename") != module)
            line.Append(module).Append('.');
        line.Append(frame.Text("function") ?? "?").Append(" (").Append(FileOf(frame));
        foreach (var place in new[] { frame["lineno"], frame["colno"] }.OfType<double>())
            line.Append(CultureInfo.InvariantCulture, $":{place:0}");
        return line.Append(')').ToString();
    }

    private static string FileOf(JsonMap frame) => frame.Text("filename") ?? frame.Text("abs_path") ?? frame.Text("module") ?? "?";

    private static string Number(object? value) => value is double number ? number.ToString("0", CultureInfo.InvariantCulture) : "?";
}

using System.Diagnostics.CodeAnalysis;
using Vedette.Wire.Json;

namespace Vedette.Server.Installations;

/// <summary>A link to an issue of another tracker, as an app gives it: in a request, or in an answer to one of ours.</summary>
/// <param name="WebUrl">Leads to a page by http or https: it becomes a link.</param>
internal sealed record ExternalIssueForm(string WebUrl, string Project, string Identifier)
{
    private const int LongestText = 255;
    private const int LongestUrl = 2048;

    /// <returns>The first field that is wrong; <c>null</c> when none is.</returns>
    public static (string Field, string Message)? Read(JsonMap given, [NotNull] out ExternalIssueForm? form)
    {
        form = new(given.Text("webUrl") ?? "", given.Text("project") ?? "", given.Text("identifier") ?? "");
        foreach (var (field, most) in new[] { ("webUrl", LongestUrl), ("project", LongestText), ("identifier", LongestText) })
        {
            if (WrongText(given, field, most) is { } wrong)
                return (field, wrong);
        }

        return form.WebUrl.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || form.WebUrl.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
            ? null
            : ("webUrl", "URL must start with http[s]://");
    }

    private static string? WrongText(JsonMap given, string field, int most) => given[field] switch
    {
        null => given.Contains(field) ? "This field may not be null." : "This field is required.",
        not string => "Not a valid string.",
        "" => "This field may not be blank.",
        string text when text.Length > most => $"Ensure this field has no more than {most} characters.",
        string => null,
    };
}

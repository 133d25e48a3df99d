using Vedette.Server.Api;
using Vedette.Tracker.Projects;
using Vedette.Wire.Json;

namespace Vedette.Server.Projects;

/// <summary>A project key as a request wants it, checked. What it does not name stays as it is.</summary>
internal sealed record KeyChange(string Label, bool IsActive, RateLimit? RateLimit)
{
    private const int LongestLabel = 64;
    private const int LongestWindow = 24 * 60 * 60;
    private const int MostEvents = 1_000_000_000;

    /// <returns>The change, or the answer that names the first wrong field.</returns>
    public static (KeyChange? Change, IResult? Refusal) Read(JsonMap body, ProjectKey now)
    {
        var change = new KeyChange(now.Label, now.IsActive, now.RateLimit);
        if (body.Contains("name"))
        {
            if (body.Text("name") is not { Length: > 0 } label)
                return (null, ApiResults.Invalid("name", body["name"] is null or "" ? "This field may not be blank." : "Not a valid string."));
            if (label.Length > LongestLabel)
                return (null, ApiResults.Invalid("name", $"Ensure this field has no more than {LongestLabel} characters."));
            change = change with { Label = label };
        }

        if (body.Contains("isActive"))
        {
            if (body["isActive"] is not bool isActive)
                return (null, ApiResults.Invalid("isActive", "Must be a valid boolean."));
            change = change with { IsActive = isActive };
        }

        if (body.Contains("rateLimit"))
        {
            switch (body["rateLimit"])
            {
                case null:
                    change = change with { RateLimit = null };
                    break;
                case JsonMap limit when Whole(limit["count"], 0, MostEvents) is { } count && Whole(limit["window"], 1, LongestWindow) is { } window:
                    change = change with { RateLimit = new RateLimit(count, window) };
                    break;
                default:
                    return (null, ApiResults.Invalid("rateLimit", $"Must be null, or an object with count (0 to {MostEvents}) and window (1 to {LongestWindow} seconds)."));
            }
        }

        return (change, null);
    }

    private static long? Whole(object? value, long least, long most) =>
        value is double number && number >= least && number <= most && number == Math.Floor(number) ? (long)number : null;
}

namespace Vedette.Server.Issues;

/// <summary>Tags as people call them.</summary>
internal static class TagNames
{
    private static readonly Dictionary<string, string> Known = new()
    {
        ["os"] = "OS",
        ["url"] = "URL",
        ["dist"] = "Distribution",
        ["server_name"] = "Server",
    };

    public static string Of(string key) => Known.GetValueOrDefault(key)
        ?? string.Join(' ', key.Split('_', ' ').Where(word => word.Length > 0).Select(word => $"{char.ToUpperInvariant(word[0])}{word[1..]}"));
}

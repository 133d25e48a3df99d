using System.Text;

namespace Vedette.Storage;

/// <summary>Enums as tables keep them: <c>TooManyRequests</c> is <c>too_many_requests</c>. The names are part of the schema, so a member is never renamed.</summary>
public static class StoredName
{
    public static string Of<T>(T value)
        where T : struct, Enum => Names<T>.ByValue[value];

    /// <exception cref="KeyNotFoundException">The table holds a name that this build does not know.</exception>
    public static T Parse<T>(string name)
        where T : struct, Enum => Names<T>.ByName[name];

    /// <summary><c>null</c> for a name that the enum does not have: for texts that strangers wrote.</summary>
    public static T? TryParse<T>(string name)
        where T : struct, Enum => Names<T>.ByName.TryGetValue(name, out var value) ? value : null;

    private static string Snake(string name)
    {
        var text = new StringBuilder();
        foreach (var c in name)
        {
            if (char.IsAsciiLetterUpper(c) && text.Length > 0)
                text.Append('_');
            text.Append(char.ToLowerInvariant(c));
        }

        return text.ToString();
    }

    private static class Names<T>
        where T : struct, Enum
    {
        public static readonly Dictionary<T, string> ByValue = Enum.GetValues<T>().ToDictionary(v => v, v => Snake(v.ToString()));

        public static readonly Dictionary<string, T> ByName = ByValue.ToDictionary(p => p.Value, p => p.Key, StringComparer.Ordinal);
    }
}

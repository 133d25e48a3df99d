namespace Vedette.Tracker.Issues;

/// <summary>An issue's name for people, <c>WEB-2F</c>: the project's slug and a Crockford base-32 number (<c>spec/domain.md</c> 2.3).</summary>
public static class ShortId
{
    private const string Digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    public static string Format(string projectSlug, long number)
    {
        Span<char> reversed = stackalloc char[13];
        var length = 0;
        do
        {
            reversed[length++] = Digits[(int)(number % 32)];
            number /= 32;
        }
        while (number > 0);

        reversed[..length].Reverse();
        return $"{projectSlug.ToUpperInvariant()}-{reversed[..length]}";
    }

    /// <summary>Splits at the last separator, in any case; O is read as 0, I and L as 1.</summary>
    /// <param name="projectSlug">Lower-case.</param>
    public static bool TryParse(string text, out string projectSlug, out long number)
    {
        (projectSlug, number) = ("", 0);
        var separator = text.LastIndexOfAny(['-', '_', ' ']);
        var code = text.AsSpan(separator + 1);
        if (separator <= 0 || code.Length is 0 or > 12)
            return false;

        foreach (var c in code)
        {
            var digit = Digits.IndexOf(char.ToUpperInvariant(c) switch
            {
                'O' => '0',
                'I' or 'L' => '1',
                var other => other,
            });
            if (digit < 0)
                return false;
            number = (number * 32) + digit;
        }

        projectSlug = text[..separator].ToLowerInvariant();
        return true;
    }
}

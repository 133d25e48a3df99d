using System.Globalization;

namespace Vedette.Server.Api;

/// <summary>A place in a list, <c>value:offset:is_prev</c> (<c>spec/platform-api.md</c> 6). What the numbers mean is the list's business.</summary>
/// <param name="IsPrevious">The page ends before the place instead of beginning after it.</param>
internal sealed record Cursor(long Value, long Offset, bool IsPrevious)
{
    public static bool TryParse(string text, out Cursor cursor)
    {
        cursor = new(0, 0, false);
        var parts = text.Split(':');
        if (parts.Length != 3
            || !long.TryParse(parts[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            || !long.TryParse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var offset)
            || parts[2] is not ("0" or "1"))
        {
            return false;
        }

        cursor = new(value, offset, parts[2] == "1");
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Value}:{Offset}:{(IsPrevious ? 1 : 0)}");
}

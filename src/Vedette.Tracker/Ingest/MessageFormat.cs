using System.Globalization;
using System.Text;
using Vedette.Wire.Json;

namespace Vedette.Tracker.Ingest;

/// <summary>
/// Puts parameters into a message the way <c>printf</c> (<c>%s %5.2f %(name)s</c>) or braces (<c>{} {0} {name}</c>) mean
/// it. Widths and precisions are read over, and what finds no parameter stays as it is.
/// </summary>
/// <param name="parameters">A list, or a map for named places.</param>
internal sealed class MessageFormat(object? parameters)
{
    private const int LongestPlace = 64;
    private const string Conversions = "sdifgGeExXorcaujOp@";

    private readonly StringBuilder output = new();
    private int next;
    private bool filled;

    /// <summary>The message itself when nothing in it takes a parameter; at most <see cref="EventLimits.Message"/> long.</summary>
    public static string Fill(string message, object? parameters)
    {
        if (parameters is not (List<object?> { Count: > 0 } or JsonMap { Count: > 0 }))
            return message;

        return new MessageFormat(parameters).Run(message, '%')
            ?? new MessageFormat(parameters).Run(message, '{')
            ?? message;
    }

    private string? Run(string message, char mark)
    {
        var at = 0;
        while (at < message.Length && output.Length < EventLimits.Message)
        {
            var plain = message.AsSpan(at).IndexOf(mark);
            if (plain < 0)
                plain = message.Length - at;
            output.Append(message.AsSpan(at, plain));
            at += plain;
            if (at < message.Length)
                at += mark == '%' ? Percent(message.AsSpan(at)) : Brace(message.AsSpan(at));
        }

        return filled ? EventLimits.Cut(output.ToString(), EventLimits.Message) : null;
    }

    /// <returns>How much of the message was consumed; it starts with the mark.</returns>
    private int Percent(ReadOnlySpan<char> rest)
    {
        if (rest is ['%', '%', ..])
            return Literal('%', 2);

        var at = 1;
        string? name = null;
        if (rest is [_, '(', ..])
        {
            var end = rest[2..Math.Min(rest.Length, LongestPlace)].IndexOf(')');
            if (end < 0)
                return Literal('%', 1);
            name = rest.Slice(2, end).ToString();
            at = end + 3;
        }

        // A blank is a flag too for printf, but "100% sure" is more common than "% s".
        while (at < rest.Length && at < LongestPlace && "#0123456789.+-*lh".Contains(rest[at]))
            at++;
        if (at >= rest.Length || !Conversions.Contains(rest[at]) || Parameter(name ?? NextPosition()) is not { } text)
            return Literal('%', 1);

        return Filled(text, at + 1);
    }

    private int Brace(ReadOnlySpan<char> rest)
    {
        if (rest is ['{', '{', ..])
            return Literal('{', 2);

        var end = rest[..Math.Min(rest.Length, LongestPlace)].IndexOf('}');
        if (end < 0)
            return Literal('{', 1);

        var place = rest[1..end];
        var detail = place.IndexOfAny("!:,");
        var name = (detail < 0 ? place : place[..detail]).Trim().ToString();
        return Parameter(name.Length == 0 ? NextPosition() : name) is { } text ? Filled(text, end + 1) : Literal('{', 1);
    }

    private int Literal(char c, int consumed)
    {
        output.Append(c);
        return consumed;
    }

    private int Filled(string text, int consumed)
    {
        filled = true;
        output.Append(text);
        return consumed;
    }

    private string NextPosition() => (next++).ToString(CultureInfo.InvariantCulture);

    private string? Parameter(string name) => parameters switch
    {
        List<object?> list when int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at < list.Count => Render(list[at]),
        JsonMap map when map.Contains(name) => Render(map[name]),
        _ => null,
    };

    /// <summary>What costs much to render fills the message at once, so naming one large parameter many times costs nothing.</summary>
    private static string Render(object? value) => EventLimits.Cut(JsonText.Of(value), EventLimits.Message);
}

using System.Globalization;
using System.Text;
using Vedette.Wire.Json;

namespace Vedette.Server.Components;

/// <summary>JSON values as Sentry's error messages show them: in Python's notation.</summary>
internal static class PythonText
{
    private const int Longest = 200;

    /// <summary>Cut after 200 characters, because strangers write the values.</summary>
    public static string Of(object? value)
    {
        var text = new StringBuilder();
        Append(text, value);
        return text.Length <= Longest ? text.ToString() : $"{text.ToString(0, Longest)}...";
    }

    private static void Append(StringBuilder text, object? value)
    {
        switch (value)
        {
            case null:
                text.Append("None");
                break;
            case bool flag:
                text.Append(flag ? "True" : "False");
                break;
            case double number:
                text.Append(number.ToString(CultureInfo.InvariantCulture));
                break;
            case string quoted:
                Quote(text, quoted);
                break;
            case List<object?> list:
                text.Append('[');
                for (var i = 0; i < list.Count && text.Length <= Longest; i++)
                {
                    text.Append(i == 0 ? "" : ", ");
                    Append(text, list[i]);
                }

                text.Append(']');
                break;
            case JsonMap map:
                text.Append('{');
                for (var i = 0; i < map.Count && text.Length <= Longest; i++)
                {
                    text.Append(i == 0 ? "" : ", ");
                    Quote(text, map.Members[i].Key);
                    text.Append(": ");
                    Append(text, map.Members[i].Value);
                }

                text.Append('}');
                break;
            default:
                throw new ArgumentException($"{value.GetType()} is no JSON value", nameof(value));
        }
    }

    /// <summary>Double quotes where the text holds single ones and no double ones.</summary>
    private static void Quote(StringBuilder text, string quoted)
    {
        var mark = quoted.Contains('\'', StringComparison.Ordinal) && !quoted.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        text.Append(mark);
        foreach (var c in quoted)
        {
            text.Append(c switch
            {
                '\\' => @"\\",
                '\n' => @"\n",
                '\r' => @"\r",
                '\t' => @"\t",
                _ when c == mark => $"\\{c}",
                _ when char.IsControl(c) => $"\\x{(int)c:x2}",
                _ => c.ToString(),
            });
        }

        text.Append(mark);
    }
}

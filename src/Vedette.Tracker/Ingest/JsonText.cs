using System.Text;
using Vedette.Wire.Json;

namespace Vedette.Tracker.Ingest;

/// <summary>JSON values as the text that a person would have meant.</summary>
internal static class JsonText
{
    /// <returns><c>null</c> for null and for containers.</returns>
    public static string? OfScalar(object? value) => value switch
    {
        string text => text,
        bool truth => truth ? "true" : "false",
        double number => OfNumber(number),
        _ => null,
    };

    /// <summary>Containers become JSON, so that nothing an SDK said is lost.</summary>
    public static string Of(object? value)
    {
        if (OfScalar(value) is { } text)
            return text;

        var json = new StableJsonWriter();
        json.Value(value);
        return Encoding.UTF8.GetString(json.WrittenSpan);
    }

    private static string OfNumber(double number)
    {
        Span<byte> digits = stackalloc byte[JavaScriptNumber.MaxLength];
        return Encoding.ASCII.GetString(digits[..JavaScriptNumber.Format(number, digits)]);
    }
}

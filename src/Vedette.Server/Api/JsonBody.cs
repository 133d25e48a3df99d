using System.Diagnostics.CodeAnalysis;
using Vedette.Wire.Json;

namespace Vedette.Server.Api;

/// <summary>A request's JSON object, or the 400 or 413 that says why there is none.</summary>
internal sealed record JsonBody(JsonMap? Map, IResult? Refusal)
{
    private const int MostBytes = 1024 * 1024;

    [MemberNotNullWhen(false, nameof(Map))]
    [MemberNotNullWhen(true, nameof(Refusal))]
    public bool IsRefused => Map is null;

    public static Task<JsonBody> ReadAsync(HttpRequest request, CancellationToken ct) => ReadAsync(request, mayBeEmpty: false, ct);

    /// <summary>No body at all is an object without members.</summary>
    public static Task<JsonBody> ReadOptionalAsync(HttpRequest request, CancellationToken ct) => ReadAsync(request, mayBeEmpty: true, ct);

    /// <summary>An object, or a form whose fields become strings; of a field that comes twice the last counts. No body at all is an object without members.</summary>
    public static async Task<JsonBody> ReadFormOrJsonAsync(HttpRequest request, CancellationToken ct)
    {
        if (!request.HasFormContentType)
            return await ReadAsync(request, mayBeEmpty: true, ct);

        var map = new JsonMap();
        try
        {
            foreach (var (name, values) in await FormBody.ReadAsync(request, ct))
                map[LenientJson.Mend(name)] = LenientJson.Mend(values[^1] ?? "");
        }
        catch (InvalidDataException e)
        {
            return new(null, ApiResults.Detail(StatusCodes.Status400BadRequest, $"Form parse error - {e.Message}"));
        }

        return new(map, null);
    }

    private static async Task<JsonBody> ReadAsync(HttpRequest request, bool mayBeEmpty, CancellationToken ct)
    {
        using var buffer = new MemoryStream();
        var chunk = new byte[8192];
        int read;
        while ((read = await request.Body.ReadAsync(chunk, ct)) > 0)
        {
            if (buffer.Length + read > MostBytes)
                return new(null, ApiResults.Detail(StatusCodes.Status413PayloadTooLarge, $"The body is larger than {MostBytes} bytes."));
            buffer.Write(chunk, 0, read);
        }

        if (buffer.Length == 0 && mayBeEmpty)
            return new(new JsonMap(), null);
        if (!LenientJson.TryParse(buffer.GetBuffer().AsSpan(0, (int)buffer.Length), out var value, out var error))
            return new(null, ApiResults.Detail(StatusCodes.Status400BadRequest, $"JSON parse error - {error}"));
        return value is JsonMap map
            ? new(map, null)
            : new(null, ApiResults.Detail(StatusCodes.Status400BadRequest, "JSON parse error - the body is not an object"));
    }
}

using Microsoft.AspNetCore.Http.Features;

namespace Vedette.Server.Api;

/// <summary>The fields of a form. However often they are asked for, the body is read once, and no further than a form of ours can be long.</summary>
internal static class FormBody
{
    private static readonly FormOptions Limits = new()
    {
        ValueCountLimit = 64, KeyLengthLimit = 256, ValueLengthLimit = 8192, MultipartBodyLengthLimit = 8192,
    };

    /// <exception cref="InvalidDataException">The body is no form, or goes beyond the limits.</exception>
    public static async Task<IFormCollection> ReadAsync(HttpRequest request, CancellationToken ct)
    {
        try
        {
            return await request.ReadFormAsync(Limits, ct);
        }
        catch (IOException e) when (e is not BadHttpRequestException)
        {
            throw new InvalidDataException("the form ends before its last boundary", e); // says ASP.NET of a multipart body without one
        }
    }

    /// <returns>Empty when the body has no such field, or is no form.</returns>
    /// <exception cref="BadHttpRequestException">It goes beyond the limits, or cannot be read; the request is answered with 400.</exception>
    public static async Task<string> FieldAsync(HttpRequest request, string name)
    {
        try
        {
            return request.HasFormContentType ? (await ReadAsync(request, request.HttpContext.RequestAborted))[name].ToString() : "";
        }
        catch (InvalidDataException e)
        {
            throw new BadHttpRequestException($"Form parse error - {e.Message}", e);
        }
    }
}

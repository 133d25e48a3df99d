using System.Buffers.Binary;
using System.Buffers.Text;
using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Tracker;

namespace Vedette.Server.Apps;

/// <summary>Pictures of apps.</summary>
internal static class AvatarEndpoints
{
    private const int Smallest = 256;
    private const int Largest = 1024;
    private static ReadOnlySpan<byte> PngSignature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a];

    extension(IEndpointRouteBuilder routes)
    {
        public void MapAvatars()
        {
            routes.MapGet("/api/0/sentry-apps/{app}/avatar/", Show).RequireAnyScopeUnlessPublished(AppEndpoints.OrganizationRead);
            routes.MapPut("/api/0/sentry-apps/{app}/avatar/", ChangeAsync).RequireAnyScope("org:write", "org:admin");
            routes.MapGet("/sentry-app-avatar/{uuid}/", PictureAsync);
        }
    }

    private static IResult Show(Access access, AppStore apps, Links links, TimeProvider time) =>
        AppEndpoints.Answer(StatusCodes.Status200OK, access.App!, access, apps, links, time);

    /// <summary><c>color</c> chooses the logo, else the icon; <c>avatar_type: default</c> removes it.</summary>
    private static async Task<IResult> ChangeAsync(
        HttpRequest request, Access access, AvatarStore avatars, AppStore apps, Links links, TimeProvider time, CancellationToken ct)
    {
        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;
        if (body.Map.Text("avatar_type") is not ("default" or "upload"))
            return ApiResults.Invalid("avatar_type", "Must be default or upload.");
        if (body.Map["color"] is not (null or bool))
            return ApiResults.Invalid("color", "Must be a valid boolean.");

        byte[]? png = null;
        if (body.Map.Text("avatar_type") == "upload")
        {
            if (body.Map.Text("avatar_photo") is not { Length: > 0 } photo)
                return ApiResults.Invalid("avatar_photo", "This field is required.");
            if (!Base64.IsValid(photo))
                return ApiResults.Invalid("avatar_photo", "Unable to decode the image: it is not base64.");
            png = Convert.FromBase64String(photo);
            if (WhyNot(png) is { } wrong)
                return ApiResults.Invalid("avatar_photo", wrong);
        }

        await avatars.SetAsync(access.App!, body.Map["color"] is true ? "logo" : "icon", png, ct);
        return await apps.FindAsync(access.App!.Slug, ct) is { } changed
            ? AppEndpoints.Answer(StatusCodes.Status200OK, changed, access, apps, links, time)
            : AppAnswers.NotFound();
    }

    /// <summary>Anybody who knows its name may see it. Browsers take it for nothing but a picture.</summary>
    private static async Task<IResult> PictureAsync(string uuid, HttpResponse response, AvatarStore avatars, CancellationToken ct)
    {
        if (await avatars.FindAsync(uuid, ct) is not { } png)
            return ApiResults.NotFound();

        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        response.Headers.CacheControl = "public, max-age=86400";
        return Results.Bytes(png, "image/png");
    }

    /// <summary>Looks at the first chunk, which says how large the picture is (PNG specification 11.2.1).</summary>
    private static string? WhyNot(ReadOnlySpan<byte> png)
    {
        if (png.Length < 33 || !png.StartsWith(PngSignature) || !png.Slice(12, 4).SequenceEqual("IHDR"u8))
            return "The image must be a PNG.";

        var (width, height) = (BinaryPrimitives.ReadUInt32BigEndian(png[16..]), BinaryPrimitives.ReadUInt32BigEndian(png[20..]));
        if (width != height)
            return "The image must be square.";
        return width is < Smallest or > Largest ? $"The image must be {Smallest} to {Largest} pixels wide." : null;
    }
}

using System.IO.Compression;
using System.Security.Cryptography;

namespace Vedette.Server.Web;

/// <summary>
/// What browsers load beside the pages. It is part of this assembly (<c>Assets/Assets.targets</c>), and stands at a path
/// that changes with it, so browsers need not ask for it again.
/// </summary>
internal static class WebAssets
{
    private static readonly Dictionary<string, Lazy<Asset>> Assets = new(StringComparer.Ordinal)
    {
        ["vedette.css"] = new(() => Asset.Load("vedette.css", "text/css; charset=utf-8")),
        ["icons.svg"] = new(() => Asset.Load("icons.svg", "image/svg+xml")),
        ["logo.svg"] = new(() => Asset.Load("logo.svg", "image/svg+xml")),
    };

    extension(IEndpointRouteBuilder routes)
    {
        public void MapWebAssets() => routes.MapGet("/_static/{hash}/{name}", Serve);
    }

    public static string PathOf(string name) => $"/_static/{Assets[name].Value.Hash}/{name}";

    /// <summary>A page of another version of this server may ask for its own; it gets this one, and may not keep it.</summary>
    private static IResult Serve(string hash, string name, HttpContext context)
    {
        if (!Assets.TryGetValue(name, out var found))
            return Results.NotFound();

        var asset = found.Value;
        var headers = context.Response.Headers;
        headers.CacheControl = hash == asset.Hash ? "public, max-age=31536000, immutable" : "no-cache";
        headers.XContentTypeOptions = "nosniff";
        headers.Vary = "Accept-Encoding";
        if (!context.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase))
            return Results.Stream(asset.Unpack(), asset.ContentType);

        headers.ContentEncoding = "gzip";
        return Results.Bytes(asset.Gzip, asset.ContentType);
    }

    /// <param name="Gzip">All that is kept of it in memory.</param>
    private sealed record Asset(string ContentType, string Hash, byte[] Gzip)
    {
        public static Asset Load(string name, string contentType)
        {
            using var resource = typeof(WebAssets).Assembly.GetManifestResourceStream($"assets/{name}")!;
            using var packed = new MemoryStream();
            using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize))
                resource.CopyTo(gzip);
            return new(contentType, Convert.ToHexStringLower(SHA256.HashData(packed.ToArray()))[..16], packed.ToArray());
        }

        public Stream Unpack() => new GZipStream(new MemoryStream(Gzip), CompressionMode.Decompress);
    }
}

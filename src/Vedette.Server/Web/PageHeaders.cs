namespace Vedette.Server.Web;

/// <summary>What browsers may do with a page: load what this server has, run nothing, and show it in no frame of anybody.</summary>
internal static class PageHeaders
{
    /// <param name="formTargets">Browsers hold the redirect after a form to this list as well.</param>
    public static void Write(IHeaderDictionary headers, IReadOnlyList<Uri> formTargets)
    {
        headers.ContentSecurityPolicy = string.Join("; ",
            "default-src 'none'", "style-src 'self'", "img-src 'self' data:", "base-uri 'none'", "frame-ancestors 'none'",
            $"form-action {string.Join(' ', formTargets.Select(Source).Prepend("'self'"))}");
        headers.XFrameOptions = "DENY";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
    }

    /// <summary>Of an address, what the policy asks about: its origin, or its scheme where it has no host.</summary>
    private static string Source(Uri target) =>
        target.Scheme is "http" or "https" ? $"{target.Scheme}://{target.IdnHost}:{target.Port}" : $"{target.Scheme}:";
}

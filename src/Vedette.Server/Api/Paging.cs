using System.Globalization;

namespace Vedette.Server.Api;

/// <summary>What a request says about the page that it wants.</summary>
/// <param name="Cursor"><c>null</c> for the first page.</param>
internal sealed record Paging(int PerPage, Cursor? Cursor)
{
    private const int Most = 100;

    /// <summary>Reads <c>per_page</c> (or <c>limit</c>), 1 to 100, and <c>cursor</c>; an empty cursor is the first page.</summary>
    /// <returns><c>null</c> when the request is fine, else its 400.</returns>
    public static IResult? Refuse(HttpRequest request, out Paging paging)
    {
        paging = new(Most, null);
        var size = request.Query["per_page"].FirstOrDefault() ?? request.Query["limit"].FirstOrDefault();
        if (!string.IsNullOrEmpty(size))
        {
            if (!int.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var perPage) || perPage is < 1 or > Most)
                return ApiResults.Detail(StatusCodes.Status400BadRequest, $"Invalid per_page value. Must be between 1 and {Most}.");
            paging = paging with { PerPage = perPage };
        }

        var text = request.Query["cursor"].FirstOrDefault();
        if (string.IsNullOrEmpty(text))
            return null;
        if (!Cursor.TryParse(text, out var cursor))
            return ApiResults.Detail(StatusCodes.Status400BadRequest, "Invalid cursor parameter.");

        paging = paging with { Cursor = cursor };
        return null;
    }

    /// <summary>Sets the <c>Link</c> header with both links, as clients expect also when a page does not exist.</summary>
    public static void SetLinks(HttpContext context, string baseUrl, Cursor previous, bool hasPrevious, Cursor next, bool hasNext)
    {
        var request = context.Request;
        var query = string.Concat(request.Query
            .Where(pair => pair.Key != "cursor")
            .SelectMany(pair => pair.Value.Select(value => $"{Uri.EscapeDataString(pair.Key)}={Uri.EscapeDataString(value ?? "")}&")));
        var url = $"{baseUrl}{request.Path.ToUriComponent()}?{(query.Length == 0 ? "&" : query)}cursor=";
        context.Response.Headers.Link = $"{Link("previous", previous, hasPrevious)}, {Link("next", next, hasNext)}";

        string Link(string rel, Cursor cursor, bool results) =>
            $"<{url}{cursor}>; rel=\"{rel}\"; results=\"{(results ? "true" : "false")}\"; cursor=\"{cursor}\"";
    }

    /// <summary>
    /// For lists of any length, ordered by a value and a number: the cursor's value and offset. Sets the links.
    /// </summary>
    /// <param name="found">One more than a page, if there are so many: those after the cursor, or those before it, nearest first.</param>
    public IReadOnlyList<T> Page<T>(HttpContext context, string baseUrl, IReadOnlyList<T> found, Func<T, (long Value, long Number)> place)
    {
        var backwards = Cursor?.IsPrevious == true;
        var more = found.Count > PerPage;
        IReadOnlyList<T> page = backwards ? [.. found.Take(PerPage).Reverse()] : [.. found.Take(PerPage)];

        // An empty page: nothing is newer than the place yet, and all that is older begins at the top; or the list has ended.
        var first = page.Count > 0 ? At(page[0], true) : backwards ? Cursor! : new Cursor(0, 0, true);
        var last = page.Count > 0 ? At(page[^1], false) : new Cursor(backwards ? long.MaxValue : 0, 0, false);
        SetLinks(context, baseUrl, first, backwards ? more : Cursor is not null, last, backwards ? Cursor is not null : more);
        return page;

        Cursor At(T item, bool isPrevious) => new(place(item).Value, place(item).Number, isPrevious);
    }

    /// <summary>For short lists: pages by number, the cursor's offset.</summary>
    public IReadOnlyList<T> Slice<T>(HttpContext context, string baseUrl, IReadOnlyList<T> all)
    {
        var page = Math.Max(0, Cursor?.Offset ?? 0);
        var from = page > all.Count / PerPage ? all.Count : (int)page * PerPage;
        SetLinks(
            context,
            baseUrl,
            new Cursor(PerPage, page - 1, true),
            page > 0,
            new Cursor(PerPage, page + 1, false),
            from + PerPage < all.Count);
        return [.. all.Skip(from).Take(PerPage)];
    }
}

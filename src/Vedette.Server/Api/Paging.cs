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
    /// The page, and its links. The place of a row is its key, so rows that come and go between two pages neither shift nor
    /// hide the others (<c>docs/decisions/0012</c>).
    /// </summary>
    /// <param name="found">One more than a page, if there are so many: those after the cursor, or those before it, nearest first.</param>
    /// <param name="place">The key that the list is sorted by, a value and a number that tells equal ones apart; none is below 0.</param>
    public IReadOnlyList<T> Page<T>(
        HttpContext context, string baseUrl, IReadOnlyList<T> found, Func<T, (long Value, long Number)> place, ListOrder order = ListOrder.NewestFirst)
    {
        var backwards = Cursor?.IsPrevious == true;
        var more = found.Count > PerPage;
        IReadOnlyList<T> page = backwards ? [.. found.Take(PerPage).Reverse()] : [.. found.Take(PerPage)];

        // An empty page: nothing is before the place yet, and all that is after it begins at the list's beginning; or the list has ended.
        var (beginning, end) = order switch
        {
            ListOrder.NewestFirst => (long.MaxValue, 0L),
            ListOrder.OldestFirst => (0L, long.MaxValue),
        };
        var first = page.Count > 0 ? At(page[0], true) : backwards ? Cursor! : new Cursor(end, 0, true);
        var last = page.Count > 0 ? At(page[^1], false) : new Cursor(backwards ? beginning : end, 0, false);
        SetLinks(context, baseUrl, first, backwards ? more : Cursor is not null, last, backwards ? Cursor is not null : more);
        return page;

        Cursor At(T item, bool isPrevious) => new(place(item).Value, place(item).Number, isPrevious);
    }

    /// <summary>The same for lists that are short enough to be read whole; it sorts them.</summary>
    public IReadOnlyList<T> PageOf<T>(HttpContext context, string baseUrl, IReadOnlyList<T> all, Func<T, long> key, ListOrder order)
    {
        var isRising = order == ListOrder.OldestFirst != (Cursor?.IsPrevious == true);
        var rest = Cursor is { Value: var at } ? all.Where(item => isRising ? key(item) > at : key(item) < at) : all;
        List<T> found = [.. (isRising ? rest.OrderBy(key) : rest.OrderByDescending(key)).Take(PerPage + 1)];
        return Page(context, baseUrl, found, item => (key(item), 0), order);
    }
}

/// <summary>Which way the keys of a list go.</summary>
internal enum ListOrder
{
    NewestFirst,
    OldestFirst,
}

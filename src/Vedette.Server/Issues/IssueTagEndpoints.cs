using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Storage;
using Vedette.Tracker;
using Vedette.Tracker.Issues;
using Vedette.Wire.Json;

namespace Vedette.Server.Issues;

/// <summary>What tags the events of an issue have, and how often each value.</summary>
internal static class IssueTagEndpoints
{
    private const int TopValues = 10;

    /// <summary>Who has more can search for the value.</summary>
    private const int MostValues = 10_000;

    extension(IEndpointRouteBuilder routes)
    {
        public void MapIssueTags()
        {
            foreach (var issues in IssueEndpoints.Prefixes)
            {
                routes.MapGet($"{issues}{{issue}}/tags/", ListAsync).RequireAnyScope(IssueEndpoints.EventRead);
                routes.MapGet($"{issues}{{issue}}/tags/{{tag}}/", ShowAsync).RequireAnyScope(IssueEndpoints.EventRead);
                routes.MapGet($"{issues}{{issue}}/tags/{{tag}}/values/", ValuesAsync).RequireAnyScope(IssueEndpoints.EventRead);
            }
        }
    }

    /// <summary>All of them, or those that <c>key</c> names.</summary>
    private static async Task<IResult> ListAsync(
        string issue, HttpRequest request, Access access, IssueStore store, IssueTagStore tags, CancellationToken ct)
    {
        if (await IssueEndpoints.FindAsync(access, issue, store, ct) is not { } found)
            return ApiResults.NotFound();

        var keys = request.Query["key"].OfType<string>().ToHashSet(StringComparer.Ordinal);
        var shown = new List<(IssueTag Tag, IReadOnlyList<TagValue> Top)>();
        foreach (var tag in (await tags.TagsAsync(found.Id, ct)).Where(tag => keys.Count == 0 || keys.Contains(tag.Key)))
            shown.Add((tag, await tags.ValuesAsync(found.Id, tag.Key, TagValueOrder.Times, "", TopValues, ct)));
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartArray();
            foreach (var (tag, top) in shown)
                Write(json, tag, top);
            json.EndArray();
        });
    }

    private static async Task<IResult> ShowAsync(string issue, string tag, Access access, IssueStore store, IssueTagStore tags, CancellationToken ct)
    {
        if (await IssueEndpoints.FindAsync(access, issue, store, ct) is not { } found || await tags.TagAsync(found.Id, tag, ct) is not { } counted)
            return ApiResults.NotFound();

        var top = await tags.ValuesAsync(found.Id, tag, TagValueOrder.Times, "", TopValues, ct);
        return ApiResults.Json(StatusCodes.Status200OK, json => Write(json, counted, top));
    }

    /// <summary>Values that were seen equally often, or at the same time, are in the order of the alphabet, in which a number tells them apart.</summary>
    private static async Task<IResult> ValuesAsync(
        string issue, string tag, HttpContext context, Access access, IssueStore store, IssueTagStore tags, Links links, CancellationToken ct)
    {
        if (Paging.Refuse(context.Request, out var paging) is { } refusal)
            return refusal;
        TagValueOrder? order = context.Request.Query["sort"].FirstOrDefault() switch
        {
            null or "" or "-date" or "date" or "-last_seen" => TagValueOrder.LastSeen,
            "-count" or "count" => TagValueOrder.Times,
            "-age" or "age" or "-first_seen" => TagValueOrder.FirstSeen,
            _ => null,
        };
        if (order is not { } chosen)
            return ApiResults.Detail(StatusCodes.Status400BadRequest, "Invalid sort parameter. Must be one of: date, count, age.");
        if (await IssueEndpoints.FindAsync(access, issue, store, ct) is not { } found || await tags.TagAsync(found.Id, tag, ct) is null)
            return ApiResults.NotFound();

        var all = await tags.ValuesAsync(found.Id, tag, chosen, context.Request.Query["query"].FirstOrDefault() ?? "", MostValues, ct);
        var placed = all.GroupBy(value => ValueOf(value, chosen)).SelectMany(equal => equal.Select((value, i) => (Value: value, Place: (equal.Key, Number: MostValues - (long)i)))).ToList();
        var page = paging.Page(context, links.BaseUrl, [.. After(placed, paging).Take(paging.PerPage + 1)], each => each.Place);
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartArray();
            foreach (var (value, _) in page)
                Write(json, tag, value);
            json.EndArray();
        });
    }

    private static IEnumerable<(TagValue Value, (long Key, long Number) Place)> After(IReadOnlyList<(TagValue Value, (long Key, long Number) Place)> placed, Paging paging) =>
        paging.Cursor switch
        {
            null => placed,
            { IsPrevious: true } cursor => placed.Where(each => each.Place.CompareTo((cursor.Value, cursor.Offset)) > 0).Reverse(),
            { } cursor => placed.Where(each => each.Place.CompareTo((cursor.Value, cursor.Offset)) < 0),
        };

    private static long ValueOf(TagValue value, TagValueOrder order) => order switch
    {
        TagValueOrder.Times => value.Times,
        TagValueOrder.LastSeen => value.LastSeen,
        TagValueOrder.FirstSeen => value.FirstSeen,
    };

    private static void Write(StableJsonWriter json, IssueTag tag, IReadOnlyList<TagValue> top)
    {
        json.StartObject();
        json.Name("key"u8);
        json.Value(tag.Key);
        json.Name("name"u8);
        json.Value(TagNames.Of(tag.Key));
        json.Name("uniqueValues"u8);
        json.Value(tag.UniqueValues);
        json.Name("totalValues"u8);
        json.Value(tag.TotalValues);
        json.Name("topValues"u8);
        json.StartArray();
        foreach (var value in top)
            Write(json, tag.Key, value);
        json.EndArray();
        json.EndObject();
    }

    private static void Write(StableJsonWriter json, string key, TagValue value)
    {
        json.StartObject();
        json.Name("key"u8);
        json.Value(key);
        json.Name("name"u8);
        json.Value(value.Value);
        json.Name("value"u8);
        json.Value(value.Value);
        json.Name("count"u8);
        json.Value(value.Times);
        json.Name("firstSeen"u8);
        json.Instant(UnixMicroseconds.ToInstant(value.FirstSeen));
        json.Name("lastSeen"u8);
        json.Instant(UnixMicroseconds.ToInstant(value.LastSeen));
        json.EndObject();
    }
}

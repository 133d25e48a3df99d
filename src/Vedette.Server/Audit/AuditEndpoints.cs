using System.Globalization;
using System.Text;
using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Storage;
using Vedette.Tracker;
using Vedette.Wire.Json;

namespace Vedette.Server.Audit;

internal static class AuditEndpoints
{
    extension(IEndpointRouteBuilder routes)
    {
        public void MapAuditLog() =>
            routes.MapGet("/api/0/organizations/{organization}/audit-logs/", ListAsync).RequireAnyScope("org:write", "org:admin");
    }

    /// <summary>An object with the page as <c>rows</c>, and as <c>options</c> what <c>?event=</c> takes; <c>?actor=</c> takes the id of an account.</summary>
    private static async Task<IResult> ListAsync(HttpContext context, Access access, AuditLog audit, Links links, CancellationToken ct)
    {
        if (Paging.Refuse(context.Request, out var paging) is { } badPage)
            return badPage;

        var query = context.Request.Query;
        var wanted = query["event"].FirstOrDefault();
        var name = AuditEvents.ApiNames.FirstOrDefault(each => each.Value == wanted).Key;
        if (!string.IsNullOrEmpty(wanted) && name is null)
            return ApiResults.Invalid("event", $"'{wanted}' is not a valid choice.");
        long? actor = null;
        if (query["actor"].FirstOrDefault() is { Length: > 0 } text)
        {
            if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
                return ApiResults.Invalid("actor", "A valid integer is required.");
            actor = id;
        }

        var place = paging.Cursor is { } cursor ? (cursor.Value, cursor.Offset) : ((long, long)?)null;
        var filter = new AuditFilter(access.Organization!.Id, name, actor);
        var found = await audit.ListAsync(filter, place, paging.Cursor?.IsPrevious == true, paging.PerPage + 1, ct);
        var page = paging.Page(context, links.BaseUrl, found, entry => (entry.CreatedAt, entry.Id));
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartObject();
            json.Name("rows"u8);
            json.StartArray();
            foreach (var entry in page)
                Write(json, entry);
            json.EndArray();
            json.Name("options"u8);
            json.StartArray();
            foreach (var option in AuditEvents.ApiNames.Values.Order(StringComparer.Ordinal))
                json.Value(option);
            json.EndArray();
            json.EndObject();
        });
    }

    private static void Write(StableJsonWriter json, LoggedAudit entry)
    {
        var data = LenientJson.TryParse(Encoding.UTF8.GetBytes(entry.Data), out var tree, out _) ? (JsonMap)tree! : new JsonMap();
        json.StartObject();
        json.Name("id"u8);
        json.Value(entry.Id.ToString(CultureInfo.InvariantCulture));
        json.Name("actor"u8);
        json.StartObject();
        json.Name("id"u8);
        json.Value(entry.ActorId?.ToString(CultureInfo.InvariantCulture));
        json.Name("name"u8);
        json.Value(entry.ActorLabel);
        json.EndObject();
        json.Name("event"u8);
        json.Value(AuditEvents.ApiNames[entry.Event]);
        json.Name("ipAddress"u8);
        json.Value(entry.Ip);
        json.Name("note"u8);
        json.Value(AuditEvents.Note(entry.Event, data));
        json.Name("targetObject"u8);
        if (entry.TargetId is { } target)
            json.Value(target);
        else
            json.Null();
        json.Name("targetUser"u8);
        json.Null();
        json.Name("data"u8);
        json.Value(data);
        json.Name("dateCreated"u8);
        json.Instant(UnixMicroseconds.ToInstant(entry.CreatedAt));
        json.EndObject();
    }
}

using Vedette.Engine.DeliveryLog;
using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Tracker;

namespace Vedette.Server.DeliveryLog;

/// <summary>Vedette's own log: every delivery, why it is as it is, and everything that is kept of its attempts.</summary>
internal static class DeliveryLogEndpoints
{
    private static readonly string[] EventRead = ["event:read", "event:write", "event:admin"];

    extension(IEndpointRouteBuilder routes)
    {
        public void MapDeliveryLog()
        {
            var organization = routes.MapGroup("/api/vedette/organizations/{organization}/");
            organization.MapGet("deliveries/", ListAsync).RequireAnyScope(EventRead);
            organization.MapGet("deliveries/{delivery:long}/", ShowAsync).RequireAnyScope(EventRead);
            organization.MapGet("explain/", ExplainAsync).RequireAnyScope(EventRead);
        }
    }

    private static async Task<IResult> ListAsync(
        HttpContext context, Access access, DeliveryLogStore log, Links links, TimeProvider time, CancellationToken ct)
    {
        if (Paging.Refuse(context.Request, out var paging) is { } badPage)
            return badPage;

        var query = context.Request.Query;
        var (filter, refusal) = await DeliveryQuestion.ReadAsync(name => query[name].FirstOrDefault(), access.Organization!.Id, log, ct);
        if (refusal is not null)
            return refusal;

        var place = paging.Cursor is { } cursor ? new DeliveryPlace(cursor.Value, cursor.Offset) : null;
        var found = await log.ListAsync(filter, place, paging.Cursor?.IsPrevious == true, paging.PerPage + 1, ct);
        var page = paging.Page(context, links.BaseUrl, found, delivery => (delivery.CreatedAtUs, delivery.Id));
        var now = time.GetUtcNow();
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartArray();
            foreach (var delivery in page)
            {
                json.StartObject();
                DeliveryJson.WriteMembers(json, delivery, now);
                json.EndObject();
            }

            json.EndArray();
        });
    }

    private static async Task<IResult> ShowAsync(long delivery, Access access, DeliveryLogStore log, TimeProvider time, CancellationToken ct) =>
        await log.DetailAsync(access.Organization!.Id, delivery, ct) is { } found
            ? ApiResults.Json(StatusCodes.Status200OK, json => DeliveryJson.Write(json, found, time.GetUtcNow()))
            : ApiResults.NotFound();

    private static async Task<IResult> ExplainAsync(HttpRequest request, Access access, DeliveryLogStore log, TimeProvider time, CancellationToken ct)
    {
        var organizationId = access.Organization!.Id;
        if (DeliveryQuestion.Number(request.Query["event"]) is not { } eventId)
            return ApiResults.Invalid("event", "Must be the number of an event.");
        if (request.Query["destination"].FirstOrDefault() is not { Length: > 0 } named)
            return ApiResults.Invalid("destination", "Must be the number of a destination.");

        var destination = DeliveryQuestion.Number(named) ?? await log.DestinationAsync(organizationId, named, ct);
        return destination is { } destinationId
            && await log.ExplainAsync(organizationId, eventId, destinationId, time.GetUtcNow(), ct) is { } explained
            ? ApiResults.Json(StatusCodes.Status200OK, json => DeliveryJson.Write(json, eventId, destinationId, explained))
            : ApiResults.NotFound();
    }
}

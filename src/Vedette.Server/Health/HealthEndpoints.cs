using System.Data.Common;
using Vedette.Server.Api;
using Vedette.Storage;

namespace Vedette.Server.Health;

internal static class HealthEndpoints
{
    extension(IEndpointRouteBuilder routes)
    {
        public void MapHealth()
        {
            routes.MapGet("/health/live", () => ApiResults.Json(StatusCodes.Status200OK, WriteStatus("ok")));
            routes.MapGet("/health/ready", ReadyAsync);
        }
    }

    /// <summary>Ready means that the database answers: without it nothing can be accepted or delivered.</summary>
    private static async Task<IResult> ReadyAsync(Database database, CancellationToken ct)
    {
        try
        {
            await database.PingAsync(ct);
            return ApiResults.Json(StatusCodes.Status200OK, WriteStatus("ok"));
        }
        catch (DbException)
        {
            return ApiResults.Json(StatusCodes.Status503ServiceUnavailable, WriteStatus("the database cannot be reached"));
        }
    }

    private static Action<Wire.Json.StableJsonWriter> WriteStatus(string status) => json =>
    {
        json.StartObject();
        json.Name("status"u8);
        json.Value(status);
        json.EndObject();
    };
}

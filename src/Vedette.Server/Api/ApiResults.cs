using Vedette.Wire.Json;

namespace Vedette.Server.Api;

/// <summary>Answers in the shapes that clients of Sentry's API read (<c>spec/platform-api.md</c> 6).</summary>
internal static class ApiResults
{
    /// <summary>In the words of the route that answers, see <see cref="ErrorShape"/>.</summary>
    public static IResult Detail(int status, string detail) => new Shaped(status, detail);

    public static IResult NotFound() => Detail(StatusCodes.Status404NotFound, "The requested resource does not exist");

    public static IResult Forbidden() => Detail(StatusCodes.Status403Forbidden, "You do not have permission to perform this action.");

    /// <summary>400 with the messages of each wrong field.</summary>
    public static IResult Invalid(string field, params IReadOnlyList<string> messages) => Json(StatusCodes.Status400BadRequest, json =>
    {
        json.StartObject();
        json.Name(field);
        json.StartArray();
        foreach (var message in messages)
            json.Value(message);
        json.EndArray();
        json.EndObject();
    });

    /// <summary>400 that names several fields.</summary>
    public static IResult Invalid(IReadOnlyList<(string Field, string Message)> wrong) => Json(StatusCodes.Status400BadRequest, json =>
    {
        json.StartObject();
        foreach (var (field, message) in wrong)
        {
            json.Name(field);
            json.StartArray();
            json.Value(message);
            json.EndArray();
        }

        json.EndObject();
    });

    public static IResult Json(int status, Action<StableJsonWriter> write)
    {
        var json = new StableJsonWriter();
        write(json);
        return Bytes(status, json.ToArray());
    }

    public static IResult Bytes(int status, byte[] json) => new JsonBytes(status, json);

    private sealed class Shaped(int status, string detail) : IResult
    {
        public Task ExecuteAsync(HttpContext context) => (ErrorShape.Of(context)?.Answer(status, detail) ?? AsJson()).ExecuteAsync(context);

        private IResult AsJson() => Json(status, json =>
        {
            json.StartObject();
            json.Name("detail"u8);
            json.Value(detail);
            json.EndObject();
        });
    }

    private sealed class JsonBytes(int status, byte[] json) : IResult
    {
        public async Task ExecuteAsync(HttpContext context)
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = json.Length;
            await context.Response.Body.WriteAsync(json, context.RequestAborted);
        }
    }
}

using Vedette.Server.Api;

namespace Vedette.Server.Issues;

internal static class IssueAnswers
{
    /// <summary>400 for a member of <c>statusDetails</c>.</summary>
    public static IResult InvalidDetail(string field, string message) => ApiResults.Json(StatusCodes.Status400BadRequest, json =>
    {
        json.StartObject();
        json.Name("statusDetails"u8);
        json.StartObject();
        json.Name(field);
        json.StartArray();
        json.Value(message);
        json.EndArray();
        json.EndObject();
        json.EndObject();
    });
}

using Vedette.Wire.Json;

namespace Vedette.Tests.Harness;

internal static class PublicApps
{
    /// <summary>Creates a public integration of the first organization.</summary>
    /// <param name="more">Members that take the place of the usual ones, as JSON with a comma before it.</param>
    public static async Task<JsonMap> CreatePublicAppAsync(this VedetteApp app, string webhookUrl, string name = "Ticket Bridge", string more = "")
    {
        var answer = await app.ApiAsync(HttpMethod.Post, "/api/0/sentry-apps/", $$"""
            {"name":"{{name}}","organization":"{{app.FirstStart.Organization}}","author":"Acme","isInternal":false,"isAlertable":false,"verifyInstall":true,
             "scopes":["event:read","org:read"],"events":["issue","error"],"webhookUrl":"{{webhookUrl}}"{{more}}}
            """);
        return answer.Status == 201 ? answer.Map : throw new InvalidOperationException($"the app was not created: {answer.Status}");
    }

    /// <summary>What an operator does.</summary>
    public static Task PublishAsync(this VedetteApp app, JsonMap created) =>
        app.ExecuteAsync("update app set status = 'published', published_at = 1 where slug = @slug", new { slug = created.Text("slug") });

    /// <returns>The installation.</returns>
    public static async Task<JsonMap> InstallAsync(this VedetteApp app, JsonMap created, string? token = null, string organization = "default")
    {
        var answer = await app.ApiAsync(
            HttpMethod.Post, $"/api/0/organizations/{organization}/sentry-app-installations/", $$"""{"slug":"{{created.Text("slug")}}"}""", token);
        return answer.Status == 200 ? answer.Map : throw new InvalidOperationException($"the app was not installed: {answer.Status}");
    }

    public static string JsonText(this object? value)
    {
        var json = new StableJsonWriter();
        json.Value(value);
        return System.Text.Encoding.UTF8.GetString(json.WrittenSpan);
    }
}

using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.ServiceHooks;

internal static class TestHooks
{
    public const string Path = "/api/0/projects/default/default/hooks/";

    /// <summary>One that fires for every event of the project.</summary>
    public static async Task<JsonMap> AddHookAsync(this VedetteApp app, string url, string events = """["event.created"]""", string more = "", string path = Path)
    {
        var added = await app.ApiAsync(HttpMethod.Post, path, $$"""{"url":"{{url}}","events":{{events}}{{more}}}""");
        Assert.Equal(201, added.Status);
        return added.Map;
    }

    public static async Task<JsonMap> ChangeHookAsync(this VedetteApp app, JsonMap hook, string body)
    {
        var changed = await app.ApiAsync(HttpMethod.Put, $"{Path}{hook.Text("id")}/", body);
        Assert.Equal(200, changed.Status);
        return changed.Map;
    }

    public static async Task DeleteHookAsync(this VedetteApp app, JsonMap hook) =>
        Assert.Equal((204, ""), await app.AskAsync(HttpMethod.Delete, $"{Path}{hook.Text("id")}/", $"Bearer {app.FirstStart.Token}"));
}

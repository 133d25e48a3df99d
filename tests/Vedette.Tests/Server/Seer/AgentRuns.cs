using System.Globalization;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Server.Seer;

internal static class AgentRuns
{
    private const string PullRequests = """[{"pull_request":{"pr_number":88,"pr_url":"https://git.example/88","pr_id":123456},"repo_name":"acme/shop","provider":"github"}]""";

    /// <summary>A run with every step that there is, each once.</summary>
    /// <param name="issue">The path of the issue.</param>
    public static async Task ReportRunAsync(this VedetteApp app, string issue)
    {
        var run = (double)(await app.ApiAsync(HttpMethod.Post, $"{issue}autofix/", "{}")).Map["run_id"]!;
        foreach (var step in new[]
        {
            """{"step":"root_cause","status":"started"}""",
            """{"step":"root_cause","status":"completed","root_cause":{"description":"The cart is empty","steps":[{"title":"Checkout reads it","is_most_important_event":true}]}}""",
            """{"step":"solution","status":"started"}""",
            """{"step":"solution","status":"completed","solution":{"description":"Check before","steps":[{"title":"Return early"}]}}""",
            """{"step":"coding","status":"started"}""",
            """{"step":"coding","status":"completed","changes":[{"repo_name":"acme/shop","repo_external_id":"7","title":"Check the cart","description":"","diff":"+ if","branch_name":"mend"}]}""",
            $$"""{"step":"pr","status":"created","pull_requests":{{PullRequests}}}""",
            """{"step":"iteration","status":"started","iteration_index":1}""",
            $$"""{"step":"iteration","status":"completed","iteration_index":1,"pull_requests":{{PullRequests}}}""",
        })
        {
            Assert.Equal(201, (await app.ApiAsync(HttpMethod.Post, $"{issue}autofix/{run.ToString(CultureInfo.InvariantCulture)}/steps/", step)).Status);
        }
    }
}

using Vedette.Tests.Harness;
using Vedette.Tests.Server.Issues;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Seer;

public sealed class SeerTests
{
    private const string Issue = $"{IssueLife.Issues}1/";

    [Theory, EachDatabase]
    public async Task A_run_is_started_in_silence_and_each_of_its_steps_is_told_and_kept(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database);

        var run = await life.App.ApiAsync(HttpMethod.Post, $"{Issue}autofix/", "{}");
        await life.ToldNothingAsync();
        var step = await life.App.ApiAsync(
            HttpMethod.Post, $"{Issue}autofix/1/steps/", """{"step":"root_cause","status":"completed","root_cause":{"description":"The cart is empty","steps":[{"title":"Look"}]},"more":1}""");
        var told = await life.ToldAsync("seer.root_cause_completed");
        var shown = (await life.App.GetAsync($"{Issue}autofix/")).Map;

        Assert.Equal((201, 1.0), (run.Status, run.Map["run_id"]));
        Assert.Matches("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", run.Map.Text("sentry_run_id"));
        Assert.Equal(201, step.Status);
        Assert.Equal(
            $$$"""{"run_id":1,"sentry_run_id":"{{{run.Map.Text("sentry_run_id")}}}","group_id":1,"root_cause":{"description":"The cart is empty","steps":[{"title":"Look"}]}}""",
            told["data"].JsonText());
        Assert.Equal("""{"type":"application","id":"sentry","name":"Sentry"}""", told["actor"].JsonText());
        Assert.Equal(("seer_root_cause_completed", """{"run_id":1,"summary":"The cart is empty"}"""), (await life.ActivitiesAsync())[0]);
        Assert.Equal("2026-03-01T12:00:01.000000Z", (await life.IssueAsync()).Text("seerAutofixLastTriggered"));
        Assert.Equal(shown["autofix"].JsonText(), ((JsonMap)shown.List("runs")!.Single()!).JsonText());
        Assert.Equal(["root_cause completed"], shown.Map("autofix")!.List("steps")!.Cast<JsonMap>().Select(each => $"{each.Text("step")} {each.Text("status")}"));
    }

    [Theory, EachDatabase]
    public async Task A_whole_run_is_told_step_by_step(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database);

        await life.App.ReportRunAsync(Issue);

        Assert.Equal(
            [
                "seer.coding_completed", "seer.coding_started", "seer.iteration_completed", "seer.iteration_started", "seer.pr_created", "seer.root_cause_completed",
                "seer.root_cause_started", "seer.solution_completed", "seer.solution_started",
            ],
            (await life.TellsAsync()).Select(request => request.Event).Order(StringComparer.Ordinal));
        Assert.Equal(
            [
                ("seer_pr_iteration_completed", """{"run_id":1,"iteration_index":1,"pull_requests":[{"repo_name":"acme/shop","url":"https://git.example/88"}]}"""),
                ("seer_pr_iteration_started", """{"run_id":1,"iteration_index":1}"""),
                ("seer_pr_created", """{"run_id":1,"pull_requests":[{"repo_name":"acme/shop","url":"https://git.example/88"}]}"""),
                ("seer_coding_completed", """{"run_id":1}"""),
            ],
            (await life.ActivitiesAsync()).Take(4));
    }

    [Theory]
    [InlineData("{}", """{"step":["Must be one of: root_cause, solution, coding, pr, iteration."]}""")]
    [InlineData("""{"step":"pr"}""", """{"status":["Must be one of: started, completed, created."]}""")]
    [InlineData("""{"step":"pr","status":"started"}""", """{"status":["There is no event seer.pr_started."]}""")]
    [InlineData("""{"step":"coding","status":"created"}""", """{"status":["There is no event seer.coding_created."]}""")]
    [InlineData("""{"step":"root_cause","status":"completed"}""", """{"root_cause":["This field is required."]}""")]
    [InlineData("""{"step":"coding","status":"completed","changes":{}}""", """{"changes":["Not a list."]}""")]
    [InlineData("""{"step":"solution","status":"completed","solution":[]}""", """{"solution":["Not a dictionary."]}""")]
    [InlineData("""{"step":"iteration","status":"started","iteration_index":1.5}""", """{"iteration_index":["Not a number."]}""")]
    public async Task A_step_that_does_not_exist_is_refused(string body, string answer)
    {
        await using var life = await IssueLife.BeginAsync(DatabaseKind.Sqlite);
        await life.App.ApiAsync(HttpMethod.Post, $"{Issue}autofix/");

        Assert.Equal((400, answer), await life.App.AskAsync(HttpMethod.Post, $"{Issue}autofix/1/steps/", $"Bearer {life.App.FirstStart.Token}", body));
        await life.ToldNothingAsync();
    }

    [Theory, EachDatabase]
    public async Task A_run_does_not_grow_without_end(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database);
        await life.App.ApiAsync(HttpMethod.Post, $"{Issue}autofix/");
        var large = $$$"""{"step":"root_cause","status":"completed","root_cause":{"description":"{{{new string('x', 1_000_000)}}}"}}""";

        var statuses = new List<int>();
        for (var i = 0; i < 6; i++)
            statuses.Add((await life.App.ApiAsync(HttpMethod.Post, $"{Issue}autofix/1/steps/", large)).Status);

        Assert.Equal([201, 201, 201, 201, 413, 413], statuses);
    }

    [Fact]
    public async Task A_run_belongs_to_its_issue()
    {
        await using var life = await IssueLife.BeginAsync(DatabaseKind.Sqlite);
        await life.App.SendAsync("""{"message":"another"}""");
        await life.App.ApiAsync(HttpMethod.Post, $"{Issue}autofix/");
        const string Step = """{"step":"coding","status":"started"}""";

        Assert.Equal(404, (await life.App.ApiAsync(HttpMethod.Post, $"{IssueLife.Issues}2/autofix/1/steps/", Step)).Status);
        Assert.Equal(404, (await life.App.ApiAsync(HttpMethod.Post, $"{Issue}autofix/2/steps/", Step)).Status);
        Assert.Equal("""{"autofix":null,"runs":[]}""", (await life.App.GetAsync($"{IssueLife.Issues}2/autofix/")).Json.JsonText());
        Assert.Equal(201, (await life.App.ApiAsync(HttpMethod.Post, "/api/0/issues/1/autofix/1/steps/", Step)).Status);
    }
}

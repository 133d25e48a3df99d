using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Issues;

public sealed class CommentTests
{
    private const string Comments = $"{IssueLife.Issues}1/comments/";
    private const string Hello = """{"text":"Hello"}""";

    [Theory, EachDatabase]
    public async Task A_comment_is_added_edited_and_deleted_and_each_is_told(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database);

        var added = await life.App.ApiAsync(HttpMethod.Post, Comments, """{"text":"  rolled back  "}""");
        var created = await life.ToldAsync("comment.created");
        var id = added.Map.Text("id");
        life.Clock.Advance(TimeSpan.FromMinutes(1));
        var edited = await life.App.ApiAsync(HttpMethod.Put, $"{Comments}{id}/", """{"text":"rolled on"}""");
        var updated = await life.ToldAsync("comment.updated");
        await life.App.ApiAsync(HttpMethod.Put, $"{Comments}{id}/", """{"text":"rolled on"}""");
        await life.ToldNothingAsync();
        Assert.Equal(1.0, (await life.IssueAsync())["numComments"]);
        var removed = await life.App.ApiAsync(HttpMethod.Delete, $"{Comments}{id}/");
        var deleted = await life.ToldAsync("comment.deleted");

        Assert.Equal((201, 200, 204), (added.Status, edited.Status, removed.Status));
        Assert.Equal(
            $$$"""{"id":"{{{id}}}","user":{"id":"1","name":"admin@localhost","username":"admin@localhost","email":"admin@localhost"},"sentry_app":null,"type":"note","data":{"text":"rolled back"},"dateCreated":"2026-03-01T12:00:01.000000Z"}""",
            added.Json.JsonText());
        Assert.Equal(
            $$"""{"comment_id":{{id}},"issue_id":1,"project_slug":"default","timestamp":"2026-03-01T12:00:01.000000Z","comment":"rolled back"}""", created["data"].JsonText());
        Assert.Equal("""{"type":"user","id":1,"name":"admin@localhost"}""", created["actor"].JsonText());
        Assert.Equal(("rolled on", "rolled on"), (updated.Map("data")!.Text("comment"), deleted.Map("data")!.Text("comment")));
        Assert.Equal(("rolled on", 0.0), (edited.Map.Map("data")!.Text("text"), (await life.IssueAsync())["numComments"]));
        Assert.Equal(["first_seen"], (await life.ActivitiesAsync()).Select(activity => activity.Type));
        Assert.Equal(404, (await life.App.ApiAsync(HttpMethod.Delete, $"{Comments}{id}/")).Status);
    }

    [Theory, EachDatabase]
    public async Task The_same_words_within_an_hour_are_a_second_click(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database);
        var ada = await life.App.AddPersonAsync("ada@example.org", "default", MemberRole.Member);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => life.App.ApiAsync(HttpMethod.Post, Comments, Hello)));
        Assert.Equal(1, answers.Count(answer => answer.Status == 201));
        Assert.All(
            answers.Where(answer => answer.Status != 201), answer => Assert.Equal((400, """{"detail":"You have already posted that comment."}"""), (answer.Status, answer.Json.JsonText())));
        Assert.Equal(201, (await life.App.ApiAsync(HttpMethod.Post, Comments, Hello, ada)).Status);
        await life.TellsAsync();
        life.Clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(201, (await life.App.ApiAsync(HttpMethod.Post, Comments, Hello)).Status);
        Assert.Equal(3.0, (await life.IssueAsync())["numComments"]);
    }

    [Fact]
    public async Task Only_its_author_and_a_superuser_may_change_a_comment()
    {
        await using var life = await IssueLife.BeginAsync(DatabaseKind.Sqlite);
        var ada = await life.App.AddPersonAsync("ada@example.org", "default", MemberRole.Owner);
        var superuser = await life.App.AddPersonAsync("root@example.org", "default", MemberRole.Member);
        await life.App.ExecuteAsync("update account set is_superuser = 1 where email = 'root@example.org'");
        var id = (await life.App.ApiAsync(HttpMethod.Post, Comments, Hello)).Map.Text("id");

        Assert.Equal(403, (await life.App.ApiAsync(HttpMethod.Put, $"{Comments}{id}/", """{"text":"no"}""", ada)).Status);
        Assert.Equal(403, (await life.App.ApiAsync(HttpMethod.Delete, $"{Comments}{id}/", token: ada)).Status);
        Assert.Equal(200, (await life.App.GetAsync($"{Comments}{id}/", ada)).Status);
        Assert.Equal(204, (await life.App.ApiAsync(HttpMethod.Delete, $"{Comments}{id}/", token: superuser)).Status);
    }

    [Theory]
    [InlineData("{}", """{"text":["This field is required."]}""")]
    [InlineData("""{"text":"  "}""", """{"text":["This field may not be blank."]}""")]
    [InlineData("""{"text":5}""", """{"text":["Not a valid string."]}""")]
    [InlineData("""{"text":"Hello","mentions":"user:1"}""", """{"mentions":["Expected a list of at most 100 items such as user:1 and team:2."]}""")]
    [InlineData("""{"text":"Hello","mentions":["user:99"]}""", """{"mentions":["Cannot mention a non team member"]}""")]
    public async Task What_is_wrong_is_said_and_nothing_added(string body, string answer)
    {
        await using var life = await IssueLife.BeginAsync(DatabaseKind.Sqlite);

        Assert.Equal((400, answer), await life.App.AskAsync(HttpMethod.Post, Comments, $"Bearer {life.App.FirstStart.Token}", body));
        Assert.Equal(0.0, (await life.IssueAsync())["numComments"]);
    }

    [Theory, EachDatabase]
    public async Task Whoever_comments_or_is_mentioned_takes_part(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database);
        await life.App.AddPersonAsync("ada@example.org", "default", MemberRole.Member);
        var bob = await life.App.AddPersonAsync("bob@example.org", "default", MemberRole.Member);

        await life.App.ApiAsync(HttpMethod.Post, Comments, """{"text":"look","mentions":["user:3","team:default"]}""", bob);

        var issue = await life.IssueAsync();
        Assert.Equal(
            ["ada@example.org", "admin@localhost", "bob@example.org"], issue.List("participants")!.Select(person => ((JsonMap)person!).Text("email")).Order());
        Assert.Equal("""{"reason":"team_mentioned"}""", issue["subscriptionDetails"].JsonText());
    }

    [Theory, EachDatabase]
    public async Task Comments_are_listed_newest_first_and_by_their_older_name_and_path(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database);
        foreach (var text in new[] { "one", "two", "three" })
            await life.App.ApiAsync(HttpMethod.Post, Comments, $$"""{"text":"{{text}}"}""");
        await life.ChangedAsync("""{"status":"resolved"}""");

        foreach (var path in new[] { Comments, $"{IssueLife.Issues}DEFAULT-1/notes/", "/api/0/issues/1/comments/", "/api/0/issues/1/notes/" })
            Assert.Equal(["three", "two", "one"], Texts(await life.App.GetAsync(path)));
        var first = await life.App.GetAsync($"{Comments}?per_page=2");
        Assert.Equal(["three", "two"], Texts(first));
        Assert.Contains("rel=\"next\"; results=\"true\"", first.Headers.GetValues("Link").Single(), StringComparison.Ordinal);
        Assert.Equal(
            ["set_resolved", "note", "note", "note", "first_seen"],
            (await life.App.GetAsync($"{IssueLife.Issues}1/activities/")).Map.List("activity")!.Select(activity => ((JsonMap)activity!).Text("type")));
        Assert.Equal(201, (await life.App.ApiAsync(HttpMethod.Post, "/api/0/issues/1/notes/", """{"text":"four"}""")).Status);
    }

    [Fact]
    public async Task Another_organizations_comments_are_not_there_and_a_token_of_an_organization_says_nothing()
    {
        await using var life = await IssueLife.BeginAsync(DatabaseKind.Sqlite);
        await life.App.AddOrganizationAsync("other");
        var stranger = await life.App.AddPersonAsync("other@other.example", "other", MemberRole.Owner);
        var id = (await life.App.ApiAsync(HttpMethod.Post, Comments, Hello)).Map.Text("id");
        var made = await life.App.ApiAsync(HttpMethod.Post, "/api/0/organizations/default/org-auth-tokens/", """{"name":"ci"}""");
        await life.App.ExecuteAsync("update organization_token set scopes = 'event:admin event:read event:write org:ci'");

        foreach (var path in new[] { "/api/0/issues/1/comments/", $"/api/0/issues/1/comments/{id}/", "/api/0/issues/1/activities/" })
            Assert.Equal(404, (await life.App.GetAsync(path, stranger)).Status);
        Assert.Equal(404, (await life.App.ApiAsync(HttpMethod.Post, "/api/0/issues/1/comments/", Hello, stranger)).Status);
        Assert.Equal(404, (await life.App.GetAsync($"{IssueLife.Issues}2/comments/{id}/")).Status);
        Assert.Equal(403, (await life.App.ApiAsync(HttpMethod.Post, Comments, Hello, made.Map.Text("token"))).Status);
    }

    private static IEnumerable<string?> Texts(ApiAnswer answer) => answer.List.Select(comment => ((JsonMap)comment!).Map("data")!.Text("text"));
}

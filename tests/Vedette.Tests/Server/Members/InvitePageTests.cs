using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Server.Members;

public sealed class InvitePageTests
{
    private const string OfNoUse = "This invite is of no use";

    [Theory, EachDatabase]
    public async Task A_newcomer_sets_a_name_and_a_password_and_is_in(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        var path = await app.InviteAsync("ada@example.org", "manager");
        using var visitor = new PageVisitor(app);

        var page = await visitor.GetAsync(path);
        Assert.Equal((200, "Join default"), (page.Status, page.Title));
        Assert.Contains("as manager", string.Join(' ', page.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.Equal((302, "/"), AnswerOf(await visitor.PostAsync(path, ("name", "<b>Ada</b>"), ("password", " correct horse "))));
        Assert.Contains("ada@example.org", (await visitor.GetAsync("/")).Text, StringComparison.Ordinal);
        var account = await visitor.GetAsync("/settings/account/");
        Assert.Contains("&lt;b&gt;Ada&lt;/b&gt;", account.Body, StringComparison.Ordinal);

        Assert.Equal((404, OfNoUse), TitleOf(await visitor.GetAsync(path)));
        Assert.Equal((404, OfNoUse), TitleOf(await visitor.PostAsync(path, ("name", "Eve"), ("password", "correct horse"))));
        Assert.Equal(["member.accept-invite", "member.invite"], await app.AuditedAsync());
        using var again = await PageVisitor.LoggedInAsync(app, "ada@example.org", " correct horse ");
    }

    [Theory, EachDatabase]
    public async Task Somebody_with_an_account_logs_in_and_joins_with_one_button(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        await app.AddOrganizationAsync("other");
        await app.AddPersonAsync("ada@example.org", "other", MemberRole.Member);
        var path = await app.InviteAsync("Ada@Example.org");
        using var visitor = new PageVisitor(app);

        var login = $"/auth/login/?next={Uri.EscapeDataString(path)}";
        Assert.Equal((302, login), AnswerOf(await visitor.GetAsync(path)));
        Assert.Equal((302, path), AnswerOf(await visitor.LoginAsync("ada@example.org", "a password", login)));
        var page = await visitor.GetAsync(path);
        Assert.DoesNotContain("password", page.Body, StringComparison.OrdinalIgnoreCase);
        Assert.Equal((302, "/"), AnswerOf(await visitor.PostAsync(path)));
        Assert.Contains("default, as member", (await visitor.GetAsync("/")).Text, StringComparison.Ordinal);
        Assert.Equal((404, OfNoUse), TitleOf(await visitor.PostAsync(path)));
    }

    [Fact]
    public async Task Who_is_logged_in_as_somebody_else_is_told_and_can_log_out_and_go_on()
    {
        await using var app = await VedetteApp.StartAsync();
        var path = await app.InviteAsync("ada@example.org");
        using var visitor = await PageVisitor.LoggedInAsync(app);

        foreach (var answer in new[] { await visitor.GetAsync(path), await visitor.PostAsync(path, ("name", "Eve"), ("password", "correct horse")) })
        {
            Assert.Equal((403, "This invite is for somebody else"), TitleOf(answer));
            Assert.Contains($"name=\"next\" value=\"{path}\"", answer.Body, StringComparison.Ordinal);
        }

        Assert.Equal((302, path), AnswerOf(await visitor.PostAsync("/auth/logout/", ("next", path))));
        Assert.Equal((200, "Join default"), TitleOf(await visitor.GetAsync(path)));
        Assert.Equal((302, "/"), AnswerOf(await visitor.PostAsync("/auth/logout/", ("next", "//evil.example"))));
        Assert.Equal(1, await app.CountAsync("account where kind = 'person'"));
    }

    [Theory]
    [InlineData("", "correct horse", "This field may not be blank.")]
    [InlineData("Ada", "", "This field may not be blank.")]
    [InlineData("Ada", "short", "This password is too short. It must contain at least 8 characters.")]
    public async Task What_will_not_do_is_said_beside_the_field_and_nothing_is_made(string name, string password, string wrong)
    {
        await using var app = await VedetteApp.StartAsync();
        var path = await app.InviteAsync("ada@example.org");
        using var visitor = new PageVisitor(app);
        await visitor.GetAsync(path);

        var answer = await visitor.PostAsync(path, ("name", name), ("password", password));

        Assert.Equal((400, "Join default"), TitleOf(answer));
        Assert.Contains($">{wrong}<", answer.Body, StringComparison.Ordinal);
        Assert.Equal((1, 1), (await app.CountAsync("account where kind = 'person'"), await app.CountAsync("organization_member where account_id is null")));
    }

    [Fact]
    public async Task An_account_that_somebody_made_meanwhile_is_asked_for_its_login()
    {
        await using var app = await VedetteApp.StartAsync();
        var path = await app.InviteAsync("ada@example.org");
        using var visitor = new PageVisitor(app);
        await visitor.GetAsync(path);
        await app.AddOrganizationAsync("other");
        await app.AddPersonAsync("ada@example.org", "other", MemberRole.Member);

        Assert.Equal($"/auth/login/?next={Uri.EscapeDataString(path)}", (await visitor.PostAsync(path, ("name", "Ada"), ("password", "correct horse"))).Location);
    }

    [Fact]
    public async Task A_member_already_is_told_so_and_a_link_that_leads_nowhere_says_that()
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(time: clock);
        var path = await app.InviteAsync("ada@example.org");
        await app.AddPersonAsync("ada@example.org", "default", MemberRole.Member);
        using var visitor = await PageVisitor.LoggedInAsync(app, "ada@example.org", "a password");

        Assert.Equal((200, "You are a member already"), TitleOf(await visitor.GetAsync(path)));
        await visitor.GetAsync("/");
        Assert.Equal((200, "You are a member already"), TitleOf(await visitor.PostAsync(path)));
        Assert.Equal((404, OfNoUse), TitleOf(await visitor.GetAsync(path)));

        var late = await app.InviteAsync("late@example.org");
        using var stranger = new PageVisitor(app);
        Assert.Equal((200, "Join default"), TitleOf(await stranger.GetAsync(late)));
        foreach (var wrong in new[] { "/accept/1/nonsense/", "/accept/nonsense/nonsense/", "/accept/99999999999999999999/x/", $"{late[..^2]}/" })
            Assert.Equal((404, OfNoUse), TitleOf(await stranger.GetAsync(wrong)));
        clock.Advance(TimeSpan.FromDays(30));
        Assert.Equal((404, OfNoUse), TitleOf(await stranger.GetAsync(late)));
        Assert.Equal((404, OfNoUse), TitleOf(await stranger.PostAsync(late, ("name", "Late"), ("password", "correct horse"))));
    }

    private static (int, string?) AnswerOf(PageAnswer answer) => (answer.Status, answer.Location);

    private static (int, string) TitleOf(PageAnswer answer) => (answer.Status, answer.Title);
}

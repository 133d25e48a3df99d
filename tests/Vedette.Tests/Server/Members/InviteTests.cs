using System.Text.RegularExpressions;
using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Members;

/// <summary>From the invite through a real mail server to the membership.</summary>
public sealed partial class InviteTests
{
    private const string Members = "/api/0/organizations/default/members/";
    private const string Invalid = """{"details":"Invalid invite code"}""";

    [Theory, EachDatabase]
    public async Task A_newcomer_is_invited_by_mail_and_comes_in_with_a_password(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var smtp = await SmtpProcess.StartAsync();
        await using var app = await VedetteApp.StartAsync(database, clock, ("VEDETTE_SMTP", smtp.Url));

        var invited = await app.ApiAsync(HttpMethod.Post, Members, """{"email":"ada@example.org","orgRole":"manager","teams":["default"]}""");
        Assert.Equal((201, "ada@example.org", "ada@example.org", "manager"), (invited.Status, invited.Map.Text("email"), invited.Map.Text("name"), invited.Map.Text("orgRole")));
        Assert.Equal((true, false, null, "approved", "admin@localhost"), (invited.Map["pending"], invited.Map["expired"], invited.Map["user"], invited.Map.Text("inviteStatus"), invited.Map.Text("inviterName")));
        Assert.Equal(["default"], invited.Map.List("teams")!);

        await app.SendMailAsync(clock);
        var mail = Assert.Single(await smtp.WaitForAsync(1));
        var link = LinkOf(app, mail.Text("text")!);
        Assert.StartsWith($"/api/0/accept-invite/{invited.Map.Text("id")}/", link, StringComparison.Ordinal);

        Assert.Equal(
            (200, """{"orgSlug":"default","email":"ada@example.org","needsAuthentication":true,"hasAccount":false,"existingMember":false,"needs2fa":false,"needsSso":false,"requireSso":false,"hasAuthProvider":false}"""),
            await app.AskAsync(HttpMethod.Get, link));
        Assert.Equal((204, ""), await app.AskAsync(HttpMethod.Post, link, body: """{"name":"Ada","password":"correct horse"}"""));
        Assert.Equal((400, Invalid), await app.AskAsync(HttpMethod.Post, link, body: """{"name":"Eve","password":"correct horse"}"""));
        Assert.Equal((400, Invalid), await app.AskAsync(HttpMethod.Get, link));

        var ada = (await app.GetAsync($"{Members}{invited.Map.Text("id")}/")).Map;
        Assert.Equal(("Ada", "manager", false, "admin@localhost"), (ada.Text("name"), ada.Text("role"), ada["pending"], ada.Text("inviterName")));
        Assert.Equal("ada@example.org", ada.Map("user")!.Text("email"));
        Assert.Equal(["default"], ada.List("teams")!);
        Assert.Equal(["member.accept-invite", "member.invite"], await app.AuditedAsync());
        Assert.Equal(0, await app.CountAsync("account where password_hash like '%correct horse%'"));
    }

    [Theory, EachDatabase]
    public async Task Somebody_with_an_account_accepts_with_their_own_token(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        await app.AddOrganizationAsync("other");
        var ada = await app.AddPersonAsync("ada@example.org", "other", MemberRole.Owner);
        var eve = await app.AddPersonAsync("eve@example.org", "other", MemberRole.Owner);
        await app.ApiAsync(HttpMethod.Post, Members, """{"email":"Ada@Example.org"}""");
        var link = await LinkAsync(app);

        Assert.Contains("\"needsAuthentication\":false,\"hasAccount\":true", (await app.AskAsync(HttpMethod.Get, link, $"Bearer {ada}")).Body, StringComparison.Ordinal);
        Assert.Equal(
            (401, """{"detail":"Authentication credentials were not provided."}"""), await app.AskAsync(HttpMethod.Post, link, body: """{"name":"x","password":"correct horse"}"""));
        Assert.Equal((400, """{"details":"unable to accept organization invite"}"""), await app.AskAsync(HttpMethod.Post, link, $"Bearer {eve}"));
        Assert.Equal((204, ""), await app.AskAsync(HttpMethod.Post, link, $"Bearer {ada}"));
        Assert.Equal((400, Invalid), await app.AskAsync(HttpMethod.Post, link, $"Bearer {ada}"));
        Assert.Equal("member", (await app.GetAsync($"{Members}me/", ada)).Map.Text("role"));
    }

    [Fact]
    public async Task An_invite_ends_after_thirty_days_and_a_new_mail_begins_it_anew()
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(time: clock);
        var id = (await app.ApiAsync(HttpMethod.Post, Members, """{"email":"ada@example.org"}""")).Map.Text("id");
        var old = await LinkAsync(app);

        clock.Advance(TimeSpan.FromDays(30) - TimeSpan.FromSeconds(1));
        Assert.Equal(200, (await app.AskAsync(HttpMethod.Get, old)).Status);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((400, Invalid), await app.AskAsync(HttpMethod.Get, old));
        Assert.Equal((400, Invalid), await app.AskAsync(HttpMethod.Post, old, body: """{"name":"Ada","password":"correct horse"}"""));
        Assert.True((bool)(await app.GetAsync($"{Members}{id}/")).Map["expired"]!);

        var again = await app.ApiAsync(HttpMethod.Put, $"{Members}{id}/", """{"reinvite":true}""");
        Assert.Equal((200, false), (again.Status, again.Map["expired"]));
        var link = await LinkAsync(app);
        Assert.NotEqual(old, link);
        Assert.Equal((400, Invalid), await app.AskAsync(HttpMethod.Get, old));
        Assert.Equal(204, (await app.AskAsync(HttpMethod.Post, link, body: """{"name":"Ada","password":"correct horse"}""")).Status);
        Assert.Equal(["member.accept-invite", "member.reinvite", "member.invite"], await app.AuditedAsync());
        Assert.Equal(
            (400, """{"detail":"You cannot send an invitation to a user who is already a full member."}"""),
            await app.AskAsync(HttpMethod.Put, $"{Members}{id}/", $"Bearer {app.FirstStart.Token}", """{"reinvite":true}"""));
    }

    [Theory]
    [InlineData("{}", """{"email":["This field is required."]}""")]
    [InlineData("""{"email":"nobody"}""", """{"email":["Enter a valid email address."]}""")]
    [InlineData("""{"email":"a b@example.org"}""", """{"email":["Enter a valid email address."]}""")]
    [InlineData("""{"email":"a@example.org\r\nBcc: eve@example.org"}""", """{"email":["Enter a valid email address."]}""")]
    [InlineData("""{"email":"ADMIN@localhost"}""", """{"email":["The user ADMIN@localhost is already a member"]}""")]
    [InlineData("""{"email":"ada@example.org","role":"king"}""", """{"role":["\"king\" is not a valid choice."]}""")]
    [InlineData("""{"email":"ada@example.org","teams":["nonsense"]}""", """{"teams":["Invalid teams"]}""")]
    [InlineData("""{"email":"ada@example.org","teams":7}""", """{"teams":["Invalid teams"]}""")]
    [InlineData("""{"email":"ada@example.org","teamRoles":[{"role":"admin"}]}""", """{"teamRoles":["Invalid teams"]}""")]
    public async Task A_wrong_invite_is_not_made(string body, string answer)
    {
        await using var app = await VedetteApp.StartAsync();

        Assert.Equal((400, answer), await app.AskAsync(HttpMethod.Post, Members, $"Bearer {app.FirstStart.Token}", body));
        Assert.Equal((1, 0), (await app.CountAsync("organization_member"), await app.CountAsync("mail")));
    }

    [Theory]
    [InlineData("member", "member", 201)]
    [InlineData("member", "admin", 400)]
    [InlineData("admin", "admin", 201)]
    [InlineData("admin", "manager", 400)]
    [InlineData("manager", "manager", 201)]
    [InlineData("manager", "owner", 400)]
    [InlineData("owner", "owner", 201)]
    public async Task Nobody_invites_above_themselves(string own, string role, int status)
    {
        await using var app = await VedetteApp.StartAsync();
        var token = await app.AddPersonAsync("inviter@example.org", "default", Enum.Parse<MemberRole>(own, ignoreCase: true));

        var (answered, body) = await app.AskAsync(HttpMethod.Post, Members, $"Bearer {token}", $$"""{"email":"ada@example.org","role":"{{role}}"}""");

        Assert.Equal(status, answered);
        if (status == 400)
            Assert.Equal("""{"role":["You do not have permission to invite that role."]}""", body);
    }

    [Theory, EachDatabase]
    public async Task An_address_is_invited_once_also_by_two_at_once(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        await using var node = app.Postgres is { } postgres ? await VedetteApp.StartAsync(settings: [("VEDETTE_DATABASE", postgres)]) : null;

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() =>
            (i % 2 == 0 ? app : node ?? app).AskAsync(HttpMethod.Post, Members, $"Bearer {app.FirstStart.Token}", """{"email":"ada@example.org"}"""))));

        Assert.Single(answers, answer => answer.Status == 201);
        Assert.All(
            answers.Where(answer => answer.Status != 201),
            answer => Assert.Equal((400, """{"email":["The user ada@example.org has already been invited"]}"""), answer));
        Assert.Equal(1, await app.CountAsync("mail"));
    }

    [Theory]
    [InlineData("{}", """{"name":["This field is required."]}""")]
    [InlineData("""{"name":"Ada"}""", """{"password":["This field is required."]}""")]
    [InlineData("""{"name":"Ada","password":"short"}""", """{"password":["This password is too short. It must contain at least 8 characters."]}""")]
    [InlineData("""{"name":"","password":"correct horse"}""", """{"name":["This field may not be blank."]}""")]
    public async Task A_newcomer_needs_a_name_and_a_password(string body, string answer)
    {
        await using var app = await VedetteApp.StartAsync();
        await app.ApiAsync(HttpMethod.Post, Members, """{"email":"ada@example.org"}""");

        Assert.Equal((400, answer), await app.AskAsync(HttpMethod.Post, await LinkAsync(app), body: body));
        Assert.Equal(1, await app.CountAsync("account"));
    }

    [Fact]
    public async Task Members_take_back_and_repeat_only_the_invites_that_they_sent()
    {
        await using var app = await VedetteApp.StartAsync();
        var member = await app.AddPersonAsync("member@example.org", "default", MemberRole.Member);
        var own = (await app.ApiAsync(HttpMethod.Post, Members, """{"email":"ada@example.org"}""", member)).Map.Text("id");
        var others = (await app.ApiAsync(HttpMethod.Post, Members, """{"email":"eve@example.org"}""")).Map.Text("id");
        const string NotYours = """{"detail":"You cannot modify invitations sent by someone else."}""";

        Assert.Equal(200, (await app.AskAsync(HttpMethod.Put, $"{Members}{own}/", $"Bearer {member}", """{"reinvite":true}""")).Status);
        Assert.Equal((403, NotYours), await app.AskAsync(HttpMethod.Put, $"{Members}{others}/", $"Bearer {member}", """{"reinvite":true}"""));
        Assert.Equal(403, (await app.AskAsync(HttpMethod.Put, $"{Members}{own}/", $"Bearer {member}", """{"role":"member"}""")).Status);
        Assert.Equal((400, NotYours), await app.AskAsync(HttpMethod.Delete, $"{Members}{others}/", $"Bearer {member}"));
        Assert.Equal((204, ""), await app.AskAsync(HttpMethod.Delete, $"{Members}{own}/", $"Bearer {member}"));
        Assert.Equal(
            (403, """{"detail":"You cannot modify member details when resending an invitation. Separate requests are required."}"""),
            await app.AskAsync(HttpMethod.Put, $"{Members}{others}/", $"Bearer {app.FirstStart.Token}", """{"reinvite":true,"role":"owner"}"""));
    }

    [Fact]
    public async Task A_token_guessed_wrong_says_nothing()
    {
        await using var app = await VedetteApp.StartAsync();
        var id = (await app.ApiAsync(HttpMethod.Post, Members, """{"email":"ada@example.org"}""")).Map.Text("id");

        foreach (var path in new[] { $"{id}/{new string('0', 64)}", "1/nonsense", "999/nonsense", "me/nonsense", $"{id}/''" })
        {
            Assert.Equal((400, Invalid), await app.AskAsync(HttpMethod.Get, $"/api/0/accept-invite/{path}/"));
            Assert.Equal((400, Invalid), await app.AskAsync(HttpMethod.Post, $"/api/0/accept-invite/{path}/", body: "{}"));
        }
    }

    [Theory, EachDatabase]
    public async Task Whoever_became_a_member_otherwise_uses_the_invite_up(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        await app.ApiAsync(HttpMethod.Post, Members, """{"email":"ada@example.org"}""");
        var link = await LinkAsync(app);
        var ada = await app.AddPersonAsync("ada@example.org", "default", MemberRole.Admin);

        Assert.Contains("\"existingMember\":true", (await app.AskAsync(HttpMethod.Get, link, $"Bearer {ada}")).Body, StringComparison.Ordinal);
        Assert.Equal((400, """{"details":"member already exists"}"""), await app.AskAsync(HttpMethod.Post, link, $"Bearer {ada}"));
        Assert.Equal(2, await app.CountAsync("organization_member"));
        Assert.Equal("admin", (await app.GetAsync($"{Members}me/", ada)).Map.Text("role"));
    }

    /// <summary>From the newest mail in the outbox.</summary>
    private static async Task<string> LinkAsync(VedetteApp app) =>
        LinkOf(app, await app.Database.ReadAsync(session => session.SingleAsync<string>("select body from mail order by id desc limit 1"), CancellationToken.None));

    private static string LinkOf(VedetteApp app, string text)
    {
        var match = Link.Match(text);
        Assert.StartsWith($"{app.Url}/accept/", match.Value, StringComparison.Ordinal);
        return $"/api/0/accept-invite/{match.Groups["member"].Value}/{match.Groups["token"].Value}/";
    }

    [GeneratedRegex("http://[^/]+/accept/(?<member>[0-9]+)/(?<token>[0-9a-f]{64})/", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Link { get; }
}

using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Members;

/// <summary>Who belongs to an organization, as what, and who may change that.</summary>
public sealed class MemberTests
{
    private const string Members = "/api/0/organizations/default/members/";
    private const string OnlyOwner = """{"detail":"You cannot remove the only remaining owner of the organization."}""";

    [Theory, EachDatabase]
    public async Task A_member_is_shown_as_Sentry_shows_one(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());

        var (status, body) = await app.AskAsync(HttpMethod.Get, $"{Members}me/", $"Bearer {app.FirstStart.Token}");

        Assert.Equal(200, status);
        Assert.Equal(
            """
            {"id":"1","email":"admin@localhost","name":"admin@localhost","user":{"id":"1","name":"admin@localhost","username":"admin@localhost","email":"admin@localhost","isActive":true,"isManaged":false,"isSuperuser":false,"isStaff":false,"hasPasswordAuth":true,"has2fa":false,"dateJoined":"2026-03-01T12:00:00.000000Z","emails":[{"id":"1","email":"admin@localhost","is_verified":true}]},"role":"owner","orgRole":"owner","roleName":"Owner","pending":false,"expired":false,"flags":{"idp:provisioned":false,"idp:role-restricted":false,"member-limit:restricted":false,"partnership:restricted":false,"sso:invalid":false,"sso:linked":false},"dateCreated":"2026-03-01T12:00:00.000000Z","inviteStatus":"approved","inviterName":null,"teams":["default"],"teamRoles":[{"teamSlug":"default","role":null}]}
            """.Trim(),
            body);
        Assert.Equal(body, (await app.AskAsync(HttpMethod.Get, $"{Members}1/", $"Bearer {app.FirstStart.Token}")).Body);
        Assert.Equal(404, (await app.GetAsync($"{Members}999/")).Status);
        Assert.Equal(404, (await app.GetAsync($"{Members}nobody/")).Status);
    }

    [Theory, EachDatabase]
    public async Task A_role_is_given_by_those_who_have_it_themselves(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        var manager = await app.AddPersonAsync("manager@example.org", "default", MemberRole.Manager);
        var member = await app.AddPersonAsync("member@example.org", "default", MemberRole.Member);
        var id = (await app.GetAsync($"{Members}me/", member)).Map.Text("id");
        var owner = (await app.GetAsync($"{Members}me/")).Map.Text("id");

        var promoted = await app.ApiAsync(HttpMethod.Put, $"{Members}{id}/", """{"orgRole":"manager"}""", manager);
        Assert.Equal((200, "manager", "Manager"), (promoted.Status, promoted.Map.Text("role"), promoted.Map.Text("roleName")));
        Assert.Equal("manager", (await app.GetAsync($"{Members}{id}/")).Map.Text("orgRole"));
        Assert.Equal(200, (await app.ApiAsync(HttpMethod.Put, $"{Members}{id}/", """{"role":"admin"}""", manager)).Status);

        Assert.Equal((403, """{"role":["You do not have permission to assign the given role."]}"""), await PutAsync(app, id, """{"orgRole":"owner"}""", manager));
        Assert.Equal((403, """{"role":["You do not have permission to assign a role to the given user."]}"""), await PutAsync(app, owner, """{"orgRole":"member"}""", manager));
        Assert.Equal((403, """{"detail":"You do not have permission to perform this action."}"""), await PutAsync(app, id, """{"orgRole":"member"}""", member));
        Assert.Equal((400, """{"orgRole":["\"king\" is not a valid choice."]}"""), await PutAsync(app, id, """{"orgRole":"king"}""", manager));
        Assert.Equal((400, """{"role":["Not a valid string."]}"""), await PutAsync(app, id, """{"role":{}}""", manager));
        Assert.Equal((400, """{"detail":"You cannot make changes to your own role."}"""), await PutAsync(app, "me", """{"orgRole":"member"}""", manager));
        Assert.Equal((400, """{"teams":["Cannot be changed in this version."]}"""), await PutAsync(app, id, """{"teams":["default"]}""", manager));
        Assert.Equal("admin", (await app.GetAsync($"{Members}{id}/")).Map.Text("role"));
        Assert.Equal(["member.edit", "member.edit"], await app.AuditedAsync());
    }

    [Theory, EachDatabase]
    public async Task The_last_owner_neither_goes_nor_loses_the_role(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        await app.AddPersonAsync("manager@example.org", "default", MemberRole.Manager);
        var sleeper = await app.AddPersonAsync("asleep@example.org", "default", MemberRole.Owner);
        await app.ExecuteAsync("update account set is_active = 0 where email = 'asleep@example.org'");
        Assert.Equal(401, (await app.GetAsync($"{Members}me/", sleeper)).Status);

        Assert.Equal((403, OnlyOwner), await DeleteAsync(app, "me", app.FirstStart.Token));
        Assert.Equal((403, OnlyOwner), await PutAsync(app, "me", """{"orgRole":"member"}""", app.FirstStart.Token));

        var second = await app.AddPersonAsync("second@example.org", "default", MemberRole.Owner);
        Assert.Equal((204, ""), await DeleteAsync(app, "me", app.FirstStart.Token));
        Assert.Equal(404, (await app.GetAsync($"{Members}me/")).Status);
        Assert.Equal((403, OnlyOwner), await DeleteAsync(app, "me", second));
        Assert.Equal(["member.remove"], await app.AuditedAsync(token: second));
    }

    /// <summary>On PostgreSQL through two nodes, each with a writer of its own.</summary>
    [Theory, EachDatabase]
    public async Task Of_the_last_two_owners_who_leave_at_once_one_stays(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        await using var node = app.Postgres is { } postgres ? await VedetteApp.StartAsync(settings: [("VEDETTE_DATABASE", postgres)]) : null;
        var tokens = new List<string> { app.FirstStart.Token };
        for (var round = 0; round < 10; round++)
        {
            tokens.Add(await app.AddPersonAsync($"owner{round}@example.org", "default", MemberRole.Owner));

            var left = await Task.WhenAll(
                Task.Run(() => DeleteAsync(app, "me", tokens[0])), Task.Run(() => DeleteAsync(node ?? app, "me", tokens[1])));

            Assert.Equal([204, 403], left.Select(each => each.Status).Order());
            tokens.RemoveAt(left[0].Status == 204 ? 0 : 1);
            Assert.Equal(1, await app.CountAsync("organization_member where role = 'owner'"));
        }
    }

    [Theory, EachDatabase]
    public async Task Two_owners_who_demote_each_other_at_once_leave_one(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        await using var node = app.Postgres is { } postgres ? await VedetteApp.StartAsync(settings: [("VEDETTE_DATABASE", postgres)]) : null;
        var other = await app.AddPersonAsync("other@example.org", "default", MemberRole.Owner);
        var otherId = (await app.GetAsync($"{Members}me/", other)).Map.Text("id");

        await Task.WhenAll(
            Task.Run(() => PutAsync(app, otherId, """{"orgRole":"member"}""", app.FirstStart.Token)),
            Task.Run(() => PutAsync(node ?? app, "1", """{"orgRole":"member"}""", other)));

        Assert.Equal(1, await app.CountAsync("organization_member where role = 'owner'"));
    }

    [Theory, EachDatabase]
    public async Task Members_are_removed_by_those_above_them_and_by_themselves(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        var manager = await app.AddPersonAsync("manager@example.org", "default", MemberRole.Manager);
        var admin = await app.AddPersonAsync("admin@example.org", "default", MemberRole.Admin);
        var member = await app.AddPersonAsync("member@example.org", "default", MemberRole.Member);
        var memberId = (await app.GetAsync($"{Members}me/", member)).Map.Text("id");
        await app.ApiAsync(HttpMethod.Post, $"{Members}me/teams/default/", token: member);

        Assert.Equal((400, """{"detail":"You are missing the member:admin scope."}"""), await DeleteAsync(app, memberId, admin));
        Assert.Equal((400, """{"detail":"You cannot remove a member who has more access than you."}"""), await DeleteAsync(app, "1", manager));
        Assert.Equal((204, ""), await DeleteAsync(app, memberId, manager));
        Assert.Equal((404, """{"detail":"The requested resource does not exist"}"""), await DeleteAsync(app, memberId, manager));
        Assert.Equal(404, (await app.GetAsync("/api/0/organizations/default/", member)).Status);
        Assert.Equal(1, await app.CountAsync("team_member"));
        Assert.Equal((204, ""), await DeleteAsync(app, "me", admin));
        Assert.Equal(200, (await app.GetAsync("/api/0/users/me/", admin)).Status);
    }

    [Fact]
    public async Task Members_of_another_organization_are_not_there()
    {
        await using var app = await VedetteApp.StartAsync();
        await app.AddOrganizationAsync("other");
        var stranger = await app.AddPersonAsync("stranger@other.example", "other", MemberRole.Member);
        var theirs = (await app.GetAsync("/api/0/organizations/other/members/me/", stranger)).Map.Text("id")!;

        Assert.Equal(404, (await app.GetAsync($"{Members}{theirs}/")).Status);
        Assert.Equal(404, (await PutAsync(app, theirs, """{"orgRole":"owner"}""", app.FirstStart.Token)).Status);
        Assert.Equal(404, (await DeleteAsync(app, theirs, app.FirstStart.Token)).Status);
        Assert.Equal(404, (await app.ApiAsync(HttpMethod.Post, $"{Members}{theirs}/teams/default/")).Status);
        Assert.Single((await app.GetAsync(Members)).List);
    }

    private static Task<(int Status, string Body)> PutAsync(VedetteApp app, string? member, string body, string token) =>
        app.AskAsync(HttpMethod.Put, $"{Members}{member}/", $"Bearer {token}", body);

    private static Task<(int Status, string Body)> DeleteAsync(VedetteApp app, string? member, string token) =>
        app.AskAsync(HttpMethod.Delete, $"{Members}{member}/", $"Bearer {token}");
}

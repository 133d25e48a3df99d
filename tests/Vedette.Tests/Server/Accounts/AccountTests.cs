using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Server.Accounts;

public sealed class AccountTests
{
    [Theory, EachDatabase]
    public async Task The_index_says_who_one_is_and_what_the_token_may_do(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        var token = await app.AddPersonAsync("ada@example.org", "default", MemberRole.Member, "event:write", "org:read");

        var index = await app.GetAsync("/api/0/", token);
        var me = await app.GetAsync("/api/0/users/me/", token);

        Assert.Equal(["event:read", "event:write", "org:read"], index.Map.Map("auth")!.List("scopes")!);
        Assert.Equal("ada@example.org", index.Map.Map("user")!.Text("email"));
        Assert.Equal(200, me.Status);
        Assert.Equal("ada@example.org", me.Map.Text("email"));
        Assert.Equal("2026-03-01T12:00:00.000000Z", me.Map.Text("dateJoined"));
        Assert.Equal(index.Map.Map("user")!.Text("id"), me.Map.Text("id"));
    }

    [Fact]
    public async Task Strangers_see_the_index_without_anybody_in_it()
    {
        await using var app = await VedetteApp.StartAsync();

        Assert.Equal((200, """{"version":"0","auth":null,"user":null}"""), await app.AskAsync(HttpMethod.Get, "/api/0/"));
        Assert.Equal(401, (await app.AskAsync(HttpMethod.Get, "/api/0/", "Bearer nonsense")).Status);
        Assert.Equal(401, (await app.AskAsync(HttpMethod.Get, "/api/0/users/me/")).Status);
    }

    [Fact]
    public async Task A_token_with_no_scope_that_a_route_names_still_says_whose_it_is()
    {
        await using var app = await VedetteApp.StartAsync();
        var token = await app.AddPersonAsync("ada@example.org", "default", MemberRole.Member, "openid");

        Assert.Equal(200, (await app.GetAsync("/api/0/users/me/", token)).Status);
        Assert.Equal(403, (await app.GetAsync("/api/0/organizations/", token)).Status);
    }
}

using Microsoft.Extensions.DependencyInjection;
using Vedette.Server.Audit;
using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Audit;

public sealed class AuditTests
{
    private const string Logs = "/api/0/organizations/default/audit-logs/";

    [Theory, EachDatabase]
    public async Task Entries_are_read_newest_first_page_by_page_in_both_directions(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(database, clock);
        for (var i = 1; i <= 5; i++)
        {
            await AddAsync(app, AuditEvents.ProjectAdded, new AuditActor(AuditActorKind.User, 1, "ada"), ("slug", $"p{i}"));
            if (i is 2 or 4)
                clock.Advance(TimeSpan.FromSeconds(1));
        }

        var first = await PageAsync(app, "?per_page=2");
        var second = await PageAsync(app, first.Next);
        await AddAsync(app, AuditEvents.ProjectAdded, new AuditActor(AuditActorKind.User, 1, "ada"), ("slug", "p6"));
        var third = await PageAsync(app, second.Next);
        var back = await PageAsync(app, third.Previous);

        Assert.Equal(["p5", "p4"], first.Slugs);
        Assert.Equal(["p3", "p2"], second.Slugs);
        Assert.Equal(["p1"], third.Slugs);
        Assert.Equal(second.Slugs, back.Slugs);
    }

    [Fact]
    public async Task An_entry_says_who_did_what_and_when()
    {
        await using var app = await VedetteApp.StartAsync(time: new FakeClock());
        await AddAsync(app, AuditEvents.MemberAdded, new AuditActor(AuditActorKind.User, 7, "ada@example.org"), ("email", "eve@example.org"), ("role", "member"));

        var (status, body) = await app.AskAsync(HttpMethod.Get, Logs, $"Bearer {app.FirstStart.Token}");

        Assert.Equal(200, status);
        Assert.Equal(
            $$"""
            {"rows":[{"id":"1","actor":{"id":"7","name":"ada@example.org"},"event":"member.add","ipAddress":null,"note":"added eve@example.org as member","targetObject":42,"targetUser":null,"data":{"email":"eve@example.org","role":"member"},"dateCreated":"2026-03-01T12:00:00.000000Z"}],"options":["{{string.Join("\",\"", AuditEvents.ApiNames.Values.Order(StringComparer.Ordinal))}}"]}
            """.Trim(),
            body);
    }

    [Fact]
    public async Task Entries_are_chosen_by_event_and_actor()
    {
        await using var app = await VedetteApp.StartAsync();
        await AddAsync(app, AuditEvents.ProjectAdded, new AuditActor(AuditActorKind.User, 1, "ada"), ("slug", "of-ada"));
        await AddAsync(app, AuditEvents.ProjectAdded, new AuditActor(AuditActorKind.User, 2, "eve"), ("slug", "of-eve"));
        await AddAsync(app, AuditEvents.OrganizationAdded, new AuditActor(AuditActorKind.User, 2, "eve"), ("slug", "default"));

        Assert.Equal(["of-eve", "of-ada"], (await PageAsync(app, "?event=project.create")).Slugs);
        Assert.Equal(["default", "of-eve"], (await PageAsync(app, "?actor=2")).Slugs);
        Assert.Equal(["of-eve"], (await PageAsync(app, "?actor=2&event=project.create")).Slugs);
        Assert.Equal((400, """{"event":["'project.vanish' is not a valid choice."]}"""), await AskAsync(app, "?event=project.vanish"));
        Assert.Equal((400, """{"actor":["A valid integer is required."]}"""), await AskAsync(app, "?actor=ada"));
    }

    [Fact]
    public async Task Members_and_strangers_do_not_read_it()
    {
        await using var app = await VedetteApp.StartAsync();
        await app.AddOrganizationAsync("other");
        var member = await app.AddPersonAsync("member@example.org", "default", MemberRole.Member, [.. Scopes.All]);
        var manager = await app.AddPersonAsync("manager@example.org", "default", MemberRole.Manager, [.. Scopes.All]);
        var stranger = await app.AddPersonAsync("stranger@example.org", "other", MemberRole.Owner, [.. Scopes.All]);

        Assert.Equal(403, (await app.GetAsync(Logs, member)).Status);
        Assert.Equal(200, (await app.GetAsync(Logs, manager)).Status);
        Assert.Equal(404, (await app.GetAsync(Logs, stranger)).Status);
    }

    /// <summary>A name without these breaks the whole page.</summary>
    [Fact]
    public void Each_event_has_a_name_in_the_API_and_a_note()
    {
        var stored = typeof(AuditEvents).GetFields().Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!).ToList();

        Assert.Equal(stored.Order(), AuditEvents.ApiNames.Keys.Order());
        Assert.All(stored, name => Assert.NotEmpty(AuditEvents.Note(name, new JsonMap())));
    }

    private static Task AddAsync(VedetteApp app, string name, AuditActor actor, params IReadOnlyList<(string Name, string Value)> data)
    {
        var map = new JsonMap();
        foreach (var (member, value) in data)
            map[member] = value;
        var entry = new AuditEntry { OrganizationId = 1, Event = name, Actor = actor, TargetId = 42, Data = map };
        return app.Database.WriteAsync(transaction => app.Services.GetRequiredService<AuditLog>().AddAsync(transaction, entry), CancellationToken.None);
    }

    private static Task<(int Status, string Body)> AskAsync(VedetteApp app, string query) =>
        app.AskAsync(HttpMethod.Get, Logs + query, $"Bearer {app.FirstStart.Token}");

    private static async Task<(IReadOnlyList<string> Slugs, string Next, string Previous)> PageAsync(VedetteApp app, string query)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Logs + query);
        request.Headers.Authorization = new("Bearer", app.FirstStart.Token);
        using var response = await app.Client.SendAsync(request);
        var rows = (await VedetteApp.ReadAsync(response)).Map.List("rows")!;
        var links = response.Headers.GetValues("Link").Single().Split(", ").Select(link => new Uri(link[1..link.IndexOf('>', StringComparison.Ordinal)]).Query).ToList();
        return ([.. rows.Select(row => ((JsonMap)row!).Map("data")!.Text("slug")!)], links[1], links[0]);
    }
}

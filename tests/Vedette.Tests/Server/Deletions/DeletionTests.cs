using Microsoft.Extensions.DependencyInjection;
using Vedette.Engine.Retention;
using Vedette.Server.Deletions;
using Vedette.Storage;
using Vedette.Tests.Harness;
using Vedette.Tests.Server.Seer;
using Vedette.Tracker.Retention;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Deletions;

/// <summary>What is deleted leaves nothing behind, and what was still to be delivered says why it is not.</summary>
public sealed class DeletionTests
{
    private const string Deliveries = "/api/vedette/organizations/default/deliveries/";

    /// <summary>Which rows a deleted organization owns: for each kind, the ids, and by what names columns refer to them.</summary>
    private static readonly (string Column, string Owned)[] Kinds =
    [
        ("organization_id", "select id from organization where slug = 'default'"),
        ("project_id", "select id from project where organization_id = 1"),
        ("issue_id", "select i.id from issue i join project p on p.id = i.project_id where p.organization_id = 1"),
        ("event_id", "select e.id from event e join project p on p.id = e.project_id where p.organization_id = 1"),
        ("team_id", "select id from team where organization_id = 1"),
        ("member_id", "select id from organization_member where organization_id = 1"),
        ("app_id", "select id from app where organization_id = 1"),
        ("app_installation_id", "select i.id from app_installation i join app a on a.id = i.app_id where i.organization_id = 1 or a.organization_id = 1"),
        ("destination_id", "select destination_id from app_installation i join app a on a.id = i.app_id where destination_id is not null and (i.organization_id = 1 or a.organization_id = 1) union select h.destination_id from service_hook h join project p on p.id = h.project_id where p.organization_id = 1"),
        ("account_id", "select proxy_account_id from app where organization_id = 1"),
        ("organization_token_id", "select id from organization_token where organization_id = 1"),
        ("external_issue_id", "select id from external_issue where organization_id = 1"),
        ("service_hook_id", "select h.id from service_hook h join project p on p.id = h.project_id where p.organization_id = 1"),
        ("delivery_id", "select y.id from delivery y join app_installation i on i.destination_id = y.destination_id join app a on a.id = i.app_id where a.organization_id = 1"),
        ("hook_event_id", "select id from hook_event where organization_id = 1"),
        ("replay_job_id", "select id from replay_job where organization_id = 1"),
        ("release_id", "select id from release where organization_id = 1"),
        ("rule_id", "select id from alert_rule where organization_id = 1"),
        ("alert_rule_id", "select id from alert_rule where organization_id = 1"),
        ("detector_id", "select id from detector where organization_id = 1"),
        ("run_id", "select r.id from seer_run r join issue i on i.id = r.issue_id join project p on p.id = i.project_id where p.organization_id = 1"),
    ];

    [Theory, EachDatabase]
    public async Task A_deleted_organization_leaves_no_row_behind_and_others_keep_theirs(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(500) };
        await using var app = await VedetteApp.StartAsync(database, clock);
        var (otherProject, otherKey) = await FillAsync(app, receiver);
        var owned = new Dictionary<string, IReadOnlyList<long>>(StringComparer.Ordinal);
        foreach (var (column, sql) in Kinds)
        {
            owned[column] = await ListAsync<long>(app, sql);
            Assert.True(owned[column].Count > 0, $"the organization has no {column}, so nothing would be tested");
        }

        Assert.NotEmpty(await LeftAsync(app, database, owned));

        Assert.Equal(202, (await app.ApiAsync(HttpMethod.Delete, "/api/0/organizations/default/")).Status);
        await clock.AdvanceUntilAsync(TimeSpan.FromSeconds(1), async () => await app.CountAsync("organization where id = 1") == 0, "the end of the organization");

        Assert.Empty(await LeftAsync(app, database, owned));
        Assert.Equal((1, 1, 1), (await app.CountAsync("organization"), await app.CountAsync("project"), await app.CountAsync("issue")));
        Assert.Equal((1, 1), (await app.CountAsync("destination"), await app.CountAsync("app")));
        Assert.Equal(1, await app.CountAsync("hook_event where organization_id = 2"));
        receiver.Behaviour = TestReceiver.Status(200);
        using var sent = await SendAsync(app, otherProject, otherKey, "still there");
        Assert.Equal(200, (int)sent.StatusCode);
    }

    [Theory, EachDatabase]
    public async Task What_waits_of_a_deleted_project_is_cancelled_and_says_why(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(500) };
        await using var app = await VedetteApp.StartAsync(database, clock, ("VEDETTE_RETRY_SCHEDULE", "10d"));
        await app.CreateAppAsync(receiver.Url, """["error"]""", ""","delivery":{"timeoutMs":30000}""");
        var held = await app.CreateAppAsync(receiver.Url, """["error"]""");
        await app.ApiAsync(HttpMethod.Put, $"/api/0/sentry-apps/{held.Text("slug")}/", """{"isDisabled":true}""");
        await SendErrorAsync(app);
        await app.WaitForAttemptsAsync(1);
        var (kept, keptKey) = await app.AddProjectAsync("default", "kept");
        (await SendAsync(app, kept, keptKey, "of another project")).Dispose();
        await app.WaitForAttemptsAsync(2);
        Assert.Equal((2, 2), (await app.CountAsync("delivery where state = 'pending'"), await app.CountAsync("delivery where state = 'held'")));

        Assert.Equal(204, (await app.ApiAsync(HttpMethod.Delete, "/api/0/projects/default/default/")).Status);
        await clock.AdvanceUntilAsync(TimeSpan.FromSeconds(1), async () => await app.CountAsync("project where slug <> 'kept'") == 0, "the end of the project");

        var cancelled = (await app.GetAsync($"{Deliveries}?state=cancelled")).List;
        Assert.Equal(2, cancelled.Count);
        foreach (var delivery in cancelled.Cast<JsonMap>())
        {
            var explained = (await app.GetAsync($"{Deliveries}{delivery.Text("id")}/")).Map.Map("explanation")!;
            Assert.Equal(("cancelled", "Cancelled: the project was deleted while the delivery waited."), (explained.Text("code"), explained.Text("text")));
        }

        Assert.Equal((1, 1), (await app.CountAsync("delivery where state = 'pending'"), await app.CountAsync("delivery where state = 'held'")));
        Assert.Equal((1, 1, 1), (await app.CountAsync("event"), await app.CountAsync("issue"), await app.CountAsync("project_key")));
        Assert.Equal(0, await app.CountAsync("team_project"));
    }

    [Theory, EachDatabase]
    public async Task Thousands_of_rows_go_in_steps_and_two_nodes_at_once_do_no_harm(DatabaseKind database)
    {
        const int Many = 2300;
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        await app.CreateAppAsync("http://127.0.0.1:9/", """["error"]""");
        await app.ExecuteAsync("update destination set state = 'disabled'");
        await app.Database.WriteAsync(async transaction =>
        {
            var rows = Enumerable.Range(1, Many).Select(i => new { Id = (long)i, Text = $"t{i}", Body = "{}"u8.ToArray() }).ToList();
            await transaction.ExecuteEachAsync(
                """
                insert into issue (
                    id, project_id, short_id, category, type, level, title, culprit, metadata, platform, status, priority, first_seen, last_seen, times_seen,
                    user_count, num_comments, is_unhandled)
                values (@Id, 1, @Id, 'error', 'error', 'error', @Text, '', '{}', 'other', 'unresolved', 'high', 1, 1, 1, 1, 0, 0)
                """,
                rows);
            await transaction.ExecuteEachAsync(
                """
                insert into event (id, project_id, event_id, issue_id, occurred_at, received_at, type, level, platform, title, message, body)
                values (@Id, 1, @Text, @Id, 1, 1, 'error', 'error', 'other', '', '', @Body)
                """,
                rows);
            await transaction.ExecuteEachAsync("insert into issue_user (issue_id, user_tag, first_seen) values (1, @Text, 1)", rows);
            await transaction.ExecuteEachAsync(
                "insert into issue_tag (issue_id, key, value, project_id, times, first_seen, last_seen) values (2, 'color', @Text, 1, 1, 1, 1)", rows);
            await transaction.ExecuteEachAsync("insert into event_bucket (issue_id, step, start, environment, project_id, times) values (2, 60, @Id, '', 1, 1)", rows);
            await transaction.ExecuteEachAsync(
                """
                insert into hook_event (id, organization_id, project_id, issue_id, resource, action, seed, data, actor, created_at)
                values (@Id, 1, 1, @Id, 'error', 'created', @Text, @Body, @Body, 1)
                """,
                rows);
            await transaction.ExecuteEachAsync(
                """
                insert into delivery (id, organization_id, hook_event_id, destination_id, replay_of, action, state, reason, due_at, attempts, created_at)
                values (@Id, 1, @Id, 1, 0, 'created', 'held', 'destination_disabled', 1, 0, 1)
                """,
                rows);
        }, CancellationToken.None);
        await using var node = app.Postgres is { } postgres ? await VedetteApp.StartAsync(time: new FakeClock(), settings: [("VEDETTE_DATABASE", postgres)]) : null;
        Assert.Equal(202, (await app.ApiAsync(HttpMethod.Delete, "/api/0/organizations/default/")).Status);
        var before = app.Database.Commits;

        await Task.WhenAll(new[] { app, node ?? app }.Select(each => Task.Run(async () =>
        {
            var deletion = each.Services.GetRequiredService<OrganizationDeletion>();
            foreach (var id in await deletion.PendingAsync(CancellationToken.None))
                await deletion.DeleteAsync(id, CancellationToken.None);
        })));

        foreach (var table in new[] { "organization", "project", "issue", "issue_user", "issue_tag", "event_bucket", "event", "hook_event", "delivery", "destination", "app", "app_installation", "audit_log_entry" })
            Assert.Equal((table, 0), (table, await app.CountAsync(table)));
        Assert.True(app.Database.Commits - before > Many / 100, "it went in steps");
    }

    [Theory, EachDatabase]
    public async Task An_attempt_that_ends_after_its_destination_is_removed_is_forgotten(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Hang };
        await using var app = await VedetteApp.StartAsync(database, clock);
        await app.CreateAppAsync(receiver.Url, """["error"]""");
        await app.AddOrganizationAsync("other");
        await SendErrorAsync(app);
        await receiver.WaitForAsync(1);
        var destination = (await ListAsync<long>(app, "select id from destination")).Single();

        await app.Services.GetRequiredService<DestinationRemoval>().RemoveAsync(destination, Vedette.Engine.Deliveries.CancelReason.OrganizationDeleted, CancellationToken.None);
        receiver.Behaviour = TestReceiver.Status(200);
        await app.CreateAppAsync(receiver.Url, """["error"]""");
        clock.Advance(TimeSpan.FromSeconds(2));
        await SendErrorAsync(app);

        // The recorder writes in order, so what it did with the first attempt is done.
        await app.WaitForDeliveriesAsync(1);
        Assert.Equal((1, 1), (await app.CountAsync("attempt"), await app.CountAsync("destination_day")));
    }

    [Theory, EachDatabase]
    public async Task What_was_to_be_deleted_is_deleted_after_the_next_start(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(database, clock);
        await SendErrorAsync(app);
        Assert.Equal(204, (await app.ApiAsync(HttpMethod.Delete, "/api/0/projects/default/default/")).Status);
        Assert.Equal(1, await app.CountAsync("event"));

        await app.RestartAsync();

        Assert.Empty((await app.GetAsync("/api/0/organizations/default/projects/")).List);
        await clock.AdvanceUntilAsync(TimeSpan.FromSeconds(1), async () => await app.CountAsync("project") == 0, "the end of the project");
        Assert.Equal((0, 0, 1), (await app.CountAsync("event"), await app.CountAsync("issue"), await app.CountAsync("organization")));
    }

    [Fact]
    public async Task A_project_that_is_not_to_be_deleted_is_left_alone()
    {
        await using var app = await VedetteApp.StartAsync();
        await SendErrorAsync(app);

        await app.Services.GetRequiredService<ProjectDeletion>().DeleteAsync(app.ProjectId, CancellationToken.None);

        Assert.Equal((1, 1, 1), (await app.CountAsync("project"), await app.CountAsync("event"), await app.CountAsync("issue")));
    }

    [Fact]
    public async Task The_web_role_deletes_nothing()
    {
        await using var app = await VedetteApp.StartAsync(settings: [("VEDETTE_ROLE", "web")]);

        Assert.DoesNotContain(app.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>(), service => service is DeletionWorker);
    }

    /// <summary>
    /// An organization in use: issues, events, users, deliveries in every state, a replay, teams, invites, an app that another
    /// organization has installed as well. And another organization with some of the same.
    /// </summary>
    private static async Task<(long Project, string Key)> FillAsync(VedetteApp app, TestReceiver receiver)
    {
        await app.CreateAppAsync(receiver.Url, """["issue","error"]""");
        var held = await app.CreateAppAsync(receiver.Url, """["error"]""");
        await app.ApiAsync(HttpMethod.Put, $"/api/0/sentry-apps/{held.Text("slug")}/", """{"isDisabled":true}""");
        await app.AddOrganizationAsync("other");
        var (otherProject, otherKey) = await app.AddProjectAsync("other", "theirs");
        var stranger = await app.AddPersonAsync("stranger@other.example", "other", Vedette.Server.Authorization.MemberRole.Owner);
        Assert.Equal(201, (await app.ApiAsync(HttpMethod.Post, "/api/0/sentry-apps/", $$"""
            {"name":"Theirs","organization":"other","isInternal":true,"scopes":["event:read"],"events":["error"],"webhookUrl":"{{receiver.Url}}"}
            """, stranger)).Status);

        // The first app of the organization, installed in the other one.
        await app.ExecuteAsync(
            """
            insert into destination (kind, public_id, organization_id, url, secret, timeout_ms, concurrency, encoding, ordered, is_published, state, state_reason, rest_us, created_at)
            select kind, 'elsewhere', 2, url, secret, timeout_ms, concurrency, encoding, ordered, is_published, state, state_reason, rest_us, created_at from destination where id = 1
            """);
        await app.ExecuteAsync("insert into subscription (destination_id, organization_id, event, project_id) select id, 2, 'error.created', 0 from destination where public_id = 'elsewhere'");
        await app.ExecuteAsync(
            "insert into app_installation (uuid, app_id, organization_id, status, destination_id, created_at) select 'elsewhere', 1, 2, 'installed', id, 1 from destination where public_id = 'elsewhere'");

        Assert.Equal(201, (await app.ApiAsync(
            HttpMethod.Post, "/api/0/projects/default/default/hooks/", $$"""{"url":"{{receiver.Url}}","events":["event.created"]}""")).Status);
        Assert.Equal(201, (await app.ApiAsync(HttpMethod.Post, "/api/0/organizations/default/org-auth-tokens/", """{"name":"ci"}""")).Status);
        using (var owner = await LoggedIn.AsAsync(app))
            Assert.Equal(201, (await owner.ApiAsync(HttpMethod.Post, $"/api/0/sentry-apps/{held.Text("slug")}/api-tokens/")).Status);

        await AddRulesAsync(app);
        await SendErrorAsync(app);
        (await SendAsync(app, otherProject, otherKey, "elsewhere")).Dispose();
        await app.WaitForAttemptsAsync(5);
        var uuid = ((JsonMap)(await app.GetAsync("/api/0/organizations/default/sentry-app-installations/")).List[0]!).Text("uuid");
        Assert.Equal(200, (await app.ApiAsync(
            HttpMethod.Post, $"/api/0/sentry-app-installations/{uuid}/external-issues/", """{"issueId":1,"webUrl":"https://t.example/1","project":"ops","identifier":"7"}""")).Status);
        Assert.Equal(200, (await app.ApiAsync(HttpMethod.Post, $"/api/0/sentry-app-installations/{uuid}/service-hook-projects/", """{"projects":["default"]}""")).Status);
        await app.ExecuteAsync("insert into api_authorization (application_id, account_id, organization_id, scopes, created_at) values (1, 1, 1, '', 0)");
        await app.ApiAsync(HttpMethod.Post, "/api/0/organizations/default/members/", """{"email":"invited@example.org","teams":["default"]}""");
        await app.ApiAsync(HttpMethod.Post, "/api/vedette/organizations/default/replays/", "{}");
        await app.ApiAsync(HttpMethod.Post, "/api/0/organizations/default/releases/", """{"version":"1.0","projects":["default"],"commits":[{"id":"c1"}]}""");
        Assert.Equal(201, (await app.ApiAsync(HttpMethod.Post, "/api/0/organizations/default/releases/1.0/deploys/", """{"environment":"production"}""")).Status);
        foreach (var change in new[] { """{"status":"ignored","ignoreCount":5}""", """{"status":"resolved","statusDetails":{"inRelease":"1.0"},"hasSeen":true,"isBookmarked":true}""" })
            Assert.Equal(200, (await app.ApiAsync(HttpMethod.Put, "/api/0/organizations/default/issues/1/", change)).Status);
        await app.ReportRunAsync("/api/0/organizations/default/issues/1/");
        Assert.Equal(200, (await app.SendEnvelopeAsync("{}\n{\"type\":\"session\"}\n{}\n"u8.ToArray())).Status);
        return (otherProject, otherKey);
    }

    /// <summary>One that fires with the next event, and one that the event leaves open.</summary>
    private static async Task AddRulesAsync(VedetteApp app)
    {
        foreach (var condition in new[] { "", """{"id":"sentry.rules.conditions.event_frequency.EventUniqueUserFrequencyCondition","value":9,"interval":"1h"}""" })
        {
            Assert.Equal(201, (await app.ApiAsync(HttpMethod.Post, "/api/0/projects/default/default/rules/", $$"""
                {"name":"rule","frequency":5,"actionMatch":"all","conditions":[{{condition}}],"actions":[{"id":"sentry.mail.actions.NotifyEmailAction","fallthroughType":"NoOne"}]}
                """)).Status);
        }

        Assert.Equal(201, (await app.ApiAsync(HttpMethod.Post, "/api/0/projects/default/default/rules/2/snooze/", """{"target":"me"}""")).Status);
    }

    /// <summary>Every row of every table that names something of the organization, or is it.</summary>
    private static async Task<List<string>> LeftAsync(VedetteApp app, DatabaseKind database, Dictionary<string, IReadOnlyList<long>> owned)
    {
        var columns = await ListAsync<SchemaColumn>(app, database switch
        {
            DatabaseKind.Sqlite => "select m.name as table_name, p.name as column_name from sqlite_master m join pragma_table_info(m.name) p where m.type = 'table'",
            DatabaseKind.Postgres => "select table_name, column_name from information_schema.columns where table_schema = current_schema()",
        });
        Assert.Contains(columns, column => column is { TableName: "delivery", ColumnName: "organization_id" });
        var left = new List<string>();
        foreach (var column in columns)
        {
            var kind = column.ColumnName == "id" ? $"{(column.TableName == "organization_member" ? "member" : column.TableName)}_id" : column.ColumnName;
            if (column is { TableName: "event" or "alert_firing", ColumnName: "event_id" } || !owned.TryGetValue(kind, out var ids) || ids.Count == 0)
                continue;
            if (await app.CountAsync($"{column.TableName} where {column.ColumnName} in ({string.Join(", ", ids)})") is var rows and > 0)
                left.Add($"{rows} rows of {column.TableName} by {column.ColumnName}");
        }

        return left;
    }

    private static async Task SendErrorAsync(VedetteApp app) =>
        Assert.Equal(200, (await app.SendEventAsync("""{"level":"error","user":{"id":"7"},"exception":{"values":[{"type":"E","value":"one"}]}}""")).Status);

    private static Task<HttpResponseMessage> SendAsync(VedetteApp app, long project, string key, string text) =>
        app.Client.PostAsync(
            new Uri($"/api/{project}/envelope/?sentry_key={key}", UriKind.Relative),
            new StringContent($$$"""
                {}
                {"type":"event"}
                {"level":"error","exception":{"values":[{"type":"E","value":"{{{text}}}"}]}}
                """.ReplaceLineEndings("\n")));

    private static Task<IReadOnlyList<T>> ListAsync<T>(VedetteApp app, string sql) =>
        app.Database.ReadAsync(session => session.ListAsync<T>(sql), CancellationToken.None);

    private sealed record SchemaColumn
    {
        public string TableName { get; init; } = "";

        public string ColumnName { get; init; } = "";
    }
}

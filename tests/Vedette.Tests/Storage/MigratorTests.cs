using System.Data.Common;
using System.Reflection;
using System.Text;
using Vedette.Server;
using Vedette.Storage;
using Vedette.Storage.Migrations;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Storage;

public sealed class MigratorTests
{
    private const string First = "create table one (id {identity}, text text); insert into one (text) values ('a')";
    private const string Second = "alter table one add column more text";
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory, EachDatabase]
    public async Task What_is_missing_is_applied_once(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);

        Assert.Null(await ApplyAsync(database.Node, Set("room", First)));
        Assert.Null(await ApplyAsync(database.Node, Set("room", First, Second)));
        Assert.Null(await ApplyAsync(database.Node, Set("room", First, Second)));

        Assert.Equal(["room 1 0001-test.sql", "room 2 0002-test.sql"], await AppliedAsync(database.Node));
        Assert.Equal(1, await CountAsync(database.Node, "one"));
    }

    [Theory, EachDatabase]
    public async Task The_rooms_of_this_build_can_be_applied_again(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);

        Assert.Null(await Migrator.ApplyAsync(database.Node, ServerMigrations.All, TimeProvider.System, None));
        var applied = await AppliedAsync(database.Node);
        Assert.Null(await Migrator.ApplyAsync(database.Node, ServerMigrations.All, TimeProvider.System, None));

        Assert.NotEmpty(applied);
        Assert.Equal(applied, await AppliedAsync(database.Node));
    }

    [Theory, EachDatabase]
    public async Task Of_two_nodes_that_start_at_once_one_applies(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        var nodes = new[] { database.Node, database.AddNode(), database.AddNode() };

        var refusals = await Task.WhenAll(nodes.Select(node => Task.Run(() => ApplyAsync(node, Set("room", First, Second)))));

        Assert.All(refusals, Assert.Null);
        Assert.Equal(1, await CountAsync(database.Node, "one"));
    }

    [Theory, EachDatabase]
    public async Task A_newer_database_is_refused_in_one_line_and_not_changed(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        await ApplyAsync(database.Node, Set("old", First), Set("room", "create table two (id {identity})", "create table three (id {identity})"));
        var before = await AppliedAsync(database.Node);

        // Another room would have something to apply, and comes first.
        var refusal = await ApplyAsync(database.Node, Set("old", First, Second), Set("room", "create table two (id {identity})"));

        Assert.Equal(
            $"the database ({database.Node.Description}) was written by a newer Vedette (room schema 2, this build knows 1); start that version, or restore a backup",
            refusal);
        Assert.Equal(before, await AppliedAsync(database.Node));
    }

    [Theory, EachDatabase]
    public async Task A_migration_that_fails_leaves_nothing_behind(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        await ApplyAsync(database.Node, Set("room", First));

        await Assert.ThrowsAnyAsync<DbException>(() => ApplyAsync(
            database.Node, Set("room", First, Second, "create table two (id {identity}); insert into two (nonsense) values (1)")));

        Assert.Equal(["room 1 0001-test.sql"], await AppliedAsync(database.Node));
        await Assert.ThrowsAnyAsync<DbException>(() => CountAsync(database.Node, "two"));
        Assert.Null(await ApplyAsync(database.Node, Set("room", First, Second)));
    }

    [Theory, EachDatabase]
    public async Task Members_and_teams_from_before_there_were_invites_are_kept(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        var (engine, tracker, server) = (ServerMigrations.All[0], ServerMigrations.All[1], ServerMigrations.All[2]);
        Assert.Null(await ApplyAsync(database.Node, Older(engine, 5), Older(tracker, 3), Older(server, 2)));
        await database.Node.WriteAsync(
            transaction => transaction.ExecuteAsync(
                """
                insert into organization (id, slug, name, created_at) values (1, 'acme', 'Acme', 1), (2, 'other', 'Other', 1);
                insert into account (id, email, name, password_hash, is_active, created_at) values (1, 'ada', 'Ada', '', 1, 1), (2, 'eve', 'Eve', '', 1, 1);
                insert into organization_member (organization_id, account_id, role, created_at) values (1, 2, 'member', 7), (1, 1, 'owner', 5), (2, 1, 'admin', 6);
                insert into team (id, organization_id, slug, name, created_at) values (1, 1, 'web', 'Web', 1), (2, 2, 'ops', 'Ops', 1);
                insert into team_member (team_id, account_id) values (1, 1), (1, 2), (2, 1);
                """),
            None);

        Assert.Null(await Migrator.ApplyAsync(database.Node, ServerMigrations.All, TimeProvider.System, None));

        Assert.Equal(
            ["1 acme ada owner web", "2 other ada admin ops", "3 acme eve member web"],
            await database.Node.ReadAsync(
                session => session.ListAsync<string>(
                    """
                    select m.id || ' ' || o.slug || ' ' || a.email || ' ' || m.role || ' ' || t.slug from organization_member m
                    join organization o on o.id = m.organization_id
                    join account a on a.id = m.account_id
                    join team_member x on x.member_id = m.id
                    join team t on t.id = x.team_id
                    order by m.id
                    """),
                None));

        // What refers to the tables still does.
        await database.Node.WriteAsync(transaction => transaction.ExecuteAsync("delete from account where id = 1"), None);
        Assert.Equal((1, 1), (await CountAsync(database.Node, "organization_member"), await CountAsync(database.Node, "team_member")));
    }

    [Theory, EachDatabase]
    public async Task Projects_from_before_there_were_alerts_have_what_alerts_listen_to(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        var (engine, tracker, server) = (ServerMigrations.All[0], ServerMigrations.All[1], ServerMigrations.All[2]);
        Assert.Null(await ApplyAsync(database.Node, Older(engine, 6), Older(tracker, 9), Older(server, 10)));
        await database.Node.WriteAsync(
            transaction => transaction.ExecuteAsync(
                """
                insert into organization (id, slug, name, status, created_at) values (1, 'acme', 'Acme', 'active', 1);
                insert into project (id, organization_id, slug, name, next_short_id, status, created_at) values (1, 1, 'web', 'Web', 1, 'active', 5), (2, 1, 'api', 'Api', 1, 'active', 6);
                """),
            None);

        Assert.Null(await Migrator.ApplyAsync(database.Node, ServerMigrations.All, TimeProvider.System, None));

        Assert.Equal(
            ["1 1 error Error Monitor 5", "1 1 issue_stream Issue Stream 5", "1 2 error Error Monitor 6", "1 2 issue_stream Issue Stream 6"],
            await database.Node.ReadAsync(
                session => session.ListAsync<string>(
                    "select organization_id || ' ' || project_id || ' ' || kind || ' ' || name || ' ' || created_at from detector where enabled = 1 order by project_id, kind"),
                None));
        Assert.Equal(0, await CountAsync(database.Node, "alert_rule"));
    }

    [Theory]
    [InlineData("0001-a.sql", "0003-c.sql")]
    [InlineData("0002-b.sql", "0003-c.sql")]
    [InlineData("0001-a.sql", "0001-b.sql")]
    public void Numbers_with_a_gap_are_a_bug_that_is_named(params string[] files)
    {
        var set = new MigrationSet("room", new ResourceAssembly(files.ToDictionary(file => file, _ => "select 1")));

        var bug = Assert.Throws<InvalidOperationException>(() => set.Read());

        Assert.StartsWith("Rooms: expected migration 000", bug.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_of_other_kinds_are_no_migrations()
    {
        var set = new MigrationSet("room", new ResourceAssembly(new() { ["0001-a.sql"] = "select 1", ["readme.txt"] = "" }));

        Assert.Equal(["0001-a.sql"], set.Read().Select(migration => migration.File));
    }

    private static MigrationSet Set(string room, params string[] texts) =>
        new(room, new ResourceAssembly(texts.Select((text, i) => ($"{i + 1:0000}-test.sql", text)).ToDictionary()));

    /// <summary>A room as it was with its first migrations only.</summary>
    private static MigrationSet Older(MigrationSet set, int count) => Set(set.Room, [.. set.Read().Take(count).Select(migration => migration.Sql)]);

    private static Task<string?> ApplyAsync(Database database, params MigrationSet[] sets) =>
        Migrator.ApplyAsync(database, sets, TimeProvider.System, None);

    private static Task<IReadOnlyList<string>> AppliedAsync(Database database) =>
        database.ReadAsync(
            session => session.ListAsync<string>("select room || ' ' || number || ' ' || file from schema_migration order by room, number"), None);

    private static Task<long> CountAsync(Database database, string table) =>
        database.ReadAsync(session => session.SingleAsync<long>($"select count(*) from {table}"), None);

    /// <summary>An assembly that is nothing but its embedded migrations.</summary>
    private sealed class ResourceAssembly(Dictionary<string, string> files) : Assembly
    {
        public override string[] GetManifestResourceNames() => [.. files.Keys.Select(file => $"Rooms.Migrations.{file}")];

        public override Stream? GetManifestResourceStream(string name) =>
            new MemoryStream(Encoding.UTF8.GetBytes(files[name["Rooms.Migrations.".Length..]]));

        public override AssemblyName GetName() => new("Rooms");
    }
}

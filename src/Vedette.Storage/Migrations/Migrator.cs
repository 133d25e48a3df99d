using System.Data.Common;

namespace Vedette.Storage.Migrations;

/// <summary>Brings a database to the shape that this build expects: forward only, once, whoever starts first.</summary>
public static class Migrator
{
    /// <summary>
    /// Applies what is missing, all or nothing, in the order of <paramref name="sets"/>. A second call, or a second node
    /// at the same time, finds nothing to do.
    /// </summary>
    /// <returns><c>null</c>, or one line that says that the database was written by a newer build; nothing was changed then.</returns>
    public static async Task<string?> ApplyAsync(Database database, IReadOnlyList<MigrationSet> sets, TimeProvider time, CancellationToken ct)
    {
        string? refusal = null;
        await database.StartupAsync(async transaction =>
        {
            await transaction.ExecuteAsync(
                """
                create table if not exists schema_migration (
                    room text not null,
                    number bigint not null,
                    file text not null,
                    applied_at bigint not null,
                    primary key (room, number)
                )
                """);

            var missing = new List<(string Room, Migration Migration)>();
            foreach (var set in sets)
            {
                var known = set.Read();
                var applied = await transaction.SingleAsync<long>(
                    "select coalesce(max(number), 0) from schema_migration where room = @Room", new { set.Room });
                if (applied > known.Count)
                {
                    refusal = $"the database ({database.Description}) was written by a newer Vedette "
                        + $"({set.Room} schema {applied}, this build knows {known.Count}); start that version, or restore a backup";
                    return;
                }

                missing.AddRange(known.Skip((int)applied).Select(migration => (set.Room, migration)));
            }

            // Only now, so that a database that is refused has not been changed.
            foreach (var (room, migration) in missing)
            {
                await transaction.ExecuteAsync(database.Expand(migration.Sql));
                await transaction.ExecuteAsync(
                    "insert into schema_migration (room, number, file, applied_at) values (@room, @Number, @File, @At)",
                    new { room, Number = (long)migration.Number, migration.File, At = UnixMicroseconds.From(time.GetUtcNow()) });
            }
        }, ct);
        return refusal;
    }

    /// <summary>Changes nothing.</summary>
    /// <returns><c>null</c> when the database has the shape that this build expects, or one line that says how it differs.</returns>
    /// <exception cref="DbException">There is no schema at all, or no database.</exception>
    public static Task<string?> CheckAsync(Database database, IReadOnlyList<MigrationSet> sets, CancellationToken ct) =>
        database.ReadAsync(async session =>
        {
            foreach (var set in sets)
            {
                var applied = await session.SingleAsync<long>(
                    "select coalesce(max(number), 0) from schema_migration where room = @Room", new { set.Room });
                if (applied != set.Read().Count)
                    return $"the database ({database.Description}) was written by another Vedette ({set.Room} schema {applied}, this build knows {set.Read().Count})";
            }

            return null;
        }, ct);
}

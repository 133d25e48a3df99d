using Vedette.Engine;
using Vedette.Storage.Migrations;
using Vedette.Tracker;

namespace Vedette.Server;

internal static class ServerMigrations
{
    /// <summary>Rooms in the order in which data flows; a later one may refer to an earlier one's tables.</summary>
    public static IReadOnlyList<MigrationSet> All { get; } =
        [EngineMigrations.Set, TrackerMigrations.Set, new("server", typeof(ServerMigrations).Assembly)];
}

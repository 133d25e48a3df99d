using Vedette.Storage.Migrations;

namespace Vedette.Tracker;

public static class TrackerMigrations
{
    public static MigrationSet Set { get; } = new("tracker", typeof(TrackerMigrations).Assembly);
}

using Vedette.Storage.Migrations;

namespace Vedette.Engine;

public static class EngineMigrations
{
    public static MigrationSet Set { get; } = new("engine", typeof(EngineMigrations).Assembly);
}

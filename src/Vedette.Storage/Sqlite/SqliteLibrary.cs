using System.Runtime.InteropServices;
using SQLitePCL;

namespace Vedette.Storage.Sqlite;

/// <summary>The system's SQLite when there is one, because it gets security updates; else the one that ships with us.</summary>
internal static class SqliteLibrary
{
    private const string System = "libsqlite3.so.0";

    public static void Load()
    {
        NativeLibrary.SetDllImportResolver(
            typeof(SQLite3Provider_e_sqlite3).Assembly,
            (name, _, _) => name == "e_sqlite3" && NativeLibrary.TryLoad(System, out var handle) ? handle : 0);
        Batteries_V2.Init();
    }
}

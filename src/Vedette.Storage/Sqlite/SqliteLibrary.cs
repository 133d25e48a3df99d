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

        // Every connection is used by one thread at a time, so SQLite need not lock around each call.
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MULTITHREAD);

        // Nobody reads the count of allocated bytes, and counting takes a lock of the whole process for every allocation.
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MEMSTATUS, 0);
    }
}

namespace Vedette.Server.Configuration;

/// <summary>The data folder, there and writable. With SQLite it is one process's own, until that is disposed or dies.</summary>
internal sealed class DataFolder(FileStream? ownership) : IDisposable
{
    /// <returns><c>null</c> when the folder cannot be used; why is one line in <paramref name="problem"/>.</returns>
    public static DataFolder? TryOpen(string path, bool exclusive, out string? problem)
    {
        problem = null;
        try
        {
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(path);
            else
                Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

            var probe = Path.Combine(path, $".write-{Environment.ProcessId}");
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = $"the data folder {path} cannot be written: {e.Message} (VEDETTE_DATA chooses another)";
            return null;
        }

        if (!exclusive)
            return new DataFolder(null);

        var lockFile = Path.Combine(path, "vedette.lock");
        try
        {
            return new DataFolder(new FileStream(lockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException)
        {
            problem = $"another vedette serves from the data folder {path} (VEDETTE_DATA chooses another; several processes share a PostgreSQL with VEDETTE_DATABASE)";
            return null;
        }
        catch (UnauthorizedAccessException e)
        {
            problem = $"{lockFile} cannot be opened: {e.Message} (VEDETTE_DATA chooses another folder)";
            return null;
        }
    }

    public void Dispose() => ownership?.Dispose();
}

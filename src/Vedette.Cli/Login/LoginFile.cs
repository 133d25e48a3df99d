using Vedette.Wire.Json;

namespace Vedette.Cli.Login;

/// <param name="Url">Of the server, without a final slash.</param>
internal sealed record StoredLogin(string Url, string AccessToken, string RefreshToken);

/// <summary>Where the login of this command line is kept, between one call and the next.</summary>
/// <param name="path">Only its owner can read the file.</param>
internal sealed class LoginFile(string path)
{
    public string Path => path;

    /// <summary><c>$XDG_CONFIG_HOME/vedette/login.json</c>, or the same below <c>~/.config</c>.</summary>
    public static LoginFile Of(IReadOnlyDictionary<string, string> environment)
    {
        var folder = environment.GetValueOrDefault("XDG_CONFIG_HOME") is { Length: > 0 } configured && System.IO.Path.IsPathRooted(configured)
            ? configured
            : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config");
        return new(System.IO.Path.Combine(folder, "vedette", "login.json"));
    }

    /// <returns><c>null</c> when nobody is logged in, or the file is none of ours.</returns>
    public StoredLogin? Read()
    {
        if (!File.Exists(path) || !LenientJson.TryParse(File.ReadAllBytes(path), out var tree, out _) || tree is not JsonMap map)
            return null;
        return map.Text("url") is { } url && map.Text("accessToken") is { } access && map.Text("refreshToken") is { } refresh
            ? new(url, access, refresh)
            : null;
    }

    /// <summary>Whole or not at all: it is written beside the old one and takes its place.</summary>
    /// <exception cref="IOException">It cannot be written; likewise <see cref="UnauthorizedAccessException"/>.</exception>
    public void Write(StoredLogin login)
    {
        var json = new StableJsonWriter();
        json.StartObject();
        json.Name("url"u8);
        json.Value(login.Url);
        json.Name("accessToken"u8);
        json.Value(login.AccessToken);
        json.Name("refreshToken"u8);
        json.Value(login.RefreshToken);
        json.EndObject();

        var folder = System.IO.Path.GetDirectoryName(path)!;
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        var fresh = $"{path}.{Environment.ProcessId}";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(fresh, options))
            file.Write(json.WrittenSpan);
        File.Move(fresh, path, overwrite: true);
    }

    public void Delete() => File.Delete(path);
}

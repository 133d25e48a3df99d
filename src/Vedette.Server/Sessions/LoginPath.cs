namespace Vedette.Server.Sessions;

/// <summary>The paths of login and logout, and where they lead on to.</summary>
internal static class LoginPath
{
    public const string Login = "/auth/login/";
    public const string Logout = "/auth/logout/";
    private const string Home = "/";
    private const int Longest = 6000;

    /// <param name="next">Path and query, as they stand in a request.</param>
    public static string For(string next) => next != Home && IsLocal(next) ? $"{Login}?next={Uri.EscapeDataString(next)}" : Login;

    /// <summary>
    /// A path of this server, or the home page when <paramref name="next"/> is anything else. Browsers read <c>\</c> as
    /// <c>/</c>, leave out tabs and line breaks, and take <c>//name</c> for another server.
    /// </summary>
    public static string Next(string? next) => next is not null && IsLocal(next) ? next : Home;

    private static bool IsLocal(string path) =>
        path.Length is > 0 and <= Longest && path[0] == '/' && !path.StartsWith("//", StringComparison.Ordinal) && path.All(c => c is > ' ' and <= '~' and not '\\');
}

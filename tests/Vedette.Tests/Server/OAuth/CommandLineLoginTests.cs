using System.Text.RegularExpressions;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Server.OAuth;

/// <summary><c>vedette login</c>, <c>whoami</c> and <c>logout</c>, as processes.</summary>
[Trait("slow", "yes")]
public sealed partial class CommandLineLoginTests
{
    [Fact]
    public async Task A_login_is_kept_for_its_owner_alone_renewed_and_ended()
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(time: clock);
        using var home = new TemporaryFolder();
        var environment = new Dictionary<string, string> { ["XDG_CONFIG_HOME"] = home.Path };
        var file = Path.Combine(home.Path, "vedette", "login.json");
        using var visitor = await PageVisitor.LoggedInAsync(app);
        await visitor.GetAsync("/");
        Assert.Equal((1, "vedette: nobody is logged in: vedette login\n"), await FailAsync("whoami"));

        await using (var login = ServerProcess.Start(environment, "login", "--url", app.Url, "--scope", "event:read"))
        {
            await Poll.UntilAsync(() => UserCode.IsMatch(login.Output), "the code");
            await visitor.PostAsync("/oauth/device/", ("op", "approve"), ("user_code", UserCode.Match(login.Output).Value));
            Assert.Equal(0, await login.EndAsync());
            Assert.EndsWith($"Logged in as {app.FirstStart.Email}. The login is kept in {file}.\n", login.Output, StringComparison.Ordinal);
        }

        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal((0, $"{app.FirstStart.Email} at {app.Url}\n", ""), await ServerProcess.RunAsync(environment, "whoami"));

        clock.Advance(TimeSpan.FromDays(30));
        var before = await File.ReadAllTextAsync(file);
        Assert.Equal((0, $"{app.FirstStart.Email} at {app.Url}\n", ""), await ServerProcess.RunAsync(environment, "whoami"));
        Assert.NotEqual(before, await File.ReadAllTextAsync(file));

        Assert.Equal((0, $"Logged out of {app.Url}.\n", ""), await ServerProcess.RunAsync(environment, "logout"));
        Assert.False(File.Exists(file));
        Assert.Equal(0, await app.CountAsync("api_token where authorization_id is not null"));
        Assert.Equal((0, "Nobody was logged in.\n", ""), await ServerProcess.RunAsync(environment, "logout"));

        async Task<(int, string)> FailAsync(string command)
        {
            var (code, _, errors) = await ServerProcess.RunAsync(environment, command);
            return (code, errors);
        }
    }

    [Fact]
    public async Task What_goes_wrong_is_one_line()
    {
        await using var app = await VedetteApp.StartAsync();
        using var home = new TemporaryFolder();
        var environment = new Dictionary<string, string> { ["XDG_CONFIG_HOME"] = home.Path };
        using var visitor = await PageVisitor.LoggedInAsync(app);
        await visitor.GetAsync("/");

        Assert.Equal((1, "", "vedette: nonsense is no address of a server: it begins with http:// or https://\n"), await ServerProcess.RunAsync(environment, "login", "--url", "nonsense"));
        Assert.Equal(
            (1, "", $"vedette: {app.Url} gives no code: Unknown scope: nonsense\n"), await ServerProcess.RunAsync(environment, "login", "--url", app.Url, "--scope", "nonsense"));
        var (code, _, errors) = await ServerProcess.RunAsync(environment, "login", "--url", "http://127.0.0.1:9");
        Assert.Equal(1, code);
        Assert.Matches("^vedette: cannot talk to http://127.0.0.1:9: [^\n]*\n$", errors);

        await using var login = ServerProcess.Start(environment, "login", "--url", app.Url);
        await Poll.UntilAsync(() => UserCode.IsMatch(login.Output), "the code");
        await visitor.PostAsync("/oauth/device/", ("op", "deny"), ("user_code", UserCode.Match(login.Output).Value));
        Assert.Equal((1, "vedette: the login was denied\n"), (await login.EndAsync(), login.Errors));
    }

    [GeneratedRegex("[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}", RegexOptions.NonBacktracking)]
    private static partial Regex UserCode { get; }
}

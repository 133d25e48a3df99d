using System.CommandLine;
using Vedette.Wire.Json;

namespace Vedette.Cli.Login;

/// <summary>Logging in to a server by its device flow (RFC 8628), out of it, and who one is there.</summary>
internal sealed class LoginCommands(IReadOnlyDictionary<string, string> environment, TextWriter output, TextWriter error)
{
    private const string DeviceGrant = "urn:ietf:params:oauth:grant-type:device_code";
    private const string DefaultUrl = "http://127.0.0.1:8321";

    private static readonly string[] DefaultScopes =
        ["org:read", "org:integrations", "member:read", "team:read", "project:read", "project:write", "project:releases", "event:read", "event:write", "alerts:read"];

    private readonly LoginFile file = LoginFile.Of(environment);

    public static IEnumerable<Command> Create(IReadOnlyDictionary<string, string> environment)
    {
        var commands = new LoginCommands(environment, Console.Out, Console.Error);

        var url = new Option<string>("--url")
        {
            Description = $"Of the server [VEDETTE_URL, or {DefaultUrl}].",
            DefaultValueFactory = _ => environment.GetValueOrDefault("VEDETTE_URL") is { Length: > 0 } configured ? configured : DefaultUrl,
        };
        var scopes = new Option<string[]>("--scope")
        {
            Description = $"What the login may do, once a scope [{string.Join(' ', DefaultScopes)}].",
            DefaultValueFactory = _ => DefaultScopes,
            AllowMultipleArgumentsPerToken = true,
        };
        var login = new Command("login", "Log in to a server: shows a code to enter in a browser, and waits.") { url, scopes };
        login.SetAction((parsed, ct) => commands.LoginAsync(parsed.GetRequiredValue(url).TrimEnd('/'), parsed.GetRequiredValue(scopes), ct));

        var logout = new Command("logout", "End the login, here and on the server.");
        logout.SetAction((_, ct) => commands.LogoutAsync(ct));

        var whoami = new Command("whoami", "Say who is logged in, and where.");
        whoami.SetAction((_, ct) => commands.WhoAmIAsync(ct));
        return [login, logout, whoami];
    }

    private async Task<int> LoginAsync(string url, IReadOnlyList<string> scopes, CancellationToken ct)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var parsed) || parsed.Scheme is not ("http" or "https"))
            return Fail($"{url} is no address of a server: it begins with http:// or https://");

        using var server = new LoginServer(url);
        return await TalkAsync(server, async () =>
        {
            var started = await server.PostAsync("/oauth/device/code/", ct, ("scope", string.Join(' ', scopes)));
            if (started.Body.Text("device_code") is not { } deviceCode)
                return Fail($"{url} gives no code: {started.Body.Text("error_description") ?? $"it answers {started.Status}, as no Vedette does"}");

            output.WriteLine($"Open {started.Body.Text("verification_uri_complete")}");
            output.WriteLine($"and check that it shows the code {started.Body.Text("user_code")}. Waiting for your answer there ...");
            output.Flush();
            var wait = TimeSpan.FromSeconds(started.Body["interval"] is double seconds and > 0 and < 60 ? seconds : 5);
            while (true)
            {
                await Task.Delay(wait, TimeProvider.System, ct);
                var answer = await server.PostAsync("/oauth/token/", ct, ("grant_type", DeviceGrant), ("device_code", deviceCode));
                switch (answer.Body.Text("error"))
                {
                    case "authorization_pending":
                        continue;
                    case "slow_down":
                        wait += TimeSpan.FromSeconds(5); // RFC 8628 3.5
                        continue;
                    case "access_denied":
                        return Fail("the login was denied");
                    case "expired_token":
                        return Fail("nobody entered the code in time; run this again for another");
                    case { } other:
                        return Fail($"{url} refuses the login: {other}");
                    case null:
                        return Keep(url, answer);
                }
            }
        });
    }

    private async Task<int> LogoutAsync(CancellationToken ct)
    {
        if (file.Read() is not { } login)
        {
            output.WriteLine("Nobody was logged in.");
            return 0;
        }

        file.Delete();
        using var server = new LoginServer(login.Url);
        var code = await TalkAsync(server, async () =>
            (await server.PostAsync("/oauth/revoke/", ct, ("token", login.RefreshToken))).IsGood
                ? 0
                : Fail($"{login.Url} did not end the login there; it ends by itself, or under Applications in your account"));
        if (code == 0)
            output.WriteLine($"Logged out of {login.Url}.");
        return code;
    }

    private async Task<int> WhoAmIAsync(CancellationToken ct)
    {
        if (file.Read() is not { } login)
            return Fail("nobody is logged in: vedette login");

        using var server = new LoginServer(login.Url);
        return await TalkAsync(server, async () =>
        {
            var answer = await server.GetAsync("/api/0/auth/", login.AccessToken, ct);
            if (answer.Status == 401)
            {
                var renewed = await server.PostAsync("/oauth/token/", ct, ("grant_type", "refresh_token"), ("refresh_token", login.RefreshToken));
                if (renewed.Body.Text("access_token") is not { } token)
                    return Fail($"the login at {login.Url} has ended: vedette login");
                if (Store(login.Url, renewed) is var stored and not 0)
                    return stored;
                answer = await server.GetAsync("/api/0/auth/", token, ct);
            }

            if (!answer.IsGood)
                return Fail($"{login.Url} does not say who is logged in: it answers {answer.Status}");
            output.WriteLine($"{answer.Body.Text("email")} at {login.Url}");
            return 0;
        });
    }

    private int Keep(string url, ServerAnswer answer)
    {
        if (Store(url, answer) is var code and not 0)
            return code;
        output.WriteLine($"Logged in as {answer.Body.Map("user")?.Text("email")}. The login is kept in {file.Path}.");
        return 0;
    }

    private int Store(string url, ServerAnswer answer)
    {
        if (answer.Body.Text("access_token") is not { } access || answer.Body.Text("refresh_token") is not { } refresh)
            return Fail($"{url} answers {answer.Status} without a token, as no Vedette does");

        try
        {
            file.Write(new StoredLogin(url, access, refresh));
            return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail($"the login cannot be kept in {file.Path}: {e.Message}");
        }
    }

    /// <summary>What keeps it from being reached is one line.</summary>
    private async Task<int> TalkAsync(LoginServer server, Func<Task<int>> talk)
    {
        try
        {
            return await talk();
        }
        catch (HttpRequestException e)
        {
            return Fail($"cannot talk to {server.Url}: {e.Message}");
        }
        catch (TaskCanceledException e) when (e.InnerException is TimeoutException)
        {
            return Fail($"{server.Url} does not answer");
        }
    }

    private int Fail(string reason)
    {
        error.WriteLine($"vedette: {reason}");
        return 1;
    }
}

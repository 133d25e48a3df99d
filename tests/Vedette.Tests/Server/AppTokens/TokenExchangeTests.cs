using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.AppTokens;

public sealed class TokenExchangeTests
{
    private const string Assertion = "urn:sentry:params:oauth:grant-type:jwt-bearer";
    private const string Issues = "/api/0/organizations/default/issues/";

    [Theory, EachDatabase]
    public async Task A_code_gives_tokens_once_and_they_last_eight_hours(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(database, clock);
        var (made, installed, path) = await InstallAsync(app);

        var issued = await ExchangeAsync(app, path, made, "authorization_code", "code", installed.Text("code")!, "\"state\":\"s\"");

        Assert.Equal(201, issued.Status);
        Assert.Equal(
            ["id", "scopes", "name", "application", "expiresAt", "dateCreated", "state", "token", "refreshToken", "tokenLastCharacters"],
            issued.Map.Members.Select(member => member.Key));
        Assert.Matches("^[0-9a-f]{64}$", issued.Map.Text("token"));
        Assert.Matches("^[0-9a-f]{64}$", issued.Map.Text("refreshToken"));
        Assert.Equal(("s", "2026-03-01T20:00:00.000000Z"), (issued.Map.Text("state"), issued.Map.Text("expiresAt")));
        Assert.Equal(["event:read", "org:read"], issued.Map.List("scopes")!);
        Assert.Equal(200, (await app.GetAsync(Issues, issued.Map.Text("token"))).Status);
        Assert.False((await app.GetAsync($"/api/0/sentry-app-installations/{installed.Text("uuid")}/")).Map.Contains("code"));

        var again = await ExchangeAsync(app, path, made, "authorization_code", "code", installed.Text("code")!);
        Assert.Equal((401, "Could not find grant for given code"), (again.Status, again.Map.Text("detail")));
        clock.Advance(TimeSpan.FromHours(8));
        Assert.Equal((401, """{"detail":"Token expired"}"""), await app.AskAsync(HttpMethod.Get, Issues, $"Bearer {issued.Map.Text("token")}"));
    }

    [Theory, EachDatabase]
    public async Task A_refresh_token_ends_the_old_tokens_also_after_they_expired(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(database, clock);
        var (made, installed, path) = await InstallAsync(app);
        var first = (await ExchangeAsync(app, path, made, "authorization_code", "code", installed.Text("code")!)).Map;
        clock.Advance(TimeSpan.FromHours(9));

        var second = await ExchangeAsync(app, path, made, "refresh_token", "refresh_token", first.Text("refreshToken")!);

        Assert.Equal(201, second.Status);
        Assert.NotEqual(first.Text("id"), second.Map.Text("id"));
        Assert.Equal(200, (await app.GetAsync(Issues, second.Map.Text("token"))).Status);
        Assert.Equal(401, (await app.GetAsync(Issues, first.Text("token"))).Status);
        var reused = await ExchangeAsync(app, path, made, "refresh_token", "refresh_token", first.Text("refreshToken")!);
        Assert.Equal((401, "Given refresh token does not exist"), (reused.Status, reused.Map.Text("detail")));
        Assert.Equal(1, await app.CountAsync("api_token where app_installation_id is not null"));
    }

    [Theory, EachDatabase]
    public async Task Of_fifty_that_redeem_at_once_one_wins(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        var (made, installed, path) = await InstallAsync(app);

        var byCode = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => ExchangeAsync(app, path, made, "authorization_code", "code", installed.Text("code")!)));
        Assert.Equal((1, 49), (byCode.Count(each => each.Status == 201), byCode.Count(each => each.Status == 401)));
        var refreshToken = byCode.Single(each => each.Status == 201).Map.Text("refreshToken")!;
        var byToken = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => ExchangeAsync(app, path, made, "refresh_token", "refresh_token", refreshToken)));
        Assert.Equal((1, 49), (byToken.Count(each => each.Status == 201), byToken.Count(each => each.Status == 401)));
    }

    [Fact]
    public async Task A_form_does_as_well()
    {
        await using var app = await VedetteApp.StartAsync();
        var (made, installed, path) = await InstallAsync(app);
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["client_id"] = made.Text("clientId")!,
            ["client_secret"] = made.Text("clientSecret")!,
            ["code"] = installed.Text("code")!,
        });

        Assert.Equal(201, (await VedetteApp.ReadAsync(await app.Client.PostAsync(new Uri(path, UriKind.Relative), form))).Status);
    }

    [Fact]
    public async Task A_code_ends_after_ten_minutes()
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(time: clock);
        var (made, installed, path) = await InstallAsync(app);
        clock.Advance(TimeSpan.FromMinutes(10));

        var late = await ExchangeAsync(app, path, made, "authorization_code", "code", installed.Text("code")!);

        Assert.Equal((401, "Grant has already expired"), (late.Status, late.Map.Text("detail")));
    }

    [Theory]
    [InlineData("{}", 401, """{"detail":"Invalid request"}""")]
    [InlineData("", 401, """{"detail":"Invalid request"}""")]
    [InlineData("""{"grant_type":"authorization_code","code":"x"}""", 401, """{"detail":"Invalid Client ID / Secret pair"}""")]
    [InlineData("""{"grant_type":"authorization_code","client_id":"ID","client_secret":"wrong","code":"x"}""", 401, """{"detail":"Invalid Client ID / Secret pair"}""")]
    [InlineData("""{"grant_type":"authorization_code","client_id":"nobody","client_secret":"SECRET","code":"x"}""", 401, """{"detail":"Invalid Client ID / Secret pair"}""")]
    [InlineData("""{"grant_type":"authorization_code","client_id":"OTHERID","client_secret":"OTHERSECRET","code":"x"}""", 403, """{"detail":"You do not have permission to perform this action."}""")]
    [InlineData("""{"grant_type":"password","client_id":"ID","client_secret":"SECRET"}""", 403, """{"detail":"Invalid grant_type"}""")]
    [InlineData("""{"client_id":"ID","client_secret":"SECRET"}""", 403, """{"detail":"Invalid grant_type"}""")]
    [InlineData("""{"grant_type":"authorization_code","client_id":"ID","client_secret":"SECRET"}""", 400, """{"code":["This field is required."]}""")]
    [InlineData("""{"grant_type":"authorization_code","client_id":"ID","client_secret":"SECRET","code":null}""", 400, """{"code":["This field may not be null."]}""")]
    [InlineData("""{"grant_type":"authorization_code","client_id":"ID","client_secret":"SECRET","code":7}""", 400, """{"code":["Not a valid string."]}""")]
    [InlineData("""{"grant_type":"authorization_code","client_id":"ID","client_secret":"SECRET","code":"wrong"}""", 401, """{"detail":"Could not find grant for given code"}""")]
    [InlineData("""{"grant_type":"refresh_token","client_id":"ID","client_secret":"SECRET"}""", 400, """{"refresh_token":["This field is required."]}""")]
    [InlineData("""{"grant_type":"refresh_token","client_id":"ID","client_secret":"SECRET","refresh_token":"wrong"}""", 401, """{"detail":"Given refresh token does not exist"}""")]
    public async Task A_wrong_request_is_told_what_is_wrong(string body, int status, string answer)
    {
        await using var app = await VedetteApp.StartAsync();
        var (made, _, path) = await InstallAsync(app);
        var other = await app.CreatePublicAppAsync("https://bridge.example/hook", "Other");
        body = body.Replace("OTHERID", other.Text("clientId"), StringComparison.Ordinal).Replace("OTHERSECRET", other.Text("clientSecret"), StringComparison.Ordinal)
            .Replace("\"ID\"", $"\"{made.Text("clientId")}\"", StringComparison.Ordinal).Replace("\"SECRET\"", $"\"{made.Text("clientSecret")}\"", StringComparison.Ordinal);

        Assert.Equal((status, answer), await app.AskAsync(HttpMethod.Post, path, null, body));
    }

    [Fact]
    public async Task A_code_and_a_refresh_token_of_another_installation_are_refused_and_an_unknown_installation_not_found()
    {
        await using var app = await VedetteApp.StartAsync();
        var (made, installed, path) = await InstallAsync(app);
        var (other, otherInstalled, otherPath) = await InstallAsync(app, "Other");
        var theirCode = await ExchangeAsync(app, path, made, "authorization_code", "code", otherInstalled.Text("code")!);
        Assert.Equal((401, "Forbidden grant"), (theirCode.Status, theirCode.Map.Text("detail")));
        await ExchangeAsync(app, path, made, "authorization_code", "code", installed.Text("code")!);
        var theirs = (await ExchangeAsync(app, otherPath, other, "authorization_code", "code", otherInstalled.Text("code")!)).Map.Text("refreshToken")!;

        var foreign = await ExchangeAsync(app, path, made, "refresh_token", "refresh_token", theirs);

        Assert.Equal((400, "Token does not belong to the application"), (foreign.Status, foreign.Map.Text("detail")));
        Assert.Equal(201, (await ExchangeAsync(app, otherPath, other, "refresh_token", "refresh_token", theirs)).Status);
        Assert.Equal(404, (await ExchangeAsync(app, "/api/0/sentry-app-installations/nonsense/authorizations/", made, "refresh_token", "refresh_token", theirs)).Status);
    }

    [Fact]
    public async Task During_an_overlap_both_secrets_are_taken()
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(time: clock);
        var (made, installed, path) = await InstallAsync(app);
        var rotated = await app.ApiAsync(HttpMethod.Post, $"/api/0/sentry-apps/{made.Text("slug")}/rotate-secret/", """{"overlapHours":1}""");

        var first = await ExchangeAsync(app, path, made, "authorization_code", "code", installed.Text("code")!);
        Assert.Equal(201, first.Status);
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(401, (await ExchangeAsync(app, path, made, "refresh_token", "refresh_token", first.Map.Text("refreshToken")!)).Status);
        made["clientSecret"] = rotated.Map.Text("clientSecret");
        Assert.Equal(201, (await ExchangeAsync(app, path, made, "refresh_token", "refresh_token", first.Map.Text("refreshToken")!)).Status);
    }

    [Theory, EachDatabase]
    public async Task An_app_that_lost_its_tokens_shows_a_signed_assertion_once(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(database, clock);
        var (made, installed, path) = await InstallAsync(app);
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        string Jwt(string claims, string header = """{"alg":"HS256","typ":"JWT"}""", string? secret = null) => Sign(header, claims, secret ?? made.Text("clientSecret")!);
        string Claims(string id, long expires) => $$"""{"iss":"{{made.Text("clientId")}}","sub":"bridge","iat":{{now}},"exp":{{expires}},"jti":"{{id}}"}""";

        Assert.Equal("Installation does not have a token", await DetailAsync(Jwt(Claims("a", now + 60))));
        var old = (await ExchangeAsync(app, path, made, "authorization_code", "code", installed.Text("code")!)).Map.Text("token");
        var issued = await AssertAsync($"Bearer {Jwt(Claims("b", now + 60))}");
        Assert.Equal(201, issued.Status);
        Assert.Equal(200, (await app.GetAsync(Issues, issued.Map.Text("token"))).Status);
        Assert.Equal(401, (await app.GetAsync(Issues, old)).Status);

        Assert.Equal("JWT has already been used", await DetailAsync(Jwt(Claims("b", now + 60))));
        Assert.Equal("Header is in invalid form", (await AssertAsync(null)).Map.Text("detail"));
        Assert.Equal("Bearer not present in token", (await AssertAsync("Basic abc")).Map.Text("detail"));
        Assert.Equal("Invalid Authorization header, should be Bearer <token>", (await AssertAsync("Bearer a b")).Map.Text("detail"));
        Assert.Equal("Could not validate JWT", await DetailAsync("nonsense"));
        Assert.Equal("Could not validate JWT", await DetailAsync(Jwt(Claims("c", now + 60), secret: "another")));
        Assert.Equal("Could not validate JWT", await DetailAsync(Jwt(Claims("c", now + 60), """{"alg":"none"}""")));
        Assert.Equal("Could not validate JWT", await DetailAsync(Jwt(Claims("c", now + 60), """{"alg":"HS512"}""")));
        Assert.Equal("Could not validate JWT", await DetailAsync($"{Jwt(Claims("c", now + 60)).Split('.')[0]}.{Jwt(Claims("c", now + 60)).Split('.')[1]}."));
        Assert.Equal("Could not validate JWT", await DetailAsync(Jwt(Claims("c", now - 60))));
        Assert.Equal("Could not validate JWT", await DetailAsync(Jwt($$"""{"iss":"{{made.Text("clientId")}}","sub":"s","jti":"c"}""")));
        Assert.Equal("JWT is not valid for this application", await DetailAsync(Jwt($$"""{"iss":"somebody","sub":"s","exp":{{now + 60}},"jti":"c"}""")));
        Assert.Equal("JWT is missing a jti claim", await DetailAsync(Jwt($$"""{"iss":"{{made.Text("clientId")}}","sub":"s","exp":{{now + 60}}}""")));
        var nobody = await AssertAsync($"Bearer {Jwt($$"""{"iss":"{{made.Text("clientId")}}","exp":{{now + 60}},"jti":"c"}""")}");
        Assert.Equal((403, "JWT credentials are missing or invalid"), (nobody.Status, nobody.Map.Text("detail")));

        async Task<string?> DetailAsync(string jwt)
        {
            var answer = await AssertAsync($"Bearer {jwt}");
            Assert.Equal(401, answer.Status);
            return answer.Map.Text("detail");
        }

        async Task<ApiAnswer> AssertAsync(string? authorization)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path);
            if (authorization is not null)
                request.Headers.TryAddWithoutValidation("Authorization", authorization);
            request.Content = new StringContent($$"""{"grant_type":"{{Assertion}}"}""");
            return await VedetteApp.ReadAsync(await app.Client.SendAsync(request));
        }
    }

    private static async Task<(JsonMap Made, JsonMap Installed, string Path)> InstallAsync(VedetteApp app, string name = "Ticket Bridge")
    {
        var made = await app.CreatePublicAppAsync("https://bridge.example/hook", name);
        var installed = await app.InstallAsync(made);
        return (made, installed, $"/api/0/sentry-app-installations/{installed.Text("uuid")}/authorizations/");
    }

    private static Task<ApiAnswer> ExchangeAsync(VedetteApp app, string path, JsonMap made, string grant, string field, string value, string more = "\"x\":1") =>
        app.ApiAsync(
            HttpMethod.Post,
            path,
            $$"""{"grant_type":"{{grant}}","client_id":"{{made.Text("clientId")}}","client_secret":"{{made.Text("clientSecret")}}","{{field}}":"{{value}}",{{more}}}""",
            token: "");

    private static string Sign(string header, string claims, string secret)
    {
        var text = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}";
        return $"{text}.{Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(text)))}";
    }
}

using Vedette.Tests.Harness;
using Xunit;
using static Vedette.Tests.Harness.OAuthApps;

namespace Vedette.Tests.Server.OAuth;

/// <summary><c>openid-client</c>, which nobody here wrote, finds its way by the metadata alone.</summary>
[Trait("slow", "yes")]
public sealed class OpenIdClientTests
{
    [Theory]
    [InlineData("")]
    [InlineData(""","isPublic":true""")]
    public async Task It_gets_a_token_by_code_and_proof_renews_it_and_gives_it_up(string kind)
    {
        await using var app = await VedetteApp.StartAsync();
        var application = await app.CreateApplicationAsync(kind);
        var (id, secret) = (application.Text("clientID")!, application.Text("clientSecret") ?? "");
        using var visitor = await PageVisitor.LoggedInAsync(app);

        var begun = await NodeClient.OAuthAsync("begin", app.Url, id, secret, Callback);
        var back = (await visitor.AnswerAsync(new Uri(begun.Text("url")!).PathAndQuery)).Location!;
        var finished = await NodeClient.OAuthAsync("finish", app.Url, id, secret, back, begun.Text("verifier")!, begun.Text("state")!);

        Assert.Equal("""{"scope":"event:read org:read","lasts":2592000,"isNew":true,"before":200,"after":401}""", finished.JsonText());
    }

    [Fact]
    public async Task It_gets_a_token_by_a_device_code()
    {
        await using var app = await VedetteApp.StartAsync();
        using var visitor = await PageVisitor.LoggedInAsync(app);

        var begun = await NodeClient.OAuthAsync("begin-device", app.Url, "vedette-cli", "");
        await visitor.GetAsync(new Uri(begun.Text("verification_uri_complete")!).PathAndQuery);
        await visitor.PostAsync("/oauth/device/", ("op", "approve"), ("user_code", begun.Text("user_code")!));
        var finished = await NodeClient.OAuthAsync("finish-device", app.Url, "vedette-cli", "", begun.JsonText());

        Assert.Equal(("event:read", "bearer"), (finished.Text("scope"), finished.Text("type")!.ToLowerInvariant()));
    }
}

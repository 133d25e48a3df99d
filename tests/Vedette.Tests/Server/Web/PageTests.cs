using Microsoft.AspNetCore.Http;
using Vedette.Server.Web;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Server.Web;

public sealed class PageTests
{
    [Fact]
    public async Task Every_page_forbids_browsers_what_it_does_not_need()
    {
        await using var app = await VedetteApp.StartAsync();
        using var stranger = new PageVisitor(app);
        using var visitor = await PageVisitor.LoggedInAsync(app);

        foreach (var page in new[]
        {
            await stranger.GetAsync("/auth/login/"), await stranger.PostAsync("/auth/login/", ("csrfmiddlewaretoken", "")), await stranger.GetAsync("/nothing/"),
            await stranger.GetAsync("/accept/1/nonsense/"), await visitor.GetAsync("/"), await visitor.GetAsync("/settings/account/"),
        })
        {
            var headers = page.Response.Headers;
            Assert.Equal("text/html; charset=utf-8", page.Response.Content.Headers.ContentType!.ToString());
            Assert.Equal(
                "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
                headers.GetValues("Content-Security-Policy").Single());
            Assert.Equal("DENY", headers.GetValues("X-Frame-Options").Single());
            Assert.Equal("nosniff", headers.GetValues("X-Content-Type-Options").Single());
            Assert.Equal("same-origin", headers.GetValues("Referrer-Policy").Single());
            Assert.Equal("no-store", headers.CacheControl!.ToString());
            Assert.DoesNotContain("<script", page.Body, StringComparison.Ordinal);
            Assert.DoesNotContain(" style=", page.Body, StringComparison.Ordinal);
        }

        Assert.Equal("no-store", (await stranger.GetAsync("/")).Response.Headers.CacheControl!.ToString());
    }

    [Theory]
    [InlineData("https://app.example/callback?x=1", "https://app.example:443")]
    [InlineData("http://127.0.0.1:5000/", "http://127.0.0.1:5000")]
    [InlineData("https://b\u00fccher.example/", "https://xn--bcher-kva.example:443")]
    [InlineData("com.example.app:/callback", "com.example.app:")]
    public void A_page_may_name_where_its_form_leads_to(string target, string source)
    {
        var headers = new HeaderDictionary();

        PageHeaders.Write(headers, [new Uri(target)]);

        Assert.EndsWith($"form-action 'self' {source}", headers["Content-Security-Policy"].ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/nothing/", "text/html,application/xhtml+xml,*/*;q=0.8", 404, "There is no such page")]
    [InlineData("POST", "/nothing/", "text/html", 404, "There is no such page")]
    [InlineData("POST", "/", "text/html", 405, "This page takes no forms")]
    [InlineData("GET", "/auth/logout/", "text/html", 405, "This page takes no forms")]
    [InlineData("GET", "/nothing/", "*/*", 404, null)]
    [InlineData("GET", "/nothing/", "application/json", 404, null)]
    [InlineData("GET", "/api/0/nothing/", "text/html", 404, null)]
    [InlineData("GET", "/api/0/organizations/nothing/", "text/html", 401, null)]
    public async Task Browsers_get_errors_as_pages_and_clients_of_the_api_as_json(string method, string path, string accept, int status, string? title)
    {
        await using var app = await VedetteApp.StartAsync();
        using var visitor = new PageVisitor(app);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.TryAddWithoutValidation("Accept", accept);

        var answer = await visitor.SendAsync(request);

        Assert.Equal((status, title ?? ""), (answer.Status, answer.Title));
        if (title is null)
            Assert.StartsWith("{\"detail\":", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bug_is_a_page_with_the_number_that_the_log_has()
    {
        await using var app = await VedetteApp.StartAsync();
        using var visitor = await PageVisitor.LoggedInAsync(app);
        await app.ExecuteAsync("update organization_member set role = 'king'");

        var page = await visitor.GetAsync("/");
        Assert.Equal((500, "This went wrong"), (page.Status, page.Title));
        Assert.Matches("as error [0-9a-f]{32}", page.Text);
        Assert.DoesNotContain("king", page.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_is_gone_is_said_on_a_page()
    {
        await using var app = await VedetteApp.StartAsync();
        using var visitor = await PageVisitor.LoggedInAsync(app);
        await app.ExecuteAsync("alter table project rename to elsewhere");

        var page = await visitor.GetAsync("/");
        Assert.Equal((503, "Not now"), (page.Status, page.Title));
    }

    [Fact]
    public async Task What_others_chose_is_text_and_not_markup()
    {
        const string Name = "<script>alert(1)</script>&amp;\"'";
        await using var app = await VedetteApp.StartAsync();
        await app.ExecuteAsync("update account set name = @Name", new { Name });
        await app.ExecuteAsync("update organization set name = @Name", new { Name });
        await app.ExecuteAsync("update project set name = @Name, platform = @Name", new { Name });
        var invite = await app.InviteAsync("ada@example.org");
        using var visitor = await PageVisitor.LoggedInAsync(app);
        using var stranger = new PageVisitor(app);

        foreach (var page in new[] { await visitor.GetAsync("/"), await visitor.GetAsync("/settings/account/"), await visitor.GetAsync(invite), await stranger.GetAsync(invite) })
        {
            Assert.Contains(Name, page.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("<script", page.Body, StringComparison.Ordinal);
        }
    }
}

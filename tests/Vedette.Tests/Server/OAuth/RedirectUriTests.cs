using Vedette.Server.Applications;
using Xunit;

namespace Vedette.Tests.Server.OAuth;

public sealed class RedirectUriTests
{
    [Theory]
    [InlineData("https://a.example/cb", "https://a.example/cb", "https://a.example/cb")]
    [InlineData("https://a.example/cb", "HTTPS://A.example:443/cb", "https://a.example/cb")]
    [InlineData("https://a.example", "https://a.example/", "https://a.example")]
    [InlineData("https://a.example/cb?x=1", "https://a.example/cb?x=1", "https://a.example/cb?x=1")]
    [InlineData("https://a.example/cb", "https://a.example/cb/", null)]
    [InlineData("https://a.example/cb", "https://a.example/cb?x=1", null)]
    [InlineData("https://a.example/cb", "https://a.example/cb#x", null)]
    [InlineData("https://a.example/cb", "https://a.example/CB", null)]
    [InlineData("https://a.example/cb", "https://a.example/cb/../evil", null)]
    [InlineData("https://a.example/cb", "https://a.example:8443/cb", null)]
    [InlineData("https://a.example/cb", "http://a.example/cb", null)]
    [InlineData("https://a.example/cb", "https://a.example.evil.example/cb", null)]
    [InlineData("https://a.example/cb", "https://a.example@evil.example/cb", null)]
    [InlineData("https://a.example/cb", "https://evil.example\\@a.example/cb", null)]
    [InlineData("https://a.example/cb", "//a.example/cb", null)]
    [InlineData("https://a.example/cb", "/cb", null)]
    [InlineData("https://a.example/cb", "", null)]
    [InlineData("https://a.example/cb", "javascript:alert(1)", null)]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:51001/cb", "http://127.0.0.1:51001/cb")]
    [InlineData("http://localhost/cb", "http://localhost:51001/cb", "http://localhost:51001/cb")]
    [InlineData("http://[::1]/cb", "http://[::1]:51001/cb", "http://[::1]:51001/cb")]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.1:51001/other", null)]
    [InlineData("http://127.0.0.1/cb", "http://127.0.0.2:51001/cb", null)]
    [InlineData("http://127.0.0.1:8080/cb", "http://127.0.0.1:51001/cb", null)]
    [InlineData("https://127.0.0.1/cb", "https://127.0.0.1:51001/cb", null)]
    [InlineData("com.example.app:/cb", "com.example.app:/cb", "com.example.app:/cb")]
    [InlineData("com.example.app:/cb", "com.example.app:/other", null)]
    public void A_browser_is_sent_where_the_owner_said_and_nowhere_else(string registered, string given, string? target) =>
        Assert.Equal(target, RedirectUris.Match([registered], given));

    [Fact]
    public void Only_where_one_is_registered_it_need_not_be_named()
    {
        Assert.Equal("https://a.example/", RedirectUris.Match(["https://a.example/"], null));
        Assert.Null(RedirectUris.Match(["https://a.example/", "https://b.example/"], null));
        Assert.Null(RedirectUris.Match([], null));
    }

    [Theory]
    [InlineData("javascript:alert(1)")]
    [InlineData("JavaScript:alert(1)")]
    [InlineData("data:text/html,x")]
    [InlineData("file:///etc/passwd")]
    [InlineData("https://user@a.example/")]
    [InlineData("https://a.example/#fragment")]
    [InlineData("https://a.example/ space")]
    [InlineData("https://a.example\\x")]
    [InlineData("https://ä.example/")]
    [InlineData("/relative")]
    [InlineData("a.example")]
    [InlineData("https://")]
    [InlineData("")]
    public void Some_cannot_be_registered(string uri) => Assert.NotNull(RedirectUris.WhatIsWrong(uri));
}

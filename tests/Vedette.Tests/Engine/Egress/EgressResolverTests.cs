using System.Net;
using System.Net.Sockets;
using Vedette.Engine.Egress;
using Xunit;

namespace Vedette.Tests.Engine.Egress;

public sealed class EgressResolverTests
{
    private static readonly IPAddress Public = IPAddress.Parse("8.8.8.8");
    private static readonly IPAddress PublicToo = IPAddress.Parse("2606:4700::1");
    private static readonly IPAddress Private = IPAddress.Parse("10.0.0.5");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_name_with_public_addresses_is_allowed_with_all_of_them_in_order()
    {
        var resolution = await Answering(PublicToo, Public).ResolveAsync("example.com", Ct);

        Assert.Equal(EgressOutcome.Allowed, resolution.Outcome);
        Assert.Equal([PublicToo, Public], resolution.Addresses);
        Assert.Null(resolution.Reason);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_name_with_one_private_address_is_blocked(int place)
    {
        List<IPAddress> addresses = [Public, PublicToo];
        addresses.Insert(place, Private);

        var resolution = await Answering([.. addresses]).ResolveAsync("example.com", Ct);

        Assert.Equal(EgressOutcome.Blocked, resolution.Outcome);
        Assert.Empty(resolution.Addresses);
        Assert.Equal("10.0.0.5 is in 10.0.0.0/8 (private)", resolution.Reason);
    }

    [Fact]
    public async Task A_name_without_an_address_is_unresolved()
    {
        var resolution = await Answering().ResolveAsync("example.com", Ct);

        Assert.Equal(EgressOutcome.Unresolved, resolution.Outcome);
        Assert.Empty(resolution.Addresses);
        Assert.Equal("the name has no address", resolution.Reason);
    }

    [Fact]
    public async Task A_failed_look_up_is_a_value_with_a_reason()
    {
        var resolver = new EgressResolver(new EgressPolicy([]), (_, _) => throw new SocketException((int)SocketError.HostNotFound));

        var resolution = await resolver.ResolveAsync("example.com", Ct);

        Assert.Equal(EgressOutcome.Unresolved, resolution.Outcome);
        Assert.StartsWith("the name was not resolved: ", resolution.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a")]
    public async Task The_system_is_not_asked_for_what_cannot_be_a_name(string host)
    {
        var resolution = await new EgressResolver(new EgressPolicy([])).ResolveAsync(host, Ct);

        Assert.Equal(EgressOutcome.Unresolved, resolution.Outcome);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1.")]
    [InlineData("127.1")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    public async Task An_address_is_judged_without_a_look_up(string host)
    {
        var resolver = new EgressResolver(new EgressPolicy([]), (_, _) => throw new InvalidOperationException("looked up"));

        var resolution = await resolver.ResolveAsync(host, Ct);

        Assert.Equal(EgressOutcome.Blocked, resolution.Outcome);
    }

    [Fact]
    public async Task Localhost_goes_through_the_systems_resolver_and_is_blocked_until_loopback_is_allowed()
    {
        var loopback = new EgressPolicy([IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128")]);

        var blocked = await new EgressResolver(new EgressPolicy([])).ResolveAsync("localhost", Ct);
        var allowed = await new EgressResolver(loopback).ResolveAsync("localhost", Ct);

        Assert.Equal(EgressOutcome.Blocked, blocked.Outcome);
        Assert.Equal(EgressOutcome.Allowed, allowed.Outcome);
        Assert.All(allowed.Addresses, address => Assert.True(IPAddress.IsLoopback(address)));
    }

    [Fact]
    public async Task The_host_of_a_url_is_looked_up_in_the_form_in_which_the_client_would()
    {
        var asked = "";
        var resolver = new EgressResolver(new EgressPolicy([]), (name, _) =>
        {
            asked = name;
            return Task.FromResult<IPAddress[]>([Private]);
        });

        var resolution = await resolver.ResolveUrlAsync("https://bücher.example:8443/x", Ct);

        Assert.Equal("xn--bcher-kva.example", asked);
        Assert.Equal("10.0.0.5 is in 10.0.0.0/8 (private)", resolution.Reason);
    }

    [Fact]
    public async Task A_url_of_the_wrong_form_is_blocked_before_any_look_up()
    {
        var resolver = new EgressResolver(new EgressPolicy([]), (_, _) => throw new InvalidOperationException("looked up"));

        var resolution = await resolver.ResolveUrlAsync("http://user@example.com/", Ct);

        Assert.Equal(EgressOutcome.Blocked, resolution.Outcome);
        Assert.Equal("the URL contains a user name or password", resolution.Reason);
    }

    [Fact]
    public async Task Cancelling_ends_a_look_up_that_hangs()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var resolver = new EgressResolver(new EgressPolicy([]), async (_, ct) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
            return [];
        });

        var pending = resolver.ResolveAsync("example.com", cancel.Token);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending);
    }

    private static EgressResolver Answering(params IPAddress[] addresses) =>
        new(new EgressPolicy([]), (_, _) => Task.FromResult(addresses));
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Vedette.Tests.Harness;
using Vedette.Tests.Server.Issues;
using Vedette.Wire;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Engine.Subscriptions;

/// <summary>Headers that an owner asks for: those of their own, and those of Standard Webhooks.</summary>
public sealed class OwnerHeaderTests
{
    private static readonly string[] Ours =
        ["Host", "Accept", "User-Agent", "Idempotency-Key", "Request-ID", "Sentry-Hook-Resource", "Sentry-Hook-Timestamp", "Sentry-Hook-Signature"];

    [Theory, EachDatabase]
    public async Task Headers_of_the_owner_are_sent_and_ours_always_win(DatabaseKind database)
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        await app.CreateAppAsync(receiver.Url, """["error"]""");
        await app.OwnAsync((transaction, destinations) => destinations.ChangeAsync(transaction, app.Plain(receiver.Url) with
        {
            Headers = app.SealList(
            [
                "X-Team: shop", "authorization:  Bearer a:b ", "no colon", ": no name", "x-team:checkout", "X-Empty:",
                "IDEMPOTENCY-KEY: mine", "sentry-hook-signature: mine", "request-id: mine", "user-agent: mine", "accept: mine",
                "Host: mine", "Content-Length: 1", "content-type: text/plain", "Content-Encoding: gzip", "Transfer-Encoding: chunked", "Connection: close",
                "Expect: 100-continue", "A name: spaces", "X-Break: a\r\nX-Smuggled: 1", "X-Nul: \0", "X-Currency: €", "webhook-id: mine",
            ]),
        }, namesUrl: false));

        await app.SendAsync(TestEvents.Boom());
        var request = (await receiver.WaitForAsync(1))[0];

        Assert.Equal([.. Ours, "X-Team", "Authorization", "X-Empty", "webhook-id", "Content-Type", "Content-Length"], request.Headers.Select(header => header.Key));
        Assert.Equal(("checkout", "Bearer a:b", ""), (request.Header("X-Team"), request.Header("Authorization"), request.Header("X-Empty")));
        Assert.All(Ours, name => Assert.NotEqual("mine", request.Header(name)));
        Assert.True(HookSignature.Verify(Owner.Secret, request.Body, request.Header("Sentry-Hook-Signature")));
    }

    [Fact]
    public async Task The_log_keeps_the_names_of_the_owners_headers_and_not_their_values()
    {
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(500) };
        await using var app = await VedetteApp.StartAsync(time: new FakeClock());
        await app.CreateAppAsync(receiver.Url, """["error"]""");
        await app.OwnAsync((transaction, destinations) =>
            destinations.ChangeAsync(transaction, app.Plain(receiver.Url) with { Headers = app.SealList(["Authorization: Bearer of-the-gateway"]) }, namesUrl: false));

        await app.SendAsync(TestEvents.Boom());
        await app.WaitForAttemptsAsync(1);

        var attempt = (JsonMap)Assert.Single((await app.GetAsync("/api/vedette/organizations/default/deliveries/1/")).Map.List("attempts")!)!;
        Assert.Equal("***", attempt.Map("requestHeaders")!.Text("Authorization"));
        Assert.Equal("error", attempt.Map("requestHeaders")!.Text("Sentry-Hook-Resource"));
        Assert.Equal("Bearer of-the-gateway", receiver.Requests[0].Header("Authorization"));
    }

    [Theory, EachDatabase]
    public async Task Standard_webhooks_are_signed_with_one_secret_or_for_a_while_with_both(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database, clock);
        await app.CreateAppAsync(receiver.Url, """["error"]""");
        var plain = app.Plain(receiver.Url) with { StandardWebhooks = true };
        await app.OwnAsync((transaction, destinations) => destinations.ChangeAsync(transaction, plain, namesUrl: false));
        await app.SendAsync(TestEvents.Boom());
        await app.WaitForDeliveriesAsync(1);

        await app.OwnAsync((transaction, destinations) => destinations.ChangeAsync(transaction, plain with
        {
            Secret = app.Seal("the new one"),
            PreviousSecret = plain.Secret,
            PreviousSecretUntil = clock.GetUtcNow().AddHours(24),
        }, namesUrl: false));
        await app.SendAsync(TestEvents.Boom());
        await app.WaitForDeliveriesAsync(2);
        clock.Advance(TimeSpan.FromHours(24));
        await app.SendAsync(TestEvents.Boom());
        await app.WaitForDeliveriesAsync(3);

        var requests = receiver.Requests;
        Assert.Equal([Owner.Secret], Signers(requests[0]));
        Assert.Equal(["the new one", Owner.Secret], Signers(requests[1]));
        Assert.Equal(["the new one"], Signers(requests[2]));
        Assert.All(requests, request =>
        {
            Assert.Equal(request.Header("Idempotency-Key"), request.Header("webhook-id"));
            Assert.Equal(request.Header("Sentry-Hook-Timestamp"), request.Header("webhook-timestamp"));
        });
        Assert.Equal(clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), requests[2].Header("webhook-timestamp"));
        Assert.True(HookSignature.Verify("the new one", requests[1].Body, requests[1].Header("Sentry-Hook-Signature")));
    }

    [Fact]
    public async Task Nobody_gets_the_headers_of_standard_webhooks_unasked()
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(time: new FakeClock());
        await app.CreateAppAsync(receiver.Url, """["error"]""");

        await app.SendAsync(TestEvents.Boom());
        var request = (await receiver.WaitForAsync(1))[0];

        Assert.Equal([.. Ours, "Content-Type", "Content-Length"], request.Headers.Select(header => header.Key));
    }

    /// <summary>Which secrets the signatures were made with, in their order.</summary>
    private static IEnumerable<string> Signers(ReceivedRequest request)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{request.Header("webhook-id")}.{request.Header("webhook-timestamp")}."), .. request.Body];
        var known = new[] { Owner.Secret, "the new one" }.ToDictionary(
            secret => $"v1,{Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed))}", StringComparer.Ordinal);
        return request.Header("webhook-signature")!.Split(' ').Select(signature => known.GetValueOrDefault(signature, "nobody's"));
    }
}

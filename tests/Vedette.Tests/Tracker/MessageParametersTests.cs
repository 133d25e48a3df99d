using System.Diagnostics;
using Vedette.Tracker.Grouping;
using Xunit;

namespace Vedette.Tests.Tracker;

public sealed class MessageParametersTests
{
    [Theory]
    [InlineData("nothing to replace here", "nothing to replace here")]
    [InlineData("mail to jo.doe+x@mail.example.org failed", "mail to <email> failed")]
    [InlineData("GET https://api.example.com/v1/x?y=1 failed", "GET <url> failed")]
    [InlineData("no route to db-1.eu.internal now", "no route to <hostname> now")]
    [InlineData("cannot open main.cs", "cannot open main.cs")]
    [InlineData("dial 10.0.0.17: refused", "dial <ip>: refused")]
    [InlineData("dial 2001:db8:0:0:0:0:0:1 refused", "dial <ip> refused")]
    [InlineData("dial fe80::1ff:fe23 refused", "dial <ip> refused")]
    [InlineData("listen on ::1 failed", "listen on <ip> failed")]
    [InlineData("trace 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 lost", "trace <traceparent> lost")]
    [InlineData("id 0f2c5a4b-e8d1-4c6f-9a3b-7d1e5c8f0a21 gone", "id <uuid> gone")]
    [InlineData("commit da39a3ee5e6b4b0d3255bfef95601890afd80709 bad", "commit <sha1> bad")]
    [InlineData("sum d41d8cd98f00b204e9800998ecf8427e bad", "sum <md5> bad")]
    [InlineData("at 2026-03-03T18:40:12.004Z it broke", "at <date> it broke")]
    [InlineData("at 2026-03-03 18:40:12 +0100 it broke", "at <date> it broke")]
    [InlineData("on 2026-03-03 it broke", "on <date> it broke")]
    [InlineData("Tue, 03 Mar 2026 18:40:12 GMT was it", "<date> was it")]
    [InlineData("on Mar 3, 2026 it broke", "on <date> it broke")]
    [InlineData("at 18:40:12.5 it broke", "at <date> it broke")]
    [InlineData("took 12ms", "took <duration>")]
    [InlineData("took 1h2m3.5s", "took <duration>")]
    [InlineData("took 3 seconds", "took <duration>")]
    [InlineData("tx123456789abcdef0123ab-0123456789 failed", "<swift_txn_id> failed")]
    [InlineData("pointer 0xDEADbeef", "pointer <hex>")]
    [InlineData("blob 0123456789abcdef01", "blob <hex>")]
    [InlineData("at 3f2a9bc it broke", "at <git_sha> it broke")]
    [InlineData("deadbeef is a word", "deadbeef is a word")]
    [InlineData("ratio 0.25 or -1.5e10", "ratio <float> or <float>")]
    [InlineData("cart 17 has -3 items", "cart <int> has <int> items")]
    [InlineData("number 12345678 is an int", "number <int> is an int")]
    [InlineData("sha256 and utf8 stay", "sha256 and utf8 stay")]
    [InlineData("name='jo' mode=\"x y\"", "name=<quoted_str> mode=<quoted_str>")]
    [InlineData("cannot read 'x' of undefined", "cannot read 'x' of undefined")]
    [InlineData("cached=true retry= False", "cached=<bool> retry=<bool>")]
    [InlineData("it is true", "it is true")]
    public void What_differs_from_call_to_call_is_replaced_by_its_kind(string message, string expected) =>
        Assert.Equal(expected, MessageParameters.Replace(message));

    [Fact]
    public void Only_the_beginning_of_a_message_is_examined()
    {
        var beginning = new string('x', MessageParameters.LongestExamined);

        Assert.Equal(beginning, MessageParameters.Replace(beginning + " tail"));
    }

    [Theory]
    [InlineData("a@")]
    [InlineData("a.")]
    [InlineData("1.")]
    [InlineData("1:")]
    [InlineData("f0:")]
    [InlineData("1-")]
    [InlineData("='")]
    [InlineData("12h")]
    [InlineData("a")]
    [InlineData("0")]
    public void A_hostile_megabyte_takes_milliseconds(string pattern)
    {
        var message = string.Concat(Enumerable.Repeat(pattern, 1 << 19));
        MessageParameters.Replace(message);

        var clock = Stopwatch.StartNew();
        MessageParameters.Replace(message);

        Assert.InRange(clock.ElapsedMilliseconds, 0, 500);
    }
}

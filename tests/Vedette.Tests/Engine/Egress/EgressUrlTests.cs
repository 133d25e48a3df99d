using System.Net;
using FsCheck;
using FsCheck.Fluent;
using Vedette.Engine.Egress;
using Xunit;

namespace Vedette.Tests.Engine.Egress;

public sealed class EgressUrlTests
{
    private const string Loopback = "127.0.0.1 is in 127.0.0.0/8 (loopback)";
    private const string Malformed = "the URL is malformed";
    private const string Disguised = "the host contains a character that can stand for another; use its xn-- form";
    private const string Numeric = "the host ends in a number but is no IPv4 address";
    private const string NoUrl = "the URL is not an absolute http or https URL";
    private const string UserInfo = "the URL contains a user name or password";
    private const string Spaced = "the URL contains a space or a control character";

    private static readonly EgressPolicy PublicOnly = new([]);

    [Theory]
    [InlineData("http://example.com")]
    [InlineData("HTTPS://EXAMPLE.com:8443/hook?a=b@c#d")]
    [InlineData("https://example.com.")]
    [InlineData("http://localhost/")]
    [InlineData("http://a_b.example/")]
    [InlineData("http://8.8.8.8/")]
    [InlineData("http://134744072/")]
    [InlineData("http://[2606:4700::1]/")]
    [InlineData("http://bücher.example/")]
    [InlineData("http://例え.example/")]
    [InlineData("http://xn--bcher-kva.example/")]
    [InlineData("http://1e3.example/")]
    [InlineData("http://1.2.3.4.example/")]
    [InlineData("http://example.com/%31%32%37/\\")]
    [InlineData("http://example.com/👩‍👩")]
    public void A_url_with_a_public_address_or_a_name_is_allowed(string url) =>
        Assert.Null(PublicOnly.CheckUrl(url).Reason);

    [Theory]
    [InlineData("127.0.0.1", Loopback)]
    [InlineData("127.0.0.1:8080", Loopback)]
    [InlineData("2130706433", Loopback)]
    [InlineData("017700000001", Loopback)]
    [InlineData("0177.0.0.1", Loopback)]
    [InlineData("00000177.0.0.1", Loopback)]
    [InlineData("0x7f000001", Loopback)]
    [InlineData("0x7F.1", Loopback)]
    [InlineData("127.1", Loopback)]
    [InlineData("127.0.1", Loopback)]
    [InlineData("0x7f.0.0x0.01", Loopback)]
    [InlineData("127.0.0.1.", Loopback)]
    [InlineData("127.1.", Loopback)]
    [InlineData("0x7f.1.", Loopback)]
    [InlineData("2130706433.", Loopback)]
    [InlineData("0", "0.0.0.0 is in 0.0.0.0/8 (this network)")]
    [InlineData("4294967295", "255.255.255.255 is in 255.255.255.255/32 (broadcast)")]
    [InlineData("127.0.0.1..", Malformed)]
    [InlineData("127..0.1", Malformed)]
    [InlineData(".127.0.0.1", Malformed)]
    [InlineData("256.0.0.1", Numeric)]
    [InlineData("4294967296", Numeric)]
    [InlineData("0x100000000", Numeric)]
    [InlineData("9999999999999999999", Numeric)]
    [InlineData("08.0.0.1", Numeric)]
    [InlineData("1.2.3.4.5", Numeric)]
    [InlineData("foo.127.0.0.1", Numeric)]
    [InlineData("foo.0x7F.", Numeric)]
    [InlineData("0x", Numeric)]
    [InlineData("１２７.0.0.1", Disguised)]
    [InlineData("２１３０７０６４３３", Disguised)]
    [InlineData("①②⑦.0.0.1", Disguised)]
    [InlineData("𝟏𝟐𝟕.0.0.1", Disguised)]
    [InlineData("١٢٧.0.0.1", Disguised)]
    [InlineData("१२७.0.0.1", Disguised)]
    [InlineData("🯱27.0.0.1", Disguised)]
    [InlineData("127。0。0。1", Disguised)]
    [InlineData("127．0．0．1", Disguised)]
    [InlineData("127.0.0.1。", Disguised)]
    [InlineData("127.0.0.1\u00AD", Disguised)]
    [InlineData("\u202Elocalhost", Disguised)]
    [InlineData("\u200Blocalhost", Disguised)]
    [InlineData("ｌocalhost", Disguised)]
    [InlineData("ⓛocalhost", Disguised)]
    [InlineData("ℓocalhost", Disguised)]
    [InlineData("example．com", Disguised)]
    [InlineData("example.com／x", Disguised)]
    [InlineData("user＠example.com", Disguised)]
    [InlineData("%31%32%37.0.0.1", Malformed)]
    [InlineData("127%2e0%2e0%2e1", Malformed)]
    [InlineData("loc%61lhost", Malformed)]
    [InlineData("127.0.0.1%00", Malformed)]
    [InlineData("127.0.0.1%0d%0a", Malformed)]
    [InlineData("[::1]", "::1 is in ::1/128 (loopback)")]
    [InlineData("[0:0:0:0:0:0:0:1]:80", "::1 is in ::1/128 (loopback)")]
    [InlineData("[::]", ":: is in ::/128 (unspecified)")]
    [InlineData("[::1%25lo]", "::1 is in ::1/128 (loopback)")]
    [InlineData("[::1%1]", "::1 is in ::1/128 (loopback)")]
    [InlineData("[::%31]", ":: is in ::/128 (unspecified)")]
    [InlineData("[fe80::1%25eth0]", "fe80::1 is in fe80::/10 (link-local)")]
    [InlineData("[::ffff:127.0.0.1]", "::ffff:127.0.0.1 is in ::ffff:0:0/96 (IPv4-mapped)")]
    [InlineData("[::ffff:7f00:1]", "::ffff:127.0.0.1 is in ::ffff:0:0/96 (IPv4-mapped)")]
    [InlineData("[::127.0.0.1]", "::127.0.0.1 is in ::/96 (IPv4-compatible)")]
    [InlineData("[64:ff9b::127.0.0.1]", "64:ff9b::7f00:1 is in 64:ff9b::/96 (NAT64)")]
    [InlineData("[2002:7f00:1::]", "2002:7f00:1:: is in 2002::/16 (6to4)")]
    [InlineData("[::1", Malformed)]
    [InlineData("::1", Malformed)]
    [InlineData("[127.0.0.1]", Malformed)]
    [InlineData("[::ffff:0177.0.0.1]", Malformed)]
    [InlineData("[v1.a]", Malformed)]
    [InlineData("[2606:4700::1/64]", Malformed)]
    [InlineData("[2606:4700::1].", Malformed)]
    [InlineData("[2606:4700::1]x", Malformed)]
    [InlineData("[2606:4700::1]]", Malformed)]
    public void A_disguised_host_is_judged_as_the_address_it_leads_to_or_refused(string host, string reason)
    {
        Assert.Equal(reason, PublicOnly.CheckUrl($"http://{host}/hook").Reason);
        Assert.Equal(reason, PublicOnly.CheckUrl($"https://{host}?x").Reason);
    }

    [Theory]
    [InlineData("", NoUrl)]
    [InlineData("example.com", NoUrl)]
    [InlineData("//example.com/", NoUrl)]
    [InlineData("/hook", NoUrl)]
    [InlineData("http:example.com", NoUrl)]
    [InlineData("http:/example.com", NoUrl)]
    [InlineData("http:\\\\example.com", NoUrl)]
    [InlineData("ftp://example.com/", NoUrl)]
    [InlineData("file:///etc/passwd", NoUrl)]
    [InlineData("gopher://example.com/", NoUrl)]
    [InlineData("javascript:alert(1)", NoUrl)]
    [InlineData("httpx://example.com/", NoUrl)]
    [InlineData("http://", "the URL has no host")]
    [InlineData("http:///example.com", "the URL has no host")]
    [InlineData("https://?x", "the URL has no host")]
    [InlineData("https://#x", "the URL has no host")]
    [InlineData("http://:80/", Malformed)]
    [InlineData("http://./", Malformed)]
    [InlineData("http://a..b/", Malformed)]
    [InlineData("http://h:99999/", Malformed)]
    [InlineData("http://h:-1/", Malformed)]
    [InlineData("http://h:x/", Malformed)]
    [InlineData("http://example.com\\127.0.0.1/", Malformed)]
    [InlineData("http://127.0.0.1\\.example.com/", Malformed)]
    [InlineData("http://-a.example/", "the host is neither a name nor an address")]
    [InlineData("http://xn--ü.example/", "the host has no ASCII form")]
    [InlineData("http://user@example.com/", UserInfo)]
    [InlineData("http://user:secret@example.com/", UserInfo)]
    [InlineData("http://@example.com/", UserInfo)]
    [InlineData("http://example.com:80@127.0.0.1/", UserInfo)]
    [InlineData("http://example.com\\@127.0.0.1/", UserInfo)]
    [InlineData(" http://example.com/", Spaced)]
    [InlineData("http://example.com/\n", Spaced)]
    [InlineData("http://exam\tple.com/", Spaced)]
    [InlineData("http://example.com/a b", Spaced)]
    [InlineData("http://example.com/\0", Spaced)]
    public void What_is_no_plain_http_url_is_refused_with_a_reason(string url, string reason) =>
        Assert.Equal(reason, PublicOnly.CheckUrl(url).Reason);

    [Fact]
    public void A_refusal_of_the_form_is_not_lifted_by_the_allow_list()
    {
        var everything = new EgressPolicy([IPNetwork.Parse("0.0.0.0/0"), IPNetwork.Parse("::/0")]);

        Assert.True(everything.CheckUrl("http://127.0.0.1/").IsAllowed);
        Assert.False(everything.CheckUrl("http://user@127.0.0.1/").IsAllowed);
    }

    [Fact]
    public void Any_text_at_all_gets_a_verdict_with_a_reason_of_one_line()
    {
        var pieces = Gen.Elements(
            "http://", "https://", "127.0.0.1", "[::1]", "[", "]", "%", "@", ":", "/", "\\", ".", "..", "0x", "xn--", "ü", "😀", "\ud800",
            "１", "。", " ", "\n", "a", "9", new string('b', 64), "?", "#");

        Prop.ForAll(
            Arb.From(pieces.ListOf()),
            parts => PublicOnly.CheckUrl("http://" + string.Concat(parts)).Reason is not { } reason || !reason.Any(char.IsControl))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
    }

    [Fact]
    public void No_ipv4_notation_hides_a_loopback_address() =>
        Prop.ForAll(
            Arb.From(
                from rest in Gen.Choose(0, 0xFFFFFF)
                from parts in Gen.Choose(1, 4)
                from notations in Gen.Choose(0, 2).ArrayOf(4)
                from dot in Gen.Elements("", ".")
                select Written(0x7F000000u | (uint)rest, parts, notations) + dot),
            host => PublicOnly.CheckUrl($"http://{host}/").Reason?.EndsWith(" is in 127.0.0.0/8 (loopback)", StringComparison.Ordinal) == true)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    private static string Written(uint address, int parts, int[] notations)
    {
        var numbers = Enumerable.Range(0, parts - 1).Select(i => (address >> (24 - (8 * i))) & 0xFF)
            .Append(address & (uint)((1UL << (8 * (5 - parts))) - 1));
        return string.Join('.', numbers.Select((number, i) => notations[i] switch
        {
            0 => $"{number}",
            1 => $"0x{number:x}",
            _ => "0" + Convert.ToString(number, 8),
        }));
    }
}

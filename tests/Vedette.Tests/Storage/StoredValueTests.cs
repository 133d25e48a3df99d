using FsCheck;
using FsCheck.Fluent;
using Vedette.Engine.Deliveries;
using Vedette.Engine.Subscriptions;
using Vedette.Server.Authorization;
using Vedette.Storage;
using Vedette.Tracker.Ingest;
using Vedette.Tracker.Issues;
using Xunit;

namespace Vedette.Tests.Storage;

public sealed class StoredValueTests
{
    [Fact]
    public void Every_stored_enum_comes_back_as_it_was()
    {
        RoundTrip<IssueStatus>();
        RoundTrip<IssueSubstatus>();
        RoundTrip<EventLevel>();
        RoundTrip<EventType>();
        RoundTrip<MemberRole>();
        RoundTrip<DestinationKind>();
        RoundTrip<DestinationState>();
        RoundTrip<BodyEncoding>();
        RoundTrip<DeliveryState>();
    }

    [Fact]
    public void Names_are_lower_case_with_underscores()
    {
        Assert.Equal("archived_until_condition_met", StoredName.Of(IssueSubstatus.ArchivedUntilConditionMet));
        Assert.Equal("new", StoredName.Of(IssueSubstatus.New));
    }

    [Theory]
    [InlineData("")]
    [InlineData("New")]
    [InlineData("7")]
    [InlineData("new ")]
    public void A_name_of_a_stranger_is_no_value(string name)
    {
        Assert.Null(StoredName.TryParse<IssueSubstatus>(name));
        Assert.Throws<KeyNotFoundException>(() => StoredName.Parse<IssueSubstatus>(name));
    }

    [Fact]
    public void Microseconds_come_back_as_they_were() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<long>().Filter(Representable),
            microseconds => UnixMicroseconds.From(UnixMicroseconds.ToInstant(microseconds)) == microseconds)
            .QuickCheckThrowOnFailure();

    [Fact]
    public void An_instant_loses_less_than_a_microsecond() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<DateTimeOffset>(),
            instant => (UnixMicroseconds.ToInstant(UnixMicroseconds.From(instant)) - instant).Duration() < TimeSpan.FromMicroseconds(1))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Later_is_never_stored_as_earlier() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<DateTimeOffset>(),
            ArbMap.Default.ArbFor<DateTimeOffset>(),
            (a, b) => a > b || UnixMicroseconds.From(a) <= UnixMicroseconds.From(b))
            .QuickCheckThrowOnFailure();

    private static bool Representable(long microseconds) =>
        microseconds > UnixMicroseconds.From(DateTimeOffset.MinValue) && microseconds < UnixMicroseconds.From(DateTimeOffset.MaxValue);

    private static void RoundTrip<T>()
        where T : struct, Enum
    {
        var values = Enum.GetValues<T>();
        Assert.Equal(values, values.Select(value => StoredName.Parse<T>(StoredName.Of(value))));
        Assert.Equal(values.Length, values.Select(StoredName.Of).Distinct().Count());
    }
}

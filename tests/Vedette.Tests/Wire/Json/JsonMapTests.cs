using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Wire.Json;

public sealed class JsonMapTests
{
    /// <summary>Sizes on both sides of the one from which a map keeps positions.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(100)]
    public void Members_keep_their_first_place_and_their_last_value_whatever_the_size(int size)
    {
        var map = new JsonMap();
        var expected = new List<KeyValuePair<string, object?>>();
        for (var i = 0; i < size; i++)
        {
            map[$"n{i}"] = "first";
            expected.Add(new($"n{i}", (double)i));
        }

        for (var i = size - 1; i >= 0; i--)
            map[$"n{i}"] = (double)i;

        Assert.Equal(expected, map.Members);
        Assert.Equal(size, map.Count);
        Assert.All(expected, member => Assert.Equal(member.Value, map[member.Key]));
        Assert.Null(map["absent"]);
        Assert.False(map.Contains("absent"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(100)]
    public void A_removed_member_is_gone_and_comes_back_last(int size)
    {
        var map = new JsonMap();
        for (var i = 0; i < size; i++)
            map[$"n{i}"] = (double)i;

        Assert.True(map.Remove("n0"));
        Assert.False(map.Remove("n0"));
        Assert.False(map.Contains("n0"));
        map["n0"] = "again";

        Assert.Equal([.. Enumerable.Range(1, size - 1).Select(i => $"n{i}"), "n0"], map.Members.Select(member => member.Key));
        Assert.All(Enumerable.Range(1, size - 1), i => Assert.Equal((double)i, map[$"n{i}"]));
        Assert.Equal("again", map.Text("n0"));
    }
}

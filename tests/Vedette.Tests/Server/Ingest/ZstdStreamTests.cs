using System.Text;
using Vedette.Server.Ingest;
using Xunit;

namespace Vedette.Tests.Server.Ingest;

/// <summary>Made by the <c>zstd</c> command, because .NET has no compressor.</summary>
internal static class ZstdFrames
{
    /// <summary>An envelope with one <c>client_report</c>, with the id of <see cref="IngestCalls.Id"/>.</summary>
    public static byte[] ClientReport { get; } = Convert.FromBase64String("KLUv/QRoPQIAcoQPEZB9BNFT12Xk/xjY5Dgai4oSnYP+Gdsb8aTv18e783PQX4wWZHomCogcaUqeVwRM0ZVm3pDh18PJco06Pg8BALwDBQUWoCdy");

    /// <summary>Five million zeros, in many blocks.</summary>
    public static byte[] Zeros { get; } = Convert.FromBase64String("KLUv/QRoTAAACAABAPz/ORACAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAANaAgC2wdU/");

    /// <summary>Claims a window of 128 MiB.</summary>
    public static byte[] HugeWindow { get; } = Convert.FromBase64String("KLUv/QSIZAAAEAAAAgDp/zdz4AEsAgAQAAOfBAAtKN4m");

    public static byte[] Empty { get; } = Convert.FromBase64String("KLUv/SQAAQAAmenYUQ==");

    /// <summary>Bytes that a decoder passes over: a frame of the kind that pads and comments.</summary>
    public static byte[] Skippable { get; } = [0x50, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3];
}

public sealed class ZstdStreamTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_frame_that_comes_byte_by_byte_is_unpacked_whole() =>
        Assert.EndsWith("\n{\"type\":\"client_report\"}\n{}", Encoding.UTF8.GetString(await UnpackAsync(ZstdFrames.ClientReport)), StringComparison.Ordinal);

    [Fact]
    public async Task Many_blocks_are_unpacked_whole()
    {
        var unpacked = await UnpackAsync(ZstdFrames.Zeros);

        Assert.Equal(5_000_000, unpacked.Length);
        Assert.Equal(-1, unpacked.AsSpan().IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public async Task Frames_follow_each_other_and_skippable_ones_are_skipped()
    {
        var once = await UnpackAsync(ZstdFrames.ClientReport);

        var unpacked = await UnpackAsync(
            [.. ZstdFrames.Skippable, .. ZstdFrames.ClientReport, .. ZstdFrames.Empty, .. ZstdFrames.Skippable, .. ZstdFrames.ClientReport]);

        Assert.Equal([.. once, .. once], unpacked);
    }

    [Fact]
    public async Task Nothing_and_an_empty_frame_are_nothing()
    {
        Assert.Empty(await UnpackAsync([]));
        Assert.Empty(await UnpackAsync(ZstdFrames.Empty));
    }

    [Fact]
    public async Task A_frame_that_is_cut_off_anywhere_is_an_error()
    {
        for (var length = 1; length < ZstdFrames.ClientReport.Length; length++)
            await Assert.ThrowsAsync<InvalidDataException>(() => UnpackAsync(ZstdFrames.ClientReport[..length]));
    }

    [Fact]
    public async Task Bytes_after_the_last_frame_are_an_error() =>
        await Assert.ThrowsAsync<InvalidDataException>(() => UnpackAsync([.. ZstdFrames.ClientReport, .. "junk"u8]));

    [Fact]
    public async Task A_frame_may_not_claim_more_memory_than_every_decoder_has() =>
        await Assert.ThrowsAsync<InvalidDataException>(() => UnpackAsync(ZstdFrames.HugeWindow));

    private static async Task<byte[]> UnpackAsync(byte[] packed)
    {
        await using var stream = new ZstdStream(new OneByteAtATime(packed));
        var unpacked = new MemoryStream();
        await stream.CopyToAsync(unpacked, 1000, Ct);
        return unpacked.ToArray();
    }
}

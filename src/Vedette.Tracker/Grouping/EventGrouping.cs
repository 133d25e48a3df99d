namespace Vedette.Tracker.Grouping;

/// <summary>Decides which events are the same problem (<c>spec/domain.md</c> 2.1).</summary>
public static class EventGrouping
{
    /// <summary>Stands in every stored event and belongs to every stored hash: a later version must not disturb old issues.</summary>
    public const string GroupingVersion = "vedette:1";

    /// <summary>Most specific first, distinct, at least one.</summary>
    internal static List<string> Hashes(GroupingSubject subject)
    {
        if (!string.IsNullOrWhiteSpace(subject.Checksum))
            return [OfChecksum(subject.Checksum.Trim())];

        var fingerprint = subject.Fingerprint;
        var defaults = fingerprint.Count(FingerprintValues.IsDefault);
        if (fingerprint.Count > 0 && defaults == 0)
            return [GroupingHash.Of(fingerprint.Select(value => FingerprintValues.Resolve(value, subject)))];

        var hashes = DefaultVariants.Hashes(subject);
        if (hashes.Count == 0)
            hashes.Add(GroupingHash.Of());
        return fingerprint.Count <= 1 ? hashes : hashes.ConvertAll(hash => Hybrid(fingerprint, hash, subject));
    }

    private static string Hybrid(List<string> fingerprint, string hash, GroupingSubject subject) =>
        GroupingHash.Of(fingerprint.Select(value => FingerprintValues.IsDefault(value) ? hash : FingerprintValues.Resolve(value, subject)));

    private static string OfChecksum(string checksum) =>
        checksum.Length == 32 && checksum.All(char.IsAsciiHexDigit) ? checksum.ToLowerInvariant() : GroupingHash.Of(checksum);
}

namespace Vedette.Tracker.Ingest;

/// <summary>Why bytes were refused; the members of the error body that SDKs read.</summary>
/// <param name="Detail">One line.</param>
/// <param name="Causes">What exactly is wrong and where, the outermost first; never empty.</param>
public sealed record IngestFault(string Detail, IReadOnlyList<string> Causes)
{
    /// <summary>Well-formed perhaps, but larger than a limit.</summary>
    public bool IsTooLarge { get; init; }
}

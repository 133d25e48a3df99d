using Vedette.Server.Sessions;

namespace Vedette.Server.OAuth;

/// <summary>Counts codes of devices that were entered wrongly, by address, so that none is found by trying.</summary>
internal sealed class DeviceLookups(TimeProvider time)
{
    private const int Most = 10;

    private readonly FailureCounts failures = new(time, TimeSpan.FromMinutes(1));

    public bool AreTooMany(string? address) => failures.WaitFor(address ?? "", Most) is not null;

    public void AddFailure(string? address) => failures.Add(address ?? "");
}

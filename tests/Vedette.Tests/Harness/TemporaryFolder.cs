namespace Vedette.Tests.Harness;

/// <summary>An empty folder that goes away with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("vedette-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

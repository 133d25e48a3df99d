namespace Vedette.Tests.Harness;

/// <summary>The working tree that the tests were built from.</summary>
internal static class RepositoryRoot
{
    public static string Path { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Vedette.slnx")))
                return folder.FullName;
        }

        throw new InvalidOperationException("the tests do not run from a working tree");
    }
}

namespace Vedette.Storage;

public static class LikePattern
{
    /// <summary>Text that stands for itself in <c>like ... escape '\'</c>.</summary>
    public static string Escape(string text) =>
        text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal);
}

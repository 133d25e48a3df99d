using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Vedette.Tracker.Grouping;

internal static class GroupingHash
{
    /// <summary>Values follow one another with nothing between (<c>spec/domain.md</c> 2.1).</summary>
    [SuppressMessage("Security", "CA5351", Justification = "Clients know these hashes as MD5; they name issues and protect nothing.")]
    public static string Of(params IEnumerable<string> values) =>
        Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(string.Concat(values))));
}

using System.Runtime.CompilerServices;
using Vedette.Storage;

namespace Vedette.Tracker.Retention;

/// <summary>All issues, so many at a time in the order of their numbers: for what is looked for in each of them.</summary>
internal static class IssueWindows
{
    private const int IssuesAtOnce = 1000;

    /// <returns>Each window: numbers above <c>After</c> up to <c>Until</c>.</returns>
    public static async IAsyncEnumerable<(long After, long Until)> AllAsync(Database database, [EnumeratorCancellation] CancellationToken ct)
    {
        var after = 0L;
        while (await database.ReadAsync(
            session => session.SingleAsync<long?>($"select max(id) from (select id from issue where id > @after order by id limit {IssuesAtOnce}) issue_window", new { after }), ct) is { } until)
        {
            yield return (after, until);
            after = until;
        }
    }
}

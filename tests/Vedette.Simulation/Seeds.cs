namespace Vedette.Simulation;

/// <param name="Failed">The failing seed with the smallest number among those that were played, with its story.</param>
internal sealed record SearchResult(Outcome? Failed, int Played, long Deliveries, long Sends, long Deaths, long Steps);

/// <summary>Many seeds, a thread a processor; each seed keeps to its thread.</summary>
internal static class Seeds
{
    /// <summary>Ends early when one fails.</summary>
    public static SearchResult Search(int from, int count, Mutation mutation = Mutation.None)
    {
        var gate = new Lock();
        var next = from;
        Outcome? failed = null;
        var sum = new SearchResult(null, 0, 0, 0, 0, 0);
        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(Work)).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        return sum with { Failed = failed is null ? null : Run.Play(failed.Seed, tells: true, mutation) };

        void Work()
        {
            while (Take() is { } seed)
            {
                var outcome = Run.Play(seed, tells: false, mutation);
                lock (gate)
                {
                    sum = new SearchResult(
                        null, sum.Played + 1, sum.Deliveries + outcome.Deliveries, sum.Sends + outcome.Sends, sum.Deaths + outcome.Deaths, sum.Steps + outcome.Steps);
                    if (outcome.Violation is not null && (failed is null || outcome.Seed < failed.Seed))
                        failed = outcome;
                }
            }
        }

        int? Take()
        {
            lock (gate)
                return failed is null && next < from + count ? next++ : null;
        }
    }
}

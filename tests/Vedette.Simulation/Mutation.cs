namespace Vedette.Simulation;

/// <summary>A fault that is put into the engine's statements, to see that the simulation would find it.</summary>
internal enum Mutation
{
    None,

    /// <summary>Recording does not ask for the lease.</summary>
    NoFencing,

    /// <summary>A commit that failed is taken for one that succeeded.</summary>
    AnswersBeforeCommit,

    /// <summary>Every lane may do as much as it likes.</summary>
    IgnoresCap,
}

internal static class Mutations
{
    /// <summary>The statement as an engine with this fault would send it.</summary>
    public static string Rewrite(this Mutation mutation, string sql) => mutation switch
    {
        Mutation.None or Mutation.AnswersBeforeCommit => sql,
        Mutation.NoFencing => sql.Replace(" and lease = @Lease", "", StringComparison.Ordinal),
        Mutation.IgnoresCap => sql.Replace("d.concurrency,", "200 as concurrency,", StringComparison.Ordinal),
    };
}

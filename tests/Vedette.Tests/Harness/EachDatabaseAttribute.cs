using System.Reflection;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

namespace Vedette.Tests.Harness;

public enum DatabaseKind
{
    Sqlite,
    Postgres,
}

/// <summary>Runs a theory once a database. One that is not there is skipped, and the report says so.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EachDatabaseAttribute : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        new([
            new TheoryDataRow<DatabaseKind>(DatabaseKind.Sqlite),
            new TheoryDataRow<DatabaseKind>(DatabaseKind.Postgres) { Skip = PostgresServer.IsThere ? null : PostgresServer.WhyNot },
        ]);

    public override bool SupportsDiscoveryEnumeration() => true;
}

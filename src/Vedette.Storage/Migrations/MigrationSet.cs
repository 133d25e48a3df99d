using System.Reflection;

namespace Vedette.Storage.Migrations;

/// <summary>One room's tables: the embedded files <c>Migrations/NNNN-title.sql</c> of its assembly, numbered from 1 without gaps.</summary>
/// <param name="Room">The name under which the database remembers how far it is; never changes.</param>
public sealed record MigrationSet(string Room, Assembly Assembly)
{
    internal IReadOnlyList<Migration> Read()
    {
        var marker = ".Migrations.";
        var migrations = Assembly.GetManifestResourceNames()
            .Where(name => name.Contains(marker, StringComparison.Ordinal) && name.EndsWith(".sql", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name =>
            {
                var file = name[(name.IndexOf(marker, StringComparison.Ordinal) + marker.Length)..];
                using var reader = new StreamReader(Assembly.GetManifestResourceStream(name)!);
                return new Migration(int.Parse(file[..4]), file, reader.ReadToEnd());
            })
            .ToList();

        for (var i = 0; i < migrations.Count; i++)
        {
            if (migrations[i].Number != i + 1)
                throw new InvalidOperationException($"{Assembly.GetName().Name}: expected migration {i + 1:0000}, found {migrations[i].File}");
        }

        return migrations;
    }
}

internal sealed record Migration(int Number, string File, string Sql);

using System.Collections;
using System.Data;

namespace Vedette.Storage;

/// <summary>
/// The values of a statement whose text is put together while the program runs. Whatever strangers wrote goes in here, and
/// only what stands for it into the text. Not safe for concurrent use.
/// </summary>
public sealed class SqlArguments : IEnumerable<KeyValuePair<string, object?>>
{
    private readonly List<KeyValuePair<string, object?>> values = [];

    /// <returns>What stands for the value in the statement.</returns>
    public string Add(long value) => AddValue(value);

    /// <inheritdoc cref="Add(long)"/>
    public string Add(string value) => AddValue(value);

    /// <summary>For <c>in</c>.</summary>
    /// <returns>Never empty: what stands for no value is a null, which equals nothing.</returns>
    public string AddList(IEnumerable<long> list) => List([.. list.Select(Add)]);

    /// <inheritdoc cref="AddList(IEnumerable{long})"/>
    public string AddList(IEnumerable<string> list) => List([.. list.Select(Add)]);

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>A statement is found again by its text, so a value is read by its name, whichever object holds it.</summary>
    internal Argument? Find(string name)
    {
        var at = values.FindIndex(value => value.Key == name);
        return at < 0
            ? null
            : new Argument(name, values[at].Value is long ? DbType.Int64 : DbType.String, args => ((SqlArguments)args).values[at].Value);
    }

    private static string List(IReadOnlyList<string> names) => names.Count == 0 ? "(null)" : $"({string.Join(", ", names)})";

    private string AddValue(object value)
    {
        values.Add(new($"a{values.Count}", value));
        return $"@{values[^1].Key}";
    }
}

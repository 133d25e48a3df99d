using System.Collections.Concurrent;
using System.Data;
using System.Linq.Expressions;
using System.Reflection;
using System.Text.RegularExpressions;

namespace Vedette.Storage;

/// <summary>A member of an arguments object that a statement names.</summary>
/// <param name="Read">Its value in such an object. Compiled, because it runs a dozen times for every row that is written.</param>
internal sealed record Argument(string Name, DbType Type, Func<object, object?> Read)
{
    public object ValueIn(object args) => Read(args) ?? DBNull.Value;
}

/// <summary>Which members of an arguments object a statement asks for, worked out once for each pair of text and type.</summary>
/// <param name="Positional">The text with <c>$1</c>, <c>$2</c> ... in place of the names, in the order of <paramref name="List"/>.</param>
internal sealed partial record Arguments(IReadOnlyList<Argument> List, string Positional)
{
    private static readonly ConcurrentDictionary<(string Sql, Type Type), Arguments> Known = new();

    /// <exception cref="InvalidOperationException">The statement names what the object does not have, or cannot store: a bug.</exception>
    public static Arguments Of(string sql, Type type) => Known.GetOrAdd((sql, type), static key => Read(key.Sql, name => MemberOf(key.Type, name)));

    /// <summary>Texts that are put together while the program runs are without number, so they are not remembered.</summary>
    /// <inheritdoc cref="Of(string, Type)"/>
    public static Arguments Of(string sql, object args) => args is SqlArguments values ? Read(sql, values.Find) : Of(sql, args.GetType());

    private static Arguments Read(string sql, Func<string, Argument?> find)
    {
        var list = new List<Argument>();
        var positional = Parameter.Replace(sql, match =>
        {
            var name = match.Groups["name"].Value;
            var at = list.FindIndex(argument => argument.Name.Equals(name, StringComparison.Ordinal));
            if (at < 0)
            {
                list.Add(find(name) ?? throw new InvalidOperationException($"nothing is given for @{name}, in: {sql}"));
                at = list.Count - 1;
            }

            return $"${at + 1}";
        });
        return new Arguments(list, positional);
    }

    private static Argument? MemberOf(Type type, string name) =>
        type.GetProperty(name) is { } property ? new Argument(name, TypeOf(property), ReaderOf(property, type)) : null;

    private static Func<object, object?> ReaderOf(PropertyInfo property, Type type)
    {
        var args = Expression.Parameter(typeof(object));
        var value = Expression.Property(Expression.Convert(args, type), property);
        return Expression.Lambda<Func<object, object?>>(Expression.Convert(value, typeof(object)), args).Compile();
    }

    private static DbType TypeOf(PropertyInfo property) => (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) switch
    {
        var type when type == typeof(long) => DbType.Int64,
        var type when type == typeof(int) => DbType.Int32,
        var type when type == typeof(string) => DbType.String,
        var type when type == typeof(byte[]) => DbType.Binary,
        var type => throw new InvalidOperationException($"{property.Name} is a {type}, which no column holds"),
    };

    [GeneratedRegex("@(?<name>[A-Za-z][A-Za-z0-9]*)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Parameter { get; }
}

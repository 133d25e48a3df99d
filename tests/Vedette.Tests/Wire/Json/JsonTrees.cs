using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Vedette.Wire.Json;

namespace Vedette.Tests.Wire.Json;

/// <summary>Random values of <see cref="JsonMap"/>, dense in what JSON writers get wrong.</summary>
internal static class JsonTrees
{
    public static Gen<double> Doubles { get; } = Gen.OneOf(
        from high in Gen.Choose(int.MinValue, int.MaxValue)
        from low in Gen.Choose(int.MinValue, int.MaxValue)
        let value = BitConverter.Int64BitsToDouble(((long)high << 32) | (uint)low)
        select double.IsFinite(value) ? value : 0.5,
        from exponent in Gen.Choose(-1074, 1023)
        from ulps in Gen.Choose(-1, 1)
        select Math.Clamp(Beside(Math.ScaleB(1, exponent), ulps), -double.MaxValue, double.MaxValue),
        from exponent in Gen.Choose(-323, 308)
        from digits in Gen.Choose(-999, 999)
        from ulps in Gen.Choose(-1, 1)
        let value = Beside(digits * Math.Pow(10, exponent), ulps)
        select double.IsFinite(value) ? value : 1e308,
        from whole in Gen.Choose(-1000, 1000)
        select (double)whole,
        from thousandths in Gen.Choose(-10_000_000, 10_000_000)
        select thousandths / 1000.0,
        Gen.Elements(0.0, -0.0, 1e21, 1e-7, 9007199254740991, 9007199254740992, 9007199254740994, double.MaxValue, double.MinValue, double.Epsilon));

    /// <summary>Without lone surrogates and NUL, which Vedette mends and JavaScript keeps.</summary>
    public static Gen<string> Texts { get; } =
        from parts in Gen.OneOf(
            from c in Gen.Choose(0x20, 0x7e)
            select ((char)c).ToString(),
            from c in Gen.Choose(1, 0x1f)
            select ((char)c).ToString(),
            from c in Gen.Choose(0x7f, 0x10ffff)
            select Rune.IsValid(c) ? new Rune(c).ToString() : "\u2029",
            Gen.Elements("\"", "\\", "/", "\u2028", "\u00a0", "\ufeff", "🙂", "\uffff", "__proto__", "\\u0041")).ListOf()
        select string.Concat(parts);

    private static readonly Gen<string> Names = Gen.OneOf(
        Texts,
        from number in Gen.Choose(-3, 30)
        select $"{number}",
        Gen.Elements("00", "01", "4294967294", "4294967295", "4294967296", "99999999999", "1.5", "1e3", "__proto__", "constructor", "toJSON", "length", "a", "b"));

    public static Gen<object?> Any { get; } = Gen.Sized(size => Tree(Math.Min(size / 5, 5)));

    public static byte[] Stable(object? tree)
    {
        var json = new StableJsonWriter();
        json.Value(tree);
        return json.ToArray();
    }

    /// <summary>The same value as strangers write it: with space, needless escapes, other notations of a number, repeated names.</summary>
    public static string Untidy(object? tree, Random random)
    {
        var text = new StringBuilder();
        Untidy(tree, random, text);
        return text.ToString();
    }

    private static Gen<object?> Tree(int depth)
    {
        var leaf = Gen.OneOf(
            Doubles.Select(value => (object?)value),
            Texts.Select(value => (object?)value),
            Gen.Elements<object?>(null, true, false));
        return depth == 0
            ? leaf
            : Gen.OneOf(leaf, Tree(depth - 1).ListOf().Select(items => (object?)items.Take(8).ToList()), Map(depth - 1));
    }

    private static Gen<object?> Map(int depth) =>
        from names in Names.ListOf()
        from values in Tree(depth).ListOf()
        select (object?)MapOf(names.Zip(values).Take(8));

    private static JsonMap MapOf(IEnumerable<(string Name, object? Value)> members)
    {
        var map = new JsonMap();
        foreach (var (name, value) in members)
            map[name] = value;
        return map;
    }

    private static double Beside(double value, int ulps) =>
        ulps switch { < 0 => Math.BitDecrement(value), 0 => value, > 0 => Math.BitIncrement(value) };

    private static void Untidy(object? value, Random random, StringBuilder text)
    {
        Space(random, text);
        switch (value)
        {
            case JsonMap map:
                text.Append('{');
                var first = true;
                foreach (var (name, member) in map.Members)
                {
                    for (var times = random.Next(4) == 0 ? 2 : 1; times > 0; times--)
                    {
                        text.Append(first ? "" : ",");
                        first = false;
                        Space(random, text);
                        Quote(name, random, text);
                        Space(random, text);
                        text.Append(':');
                        Untidy(times == 2 ? null : member, random, text);
                    }
                }

                text.Append('}');
                break;
            case List<object?> list:
                text.Append('[');
                for (var i = 0; i < list.Count; i++)
                {
                    text.Append(i == 0 ? "" : ",");
                    Untidy(list[i], random, text);
                }

                text.Append(']');
                break;
            case string plain:
                Quote(plain, random, text);
                break;
            case double number:
                text.Append(number.ToString(random.Next(3) switch { 0 => "R", 1 => "E20", _ => "0.0##############################" }));
                break;
            default:
                text.Append(value is null ? "null" : value is true ? "true" : "false");
                break;
        }

        Space(random, text);
    }

    private static void Space(Random random, StringBuilder text) => text.Append(random.Next(6) switch { 0 => " ", 1 => "\t", 2 => "\r ", _ => "" });

    private static void Quote(string plain, Random random, StringBuilder text)
    {
        text.Append('"');
        foreach (var c in plain)
        {
            if (c < 0x20 || c is '"' or '\\' || char.IsSurrogate(c) || random.Next(5) == 0)
                text.Append(random.Next(2) == 0 ? $"\\u{(int)c:x4}" : $"\\u{(int)c:X4}");
            else
                text.Append(c);
        }

        text.Append('"');
    }
}

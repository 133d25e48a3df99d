using System.Globalization;

namespace Vedette.Benchmarks;

/// <summary>One measurement beside its ceiling, both from the same round.</summary>
internal sealed record Round(double Value, double Ceiling)
{
    public double Ratio => Value / Ceiling;
}

/// <summary>A row of <c>docs/benchmarks.md</c>.</summary>
/// <param name="Bar">What the ratio must reach, for people.</param>
internal sealed record Row(string What, string Unit, string Bar, IReadOnlyList<Round> Rounds)
{
    public static string Header { get; } =
        "| what | measured (median) | ceiling (median) | ratio: median (min to max) | bar |\n| --- | --- | --- | --- | --- |";

    public override string ToString()
    {
        var ratios = Rounds.Select(round => round.Ratio).Order().ToList();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {What} | {Shown(Rounds.Select(r => r.Value))} | {Shown(Rounds.Select(r => r.Ceiling))} | {Median(ratios):0.00} ({ratios[0]:0.00} to {ratios[^1]:0.00}) | {Bar} |");
    }

    private string Shown(IEnumerable<double> values) =>
        Median(values) is >= 10 and var large
            ? string.Create(CultureInfo.InvariantCulture, $"{large:N0} {Unit}")
            : string.Create(CultureInfo.InvariantCulture, $"{Median(values):0.000} {Unit}");

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}

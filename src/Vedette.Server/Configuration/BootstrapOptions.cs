using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Vedette.Server.Configuration;

/// <summary>What the first start on an empty database creates; <c>null</c> members are made up at random.</summary>
internal sealed partial record BootstrapOptions
{
    public required string Email { get; init; }

    public required string? Password { get; init; }

    public required string Organization { get; init; }

    public required string Project { get; init; }

    public required string? Token { get; init; }

    public static bool TryRead(Func<string, string?> value, [NotNullWhen(true)] out BootstrapOptions? options, [NotNullWhen(false)] out string? error)
    {
        var read = new BootstrapOptions
        {
            Email = value("VEDETTE_BOOTSTRAP_EMAIL") ?? "admin@localhost",
            Password = value("VEDETTE_BOOTSTRAP_PASSWORD"),
            Organization = value("VEDETTE_BOOTSTRAP_ORG") ?? "default",
            Project = value("VEDETTE_BOOTSTRAP_PROJECT") ?? "default",
            Token = value("VEDETTE_BOOTSTRAP_TOKEN"),
        };
        error = read switch
        {
            _ when !read.Email.Contains('@', StringComparison.Ordinal) || read.Email.Any(char.IsWhiteSpace) =>
                $"VEDETTE_BOOTSTRAP_EMAIL is '{read.Email}': it takes an e-mail address",
            _ when !Slugs.IsValid(read.Organization) =>
                $"VEDETTE_BOOTSTRAP_ORG is '{read.Organization}': it takes {Slugs.Form}",
            _ when !Slugs.IsValid(read.Project) =>
                $"VEDETTE_BOOTSTRAP_PROJECT is '{read.Project}': it takes {Slugs.Form}",
            _ when read.Token is { } token && !TokenForm.IsMatch(token) =>
                "VEDETTE_BOOTSTRAP_TOKEN takes 20 to 200 letters, digits, - and _",
            _ => null,
        };
        options = error is null ? read : null;
        return error is null;
    }

    public override string ToString() => $"{Email}, organization {Organization}, project {Project}";

    [GeneratedRegex("^[A-Za-z0-9_-]{20,200}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex TokenForm { get; }
}

using System.Diagnostics.CodeAnalysis;
using System.Net;
using Vedette.Engine.Deliveries;
using Vedette.Engine.Egress;
using Vedette.Storage.Postgres;

namespace Vedette.Server.Configuration;

/// <summary>What a process does of the whole.</summary>
internal enum Role
{
    All,

    /// <summary>API and ingest.</summary>
    Web,

    /// <summary>Delivers.</summary>
    Worker,
}

/// <summary>One configuration key, as <c>vedette serve --help</c> and <c>docs/configuration.md</c> show it.</summary>
internal sealed record ConfigurationKey(string Name, string Default, string Meaning);

/// <summary>The process's configuration, read once from the environment and checked before anything is opened.</summary>
internal sealed record VedetteOptions
{
    public static IReadOnlyList<ConfigurationKey> Keys { get; } =
    [
        new("VEDETTE_URL", "http://127.0.0.1:8321", "public base URL, used in every link and DSN"),
        new("VEDETTE_LISTEN", "host and port of VEDETTE_URL", "addresses that the server listens on, comma-separated host:port"),
        new("VEDETTE_DATA", "./data", "folder of the SQLite file and the keys"),
        new("VEDETTE_DATABASE", "none", "PostgreSQL connection string; none means SQLite in the data folder"),
        new("VEDETTE_SECRET", "none", "wraps the encryption keys; the same on every node"),
        new("VEDETTE_ROLE", "all", "all, web (API and ingest) or worker (delivers)"),
        new("VEDETTE_EGRESS_ALLOW", "none", "comma-separated CIDRs that may be called besides public addresses, for example 127.0.0.0/8"),
        new("VEDETTE_RETRY_SCHEDULE", RetrySchedule.DefaultText, "waits between attempts, comma-separated, each with up to 20 % jitter"),
        new("VEDETTE_RETENTION", RetentionAges.DefaultText, "how long SDK events, attempts and sent payloads are kept; what is still to be delivered is kept beside that"),
        new("OTEL_EXPORTER_OTLP_ENDPOINT", "none", "an OpenTelemetry collector to push metrics to; its other OTEL_ variables apply too"),
        new("VEDETTE_BOOTSTRAP_EMAIL", "admin@localhost", "first start: the owner's e-mail"),
        new("VEDETTE_BOOTSTRAP_PASSWORD", "random", "first start: the owner's password"),
        new("VEDETTE_BOOTSTRAP_ORG", "default", "first start: slug of the organization, and of its team"),
        new("VEDETTE_BOOTSTRAP_PROJECT", "default", "first start: slug of the project"),
        new("VEDETTE_BOOTSTRAP_TOKEN", "random", "first start: a user token with all scopes"),
    ];

    /// <summary>Without a final slash.</summary>
    public required string Url { get; init; }

    public required IReadOnlyList<IPEndPoint> Listen { get; init; }

    public required string DataFolder { get; init; }

    public required string? PostgresConnection { get; init; }

    public required string? Secret { get; init; }

    public required Role Role { get; init; }

    public required IReadOnlyList<IPNetwork> EgressAllow { get; init; }

    public required RetrySchedule RetrySchedule { get; init; }

    public required RetentionAges Retention { get; init; }

    /// <summary>An OpenTelemetry collector is named in the process's environment, which its exporter reads by itself.</summary>
    public required bool ExportsTelemetry { get; init; }

    public required BootstrapOptions Bootstrap { get; init; }

    /// <summary>On <c>false</c>, <paramref name="error"/> is one line that names the key and says what it takes. An empty value counts as none.</summary>
    public static bool TryRead(Func<string, string?> environment, [NotNullWhen(true)] out VedetteOptions? options, [NotNullWhen(false)] out string? error)
    {
        options = null;
        string? Value(string key) => environment(key) is { } text && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;

        var urlText = (Value("VEDETTE_URL") ?? "http://127.0.0.1:8321").TrimEnd('/');
        if (!Uri.TryCreate(urlText, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.UserInfo.Length > 0 || url.Query.Length > 0 || url.Fragment.Length > 0)
        {
            error = $"VEDETTE_URL is '{urlText}': it takes an absolute http or https URL without query, such as http://127.0.0.1:8321";
            return false;
        }

        if (!ListenAddresses.TryParse(Value("VEDETTE_LISTEN"), url, out var listen, out error))
            return false;

        var database = Value("VEDETTE_DATABASE");
        if (database is not null && !PostgresDatabase.TryCheck(database, out var problem))
        {
            error = $"VEDETTE_DATABASE is not a PostgreSQL connection string: {problem}";
            return false;
        }

        var roleText = Value("VEDETTE_ROLE") ?? "all";
        if (!Enum.TryParse<Role>(roleText, ignoreCase: true, out var role) || int.TryParse(roleText, out _))
        {
            error = $"VEDETTE_ROLE is '{roleText}': it takes all, web or worker";
            return false;
        }

        if (!EgressPolicy.TryParseAllowList(Value("VEDETTE_EGRESS_ALLOW"), out var allowed, out problem))
        {
            error = $"VEDETTE_EGRESS_ALLOW: {problem}";
            return false;
        }

        if (!RetrySchedule.TryParse(Value("VEDETTE_RETRY_SCHEDULE") ?? RetrySchedule.DefaultText, out var schedule, out problem))
        {
            error = $"VEDETTE_RETRY_SCHEDULE: {problem}";
            return false;
        }

        if (!RetentionAges.TryParse(Value("VEDETTE_RETENTION") ?? RetentionAges.DefaultText, out var retention, out problem))
        {
            error = $"VEDETTE_RETENTION: {problem}";
            return false;
        }

        var collector = Value("OTEL_EXPORTER_OTLP_ENDPOINT");
        if (collector is not null && !(Uri.TryCreate(collector, UriKind.Absolute, out var endpoint) && endpoint.Scheme is ("http" or "https")))
        {
            error = $"OTEL_EXPORTER_OTLP_ENDPOINT is '{collector}': it takes an absolute http or https URL, such as http://127.0.0.1:4317";
            return false;
        }

        if (!BootstrapOptions.TryRead(Value, out var bootstrap, out error))
            return false;

        options = new VedetteOptions
        {
            Url = urlText,
            Listen = listen,
            DataFolder = Path.GetFullPath(Value("VEDETTE_DATA") ?? "data"),
            PostgresConnection = database,
            Secret = Value("VEDETTE_SECRET"),
            Role = role,
            EgressAllow = allowed,
            RetrySchedule = schedule,
            Retention = retention,
            ExportsTelemetry = collector is not null,
            Bootstrap = bootstrap,
        };
        return true;
    }

    /// <summary>Names that look like ours and are not: probably a slip of the pen.</summary>
    public static IReadOnlyList<string> UnknownKeys(IEnumerable<string> names) =>
        [.. names.Where(name => name.StartsWith("VEDETTE_", StringComparison.Ordinal) && Keys.All(key => key.Name != name)).Order(StringComparer.Ordinal)];

    /// <summary>Never shows the secrets that it holds.</summary>
    public override string ToString() => $"{Url} on {string.Join(", ", Listen)}";
}

using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using Vedette.Engine.Deliveries;
using Vedette.Engine.Egress;
using Vedette.Engine.Subscriptions;
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
        new("VEDETTE_DATA", "./data", "folder of the SQLite file, keys and mail"),
        new("VEDETTE_DATABASE", "none", "PostgreSQL connection string; none means SQLite in the data folder"),
        new("VEDETTE_SECRET", "none", "wraps the encryption keys; the same on every node"),
        new("VEDETTE_ROLE", "all", "all, web (API and ingest) or worker (delivers)"),
        new("VEDETTE_EGRESS_ALLOW", "none", "comma-separated CIDRs that may be called besides public addresses, for example 127.0.0.0/8"),
        new("VEDETTE_RETRY_SCHEDULE", RetrySchedule.DefaultText, "waits between attempts, comma-separated, each with up to 20 % jitter"),
        new("VEDETTE_LANE_REST", "5s,5m", "first and longest rest of a destination whose attempts fail"),
        new("VEDETTE_DISABLE_BROKEN", "internal", "which apps are disabled when their receiver is broken: internal, all or none"),
        new("VEDETTE_BROKEN_TIMEOUTS", "1000", "timeouts in a day that make a receiver broken"),
        new("VEDETTE_BROKEN_DAYS", "7", "days in a row with errors and no success that make a receiver broken"),
        new("VEDETTE_ALERT_TICK", "60s", "how often the clock is looked at for issues: snoozes that end, growth, age, and alerts that count"),
        new("VEDETTE_SMTP", "none", "server that takes our mail: smtp:// or smtps://user:password@host:port; none writes mail into the data folder"),
        new("VEDETTE_MAIL_FROM", "vedette@ and the host of VEDETTE_URL", "address that mail comes from"),
        new("VEDETTE_RETENTION", RetentionAges.DefaultText, "how long SDK events, attempts and sent payloads are kept; what is still to be delivered is kept beside that"),
        new("VEDETTE_FEATURES_OFF", "none", "comma-separated features to switch off, of projects:servicehooks and organizations:integrations-event-hooks (without which no app can be made to subscribe to error)"),
        new("OTEL_EXPORTER_OTLP_ENDPOINT", "none", "an OpenTelemetry collector to push metrics to; its other OTEL_ variables apply too"),
        new("VEDETTE_BOOTSTRAP_EMAIL", "admin@localhost", "first start: the owner's e-mail"),
        new("VEDETTE_BOOTSTRAP_PASSWORD", "random", "first start: the owner's password"),
        new("VEDETTE_BOOTSTRAP_ORG", "default", "first start: slug of the organization, and of its team"),
        new("VEDETTE_BOOTSTRAP_PROJECT", "default", "first start: slug of the project"),
        new("VEDETTE_BOOTSTRAP_TOKEN", "random", "first start: a user token with all scopes"),
    ];

    /// <summary>Timers take no longer ones.</summary>
    private static readonly TimeSpan LongestTick = TimeSpan.FromDays(40);

    /// <summary>Without a final slash.</summary>
    public required string Url { get; init; }

    public required IReadOnlyList<IPEndPoint> Listen { get; init; }

    public required string DataFolder { get; init; }

    public required string? PostgresConnection { get; init; }

    public required string? Secret { get; init; }

    public required Role Role { get; init; }

    public required IReadOnlyList<IPNetwork> EgressAllow { get; init; }

    public required RetrySchedule RetrySchedule { get; init; }

    /// <summary>First and longest.</summary>
    public required (TimeSpan First, TimeSpan Longest) LaneRest { get; init; }

    public required DisableBroken DisableBroken { get; init; }

    public required BrokenRule Broken { get; init; }

    /// <summary>How often the clock is looked at for issues.</summary>
    public required TimeSpan AlertTick { get; init; }

    /// <summary><c>null</c> writes mail into the data folder.</summary>
    public required SmtpServer? Smtp { get; init; }

    public required string MailFrom { get; init; }

    public required RetentionAges Retention { get; init; }

    /// <summary>Names from <see cref="Features"/>.</summary>
    public required IReadOnlyList<string> FeaturesOff { get; init; }

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
        if (!Enum.TryParse<Role>(roleText, ignoreCase: true, out var role) || !roleText.All(char.IsAsciiLetter))
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

        if (!TryReadRest(Value("VEDETTE_LANE_REST") ?? "5s,5m", out var rest, out error))
            return false;
        if (!TryReadBroken(Value, out var disableBroken, out var broken, out error))
            return false;
        if (!TryReadTick(Value("VEDETTE_ALERT_TICK") ?? "60s", out var tick, out error))
            return false;
        if (!TryReadMail(Value, url, out var smtp, out var mailFrom, out error))
            return false;
        if (!RetentionAges.TryParse(Value("VEDETTE_RETENTION") ?? RetentionAges.DefaultText, out var retention, out problem))
        {
            error = $"VEDETTE_RETENTION: {problem}";
            return false;
        }

        if (!Features.TryParse(Value("VEDETTE_FEATURES_OFF"), out var featuresOff, out problem))
        {
            error = $"VEDETTE_FEATURES_OFF: {problem}";
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
            LaneRest = rest,
            DisableBroken = disableBroken,
            Broken = broken,
            AlertTick = tick,
            Smtp = smtp,
            MailFrom = mailFrom,
            Retention = retention,
            FeaturesOff = featuresOff,
            ExportsTelemetry = collector is not null,
            Bootstrap = bootstrap,
        };
        return true;
    }

    /// <summary>Names that look like ours and are not: probably a slip of the pen.</summary>
    public static IReadOnlyList<string> UnknownKeys(IEnumerable<string> names) =>
        [.. names.Where(name => name.StartsWith("VEDETTE_", StringComparison.Ordinal) && Keys.All(key => key.Name != name)).Order(StringComparer.Ordinal)];

    private static bool TryReadRest(string text, out (TimeSpan First, TimeSpan Longest) rest, [NotNullWhen(false)] out string? error)
    {
        rest = default;
        error = text.Split(',', StringSplitOptions.TrimEntries) is [var first, var longest]
            && RetrySchedule.TryParseDuration(first, out rest.First) && RetrySchedule.TryParseDuration(longest, out rest.Longest)
            && rest.First > TimeSpan.Zero && rest.First <= rest.Longest
            ? null
            : $"VEDETTE_LANE_REST is '{text}': it takes two durations such as 5s,5m, the second not shorter than the first";
        return error is null;
    }

    private static bool TryReadTick(string text, out TimeSpan tick, [NotNullWhen(false)] out string? error)
    {
        error = RetrySchedule.TryParseDuration(text, out tick) && tick >= TimeSpan.FromMilliseconds(100) && tick <= LongestTick
            ? null
            : $"VEDETTE_ALERT_TICK is '{text}': it takes a duration such as 60s, from 100ms to 40d";
        return error is null;
    }

    private static bool TryReadBroken(
        Func<string, string?> value, out DisableBroken which, [NotNullWhen(true)] out BrokenRule? rule, [NotNullWhen(false)] out string? error)
    {
        rule = null;
        var text = value("VEDETTE_DISABLE_BROKEN") ?? "internal";
        if (!Enum.TryParse(text, ignoreCase: true, out which) || int.TryParse(text, out _) || text.Contains(',', StringComparison.Ordinal))
        {
            error = $"VEDETTE_DISABLE_BROKEN is '{text}': it takes internal, all or none";
            return false;
        }

        var byDefault = new BrokenRule();
        if (!TryReadCount(value, "VEDETTE_BROKEN_TIMEOUTS", byDefault.Timeouts, int.MaxValue, out var timeouts, out error)
            || !TryReadCount(value, "VEDETTE_BROKEN_DAYS", byDefault.Days, 366, out var days, out error))
        {
            return false;
        }

        rule = new BrokenRule { Timeouts = timeouts, Days = days };
        return true;
    }

    private static bool TryReadCount(Func<string, string?> value, string key, int byDefault, int most, out int count, [NotNullWhen(false)] out string? error)
    {
        (count, error) = (byDefault, null);
        if (value(key) is { } text && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count) || count < 1 || count > most))
            error = $"{key} is '{text}': it takes a whole number from 1 to {most}";
        return error is null;
    }

    /// <summary>The value of VEDETTE_SMTP is not repeated, because there is a password in it.</summary>
    private static bool TryReadMail(Func<string, string?> value, Uri url, out SmtpServer? smtp, out string from, [NotNullWhen(false)] out string? error)
    {
        (smtp, error) = (null, null);
        from = value("VEDETTE_MAIL_FROM") ?? $"vedette@{MailAddress.Domain(url)}";
        if (value("VEDETTE_SMTP") is { } server && !SmtpServer.TryParse(server, out smtp))
            error = "VEDETTE_SMTP takes smtp://host:port or smtps://host:port, with user:password@ before the host where the server asks for a login";
        else if (!MailAddress.IsPlain(from))
            error = $"VEDETTE_MAIL_FROM is '{from}': it takes an e-mail address such as vedette@example.org";
        return error is null;
    }

    /// <summary>Never shows the secrets that it holds.</summary>
    public override string ToString() => $"{Url} on {string.Join(", ", Listen)}";
}

using System.Globalization;
using Vedette.Storage;

namespace Vedette.Benchmarks;

/// <summary>What ten thousand alert rules cost ingest: error envelopes a second with them, against the same server without.</summary>
internal static class AlertBenchmark
{
    private const int Projects = 100;
    private const int RulesOfProject = 100;

    /// <summary>Nobody's rules fire: what is measured is to find that out.</summary>
    private static readonly string[] Rules =
    [
        Rule("""{"id":"sentry.rules.conditions.first_seen_event.FirstSeenEventCondition"}""", """{"id":"sentry.rules.filters.level.LevelFilter","level":"50","match":"gte"}"""),
        Rule("""{"id":"sentry.rules.conditions.regression_event.RegressionEventCondition"}""", """{"id":"sentry.rules.filters.issue_occurrences.IssueOccurrencesFilter","value":10}"""),
        Rule("""{"id":"sentry.rules.conditions.every_event.EveryEventCondition"}""", """{"id":"sentry.rules.filters.tagged_event.TaggedEventFilter","key":"region","match":"eq","value":"us"}"""),
        Rule("""{"id":"sentry.rules.conditions.every_event.EveryEventCondition"}""", """{"id":"sentry.rules.filters.event_attribute.EventAttributeFilter","attribute":"stacktrace.filename","match":"ew","value":".py"}"""),
        Rule("""{"id":"sentry.rules.conditions.every_event.EveryEventCondition"}""", """{"id":"sentry.rules.filters.age_comparison.AgeComparisonFilter","comparison_type":"older","value":1,"time":"week"}"""),
    ];

    /// <summary>One of these in a hundred rules is looked at by the tick.</summary>
    private static readonly string Often = Rule(
        """{"id":"sentry.rules.conditions.event_frequency.EventFrequencyCondition","value":100000000,"interval":"1h"}""",
        """{"id":"sentry.rules.filters.level.LevelFilter","level":"40","match":"gte"}""");

    public static async Task<Round> RunAsync(BenchKind kind, int envelopes)
    {
        await using var without = await ServerUnderTest.StartAsync(kind);
        await without.FirstEventAsync(IngestBenchmark.Envelope());
        await using var with = await ServerUnderTest.StartAsync(kind);
        await with.FirstEventAsync(IngestBenchmark.Envelope());
        for (var i = 0; i < RulesOfProject; i++)
        {
            var rule = i == 0 ? Often : Rules[i % Rules.Length];
            await with.PostAsync("/api/0/projects/default/default/rules/", rule.Replace("\"frequency\":30", $"\"frequency\":{30 + i}", StringComparison.Ordinal));
        }

        await CopyAsync(with);
        await IngestBenchmark.PostAsync(without.EnvelopeUrl, envelopes);
        await IngestBenchmark.PostAsync(with.EnvelopeUrl, envelopes);

        var before = await IngestBenchmark.PostAsync(without.EnvelopeUrl, envelopes);
        var measured = await IngestBenchmark.PostAsync(with.EnvelopeUrl, envelopes);
        var after = await IngestBenchmark.PostAsync(without.EnvelopeUrl, envelopes);
        return new Round(measured, (before + after) / 2);
    }

    /// <summary>The rules of the first project for the others, past the server.</summary>
    private static async Task CopyAsync(ServerUnderTest server)
    {
        await using var database = server.OpenDatabase();
        for (var i = 2; i <= Projects; i++)
        {
            var slug = string.Create(CultureInfo.InvariantCulture, $"project-{i}");
            await database.WriteAsync(
                async transaction =>
                {
                    var id = await transaction.SingleAsync<long>(
                        """
                        insert into project (organization_id, slug, name, next_short_id, status, created_at, alert_version)
                        select organization_id, @slug, @slug, 1, status, created_at, 1 from project where id = 1
                        returning id
                        """,
                        new { slug });
                    var detector = await transaction.SingleAsync<long>(
                        """
                        insert into detector (organization_id, project_id, kind, name, enabled, created_at, updated_at)
                        select organization_id, @id, kind, name, enabled, created_at, updated_at from detector where project_id = 1 and kind = 'issue_stream'
                        returning id
                        """,
                        new { id });
                    var first = await transaction.SingleAsync<long>("select max(id) from alert_rule");
                    await transaction.ExecuteAsync(
                        """
                        insert into alert_rule (organization_id, name, enabled, environment, frequency, owner, created_by, triggers, filters, sameness, created_at, updated_at)
                        select organization_id, name, enabled, environment, frequency, owner, created_by, triggers, filters, sameness || @slug, created_at, updated_at
                        from alert_rule where id in (select rule_id from alert_rule_detector where detector_id in (select id from detector where project_id = 1))
                        """,
                        new { slug });
                    await transaction.ExecuteAsync("insert into alert_rule_detector (rule_id, detector_id) select id, @detector from alert_rule where id > @first", new { detector, first });
                },
                CancellationToken.None);
        }
    }

    private static string Rule(string condition, string filter) =>
        $$"""
        {"name":"Bench","frequency":30,"actionMatch":"all","conditions":[{{condition}}],"filterMatch":"all","filters":[{{filter}}],
         "actions":[{"id":"sentry.mail.actions.NotifyEmailAction","targetType":"IssueOwners"}]}
        """;
}

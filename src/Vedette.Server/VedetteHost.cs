using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Vedette.Engine;
using Vedette.Engine.Deliveries;
using Vedette.Engine.DeliveryLog;
using Vedette.Engine.Egress;
using Vedette.Engine.Replays;
using Vedette.Engine.Retention;
using Vedette.Engine.Subscriptions;
using Vedette.Server.Accounts;
using Vedette.Server.Alerts;
using Vedette.Server.Api;
using Vedette.Server.Apps;
using Vedette.Server.Applications;
using Vedette.Server.AppTokens;
using Vedette.Server.Audit;
using Vedette.Server.Authorization;
using Vedette.Server.Bootstrap;
using Vedette.Server.Components;
using Vedette.Server.Configuration;
using Vedette.Server.Deletions;
using Vedette.Server.DeliveryLog;
using Vedette.Server.Health;
using Vedette.Server.Home;
using Vedette.Server.Ingest;
using Vedette.Server.Installations;
using Vedette.Server.Issues;
using Vedette.Server.Mail;
using Vedette.Server.Members;
using Vedette.Server.MetricAlerts;
using Vedette.Server.Metrics;
using Vedette.Server.OAuth;
using Vedette.Server.Organizations;
using Vedette.Server.Projects;
using Vedette.Server.Releases;
using Vedette.Server.Retention;
using Vedette.Server.Secrets;
using Vedette.Server.Seer;
using Vedette.Server.ServiceHooks;
using Vedette.Server.Sessions;
using Vedette.Server.Teams;
using Vedette.Server.Tokens;
using Vedette.Server.Web;
using Vedette.Storage;
using Vedette.Storage.Migrations;
using Vedette.Storage.Postgres;
using Vedette.Storage.Sqlite;
using Vedette.Tracker;
using Vedette.Tracker.Alerts;
using Vedette.Tracker.Issues;
using Vedette.Tracker.Projects;
using Vedette.Tracker.Releases;
using Vedette.Tracker.Retention;
using Vedette.Tracker.Search;
using Vedette.Tracker.Seer;

namespace Vedette.Server;

/// <summary>The server put together: everything it has and everything it answers, in one place.</summary>
internal static class VedetteHost
{
    public static string Version { get; } = typeof(VedetteHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public static WebApplication Build(VedetteOptions options, TimeProvider time)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddLogging(logging => logging
            .AddSimpleConsole(console => (console.SingleLine, console.TimestampFormat, console.UseUtcTimestamp) = (true, "yyyy-MM-ddTHH:mm:ss.fffZ ", true))
            .SetMinimumLevel(LogLevel.Information)
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error));

        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton(Random.Shared);
        builder.Services.AddSingleton(new Links(options.Url));
        builder.Services.AddSingleton(_ => OpenDatabase(options));
        builder.Services.AddSecrets(options);
        AddMetrics(builder.Services, options);
        AddEngine(builder.Services, options);
        AddTracker(builder.Services, options);
        builder.Services.AddSingleton<OrganizationDeletion>();
        if (options.Role != Role.Web)
        {
            builder.Services.AddHostedService<RetentionWorker>();
            builder.Services.AddHostedService<DeletionWorker>();
            builder.Services.AddHostedService<IssueTimerWorker>();
        }

        builder.Services.AddSingleton<AccountStore>();
        builder.Services.AddSingleton<HolderStore>();
        builder.Services.AddSingleton<SessionStore>();
        builder.Services.AddSingleton<FailedLogins>();
        builder.Services.AddSingleton<PasswordLogin>();
        builder.Services.AddSingleton<TokenStore>();
        builder.Services.AddSingleton<MemberStore>();
        builder.Services.AddSingleton<InviteStore>();
        builder.Services.AddSingleton<InviteAcceptance>();
        builder.Services.AddSingleton<TeamStore>();
        builder.Services.AddSingleton<AppStore>();
        builder.Services.AddSingleton<AppCounts>();
        builder.Services.AddComponents();
        builder.Services.AddSingleton<AvatarStore>();
        builder.Services.AddSingleton<AppDestinations>();
        builder.Services.AddSingleton<InstallationStore>();
        builder.Services.AddSingleton<ExternalIssueStore>();
        builder.Services.AddSingleton<IssuePeople>();
        builder.Services.AddSingleton<IssueChanges>();
        builder.Services.AddSingleton<IssueDetails>();
        builder.Services.AddSingleton<TokenExchange>();
        builder.Services.AddSingleton<ApiApplicationStore>();
        builder.Services.AddOAuth();
        builder.Services.AddSingleton<AuditLog>();
        builder.Services.AddSingleton<ServiceHookStore>();
        builder.Services.AddSingleton<IssueListJson>();
        builder.Services.AddAlerts();
        builder.Services.AddMetricAlerts();
        builder.Services.AddMail();
        builder.Services.AddSingleton<IngestBody>();
        builder.Services.AddSingleton<KeyRates>();
        builder.Services.AddSingleton<IngestRoad>();
        builder.Services.AddSingleton<FirstStart>();
        builder.Services.AddRouting();
        builder.Services.AddRazorComponents();

        // Both kinds of bodies are bounded where they are read.
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            foreach (var address in options.Listen)
                kestrel.Listen(address, listen => listen.Protocols = HttpProtocols.Http1);
        });

        var app = builder.Build();
        app.UseMiddleware<ErrorAnswers>();
        app.UseMiddleware<CrossOrigin>();
        app.UseRouting();
        app.UseMiddleware<Authorizer>();
        app.MapHealth();
        app.MapMetrics();
        app.MapWebAssets();
        if (options.Role != Role.Worker)
        {
            app.MapIngest();
            app.MapHome();
            app.MapAccounts();
            app.MapAccountPages();
            app.MapAuth();
            app.MapLoginPages();
            app.MapTokens();
            app.MapOrganizations();
            app.MapAuditLog();
            app.MapTeams();
            app.MapMembers();
            app.MapInvites();
            app.MapInvitePages();
            app.MapProjects();
            app.MapServiceHooks();
            app.MapKeys();
            app.MapIssues();
            app.MapIssueLists();
            app.MapEvents();
            app.MapIssueTags();
            app.MapIssueBulk();
            app.MapIssueChanges();
            app.MapComments();
            app.MapSeer();
            app.MapRules();
            app.MapRuleSnoozes();
            app.MapWorkflows();
            app.MapDetectors();
            app.MapMetricDetectors();
            app.MapMetricAlerts();
            app.MapIncidents();
            app.MapCombinedRules();
            app.MapFirings();
            app.MapPreview();
            app.MapReleases();
            app.MapApps();
            app.MapAppUse();
            app.MapAvatars();
            app.MapAppTokens();
            app.MapApiApplications();
            app.MapOAuth();
            app.MapInstallations();
            app.MapExternalIssues();
            app.MapComponents();
            app.MapTokenExchange();
            app.MapRequestLog();
            app.MapDeliveryLog();
            app.MapReplays();
            app.MapLiveTail();
        }

        return app;
    }

    /// <summary>Everything that must be so before the first request: a schema of this build, and somebody who may come in.</summary>
    /// <returns>One line that says why the server cannot start; <c>null</c> when it can.</returns>
    public static async Task<string?> PrepareAsync(IServiceProvider services, Action<FirstStartCredentials, string> onFirstStart, CancellationToken ct)
    {
        var database = services.GetRequiredService<Database>();
        if (await Migrator.ApplyAsync(database, ServerMigrations.All, services.GetRequiredService<TimeProvider>(), ct) is { } refusal)
            return refusal;
        if (await services.GetRequiredService<SecretCheck>().RunAsync(ct) is { } wrongSecret)
            return wrongSecret;

        var firstStart = services.GetRequiredService<FirstStart>();
        if (await firstStart.RunAsync(ct) is { } made)
            onFirstStart(made, firstStart.FilePath);
        return null;
    }

    public static Database OpenDatabase(VedetteOptions options) =>
        options.PostgresConnection is { } connection
            ? new PostgresDatabase(connection)
            : new SqliteDatabase(Path.Combine(options.DataFolder, "vedette.db"));

    private static void AddMetrics(IServiceCollection services, VedetteOptions options)
    {
        services.AddMetrics();
        services.AddSingleton<EngineMetrics>();
        services.AddSingleton<IngestMetrics>();
        services.AddSingleton<PrometheusPage>();
        if (options.ExportsTelemetry)
            services.AddHostedService<OtlpExport>();
    }

    private static void AddEngine(IServiceCollection services, VedetteOptions options)
    {
        services.AddSingleton(new EngineOptions
        {
            Schedule = options.RetrySchedule,
            FirstRest = options.LaneRest.First,
            LongestRest = options.LaneRest.Longest,
            Broken = options.Broken,
            Egress = new EgressPolicy(options.EgressAllow),
            Delivers = options.Role != Role.Web,
        });
        services.AddSingleton(provider => new EgressConnector(new EgressResolver(provider.GetRequiredService<EngineOptions>().Egress)));
        services.AddSingleton<WebhookSender>();
        services.AddSingleton<DestinationStore>();
        services.AddSingleton<GoneHooks>();
        services.AddSingleton<BrokenApps>();
        services.AddSingleton(provider => provider.GetRequiredService<BrokenApps>().Notices);
        services.AddSingleton<Dispatcher>();
        services.AddHostedService(provider => provider.GetRequiredService<Dispatcher>());
        services.AddSingleton<EventIntake>();
        services.AddSingleton<RequestLog>();
        services.AddSingleton<DeliveryLogStore>();
        services.AddSingleton<AttemptTail>();
        services.AddSingleton<Replayer>();
        services.AddSingleton<ReplayJobStore>();
        services.AddHostedService<ReplayWorker>();
        services.AddSingleton<DeliveryRetention>();
        services.AddSingleton<DestinationRemoval>();
    }

    private static void AddTracker(IServiceCollection services, VedetteOptions options)
    {
        services.AddSingleton(new TrackerOptions { FiresServiceHooks = !options.FeaturesOff.Contains(Features.ServiceHooks, StringComparer.Ordinal) });
        services.AddSingleton<ProjectStore>();
        services.AddSingleton<IssueStore>();
        services.AddSingleton<IssueListStore>();
        services.AddSingleton<EventListStore>();
        services.AddSingleton<IssueTagStore>();
        services.AddSingleton<IssueJson>();
        services.AddSingleton<EventJson>();
        services.AddSingleton<ServiceHookJson>();
        services.AddSingleton<DetectorStore>();
        services.AddSingleton<AlertRuleStore>();
        services.AddSingleton<AlertRuleCache>();
        services.AddSingleton<AlertJson>();
        services.AddSingleton<AlertFirings>();
        services.AddSingleton<IssueAlerts>();
        services.AddSingleton<AlertTick>();
        services.AddSingleton<AlertPreview>();
        services.AddSingleton<IssueJournal>();
        services.AddSingleton<IssueTransitions>();
        services.AddSingleton<IssueCounts>();
        services.AddSingleton<IssueEdits>();
        services.AddSingleton<IssueMerge>();
        services.AddSingleton<IssueComments>();
        services.AddSingleton<SeerRuns>();
        services.AddSingleton<IssueTimers>();
        services.AddSingleton<LeavingIssues>();
        services.AddSingleton<SeenReleases>();
        services.AddSingleton<ReleaseStore>();
        services.AddSingleton<CommitFixes>();
        services.AddSingleton<EventStore>();
        services.AddSingleton<EventRetention>();
        services.AddSingleton<CountRetention>();
        services.AddSingleton<ProjectDeletion>();
    }
}

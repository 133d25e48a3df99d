using Vedette.Tracker.MetricAlerts;

namespace Vedette.Server.MetricAlerts;

internal static class MetricServices
{
    extension(IServiceCollection services)
    {
        public void AddMetricAlerts()
        {
            services.AddSingleton<MetricCounts>();
            services.AddSingleton<MetricAlertJson>();
            services.AddSingleton<MetricAlertNews>();
            services.AddSingleton<Incidents>();
            services.AddSingleton<MetricRuleStore>();
            services.AddSingleton<MetricCatchUp>();
            services.AddSingleton<MetricRound>();
            services.AddSingleton<MetricActions>();
            services.AddSingleton(provider => provider.GetRequiredService<MetricActions>().Outlets);
            services.AddSingleton<MetricDrafts>();
            services.AddSingleton<MetricSaving>();
            services.AddSingleton<MetricAlertViews>();
        }
    }
}

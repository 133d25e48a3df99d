using Vedette.Tracker.Alerts;

namespace Vedette.Server.Alerts;

internal static class AlertServices
{
    extension(IServiceCollection services)
    {
        public void AddAlerts()
        {
            services.AddSingleton<AlertTargets>();
            services.AddSingleton<AlertActions>();
            services.AddSingleton(provider => provider.GetRequiredService<AlertActions>().Outlets);
            services.AddSingleton<AlertNameStore>();
            services.AddSingleton<AlertSaving>();
            services.AddSingleton<Snoozing>();
        }
    }
}

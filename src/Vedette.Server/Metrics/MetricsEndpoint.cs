using System.Text;

namespace Vedette.Server.Metrics;

/// <summary>
/// For whoever watches the instance, without credentials like the health checks: the numbers name no organization, project,
/// URL or person.
/// </summary>
internal static class MetricsEndpoint
{
    extension(IEndpointRouteBuilder routes)
    {
        public void MapMetrics()
        {
            // Made here, so that counting starts with the process and not with the first look.
            var page = routes.ServiceProvider.GetRequiredService<PrometheusPage>();
            routes.MapGet("/metrics", () => Results.Text(page.Write(), "text/plain; version=0.0.4", Encoding.UTF8));
        }
    }
}

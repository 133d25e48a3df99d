using OpenTelemetry;
using OpenTelemetry.Metrics;
using Vedette.Engine;

namespace Vedette.Server.Metrics;

/// <summary>
/// Pushes the same numbers to an OpenTelemetry collector while <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names one. All of
/// OpenTelemetry's own <c>OTEL_EXPORTER_OTLP_*</c> and <c>OTEL_METRIC_EXPORT_*</c> variables apply.
/// </summary>
internal sealed class OtlpExport : IHostedService
{
    private MeterProvider? provider;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        provider = Sdk.CreateMeterProviderBuilder().AddMeter(EngineMetrics.MeterName).AddOtlpExporter().Build();
        return Task.CompletedTask;
    }

    /// <summary>Sends what has not been sent yet; a collector that is away does not hold up the stop for long.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        provider?.Shutdown(timeoutMilliseconds: 1000);
        provider?.Dispose();
        return Task.CompletedTask;
    }
}

using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Vedette.Benchmarks;

/// <summary>
/// The other side, in a process of its own: reads every body and answers. <c>/ok</c> answers 200 at once, <c>/hang</c>
/// never, <c>/count</c> says how many <c>/ok</c> were answered, <c>/accept</c> is the ceiling of ingest.
/// </summary>
internal sealed class BenchReceiver : IAsyncDisposable
{
    private readonly Process process;

    private BenchReceiver(Process process, int port)
    {
        this.process = process;
        Url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");
    }

    public string Url { get; }

    public static async Task<BenchReceiver> StartAsync()
    {
        var started = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["receiver"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        })!;
        var port = int.Parse((await started.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
        return new BenchReceiver(started, port);
    }

    /// <summary>Waits until so many requests were answered since it started.</summary>
    /// <returns>How many were answered.</returns>
    public async Task<long> AnsweredAsync(long least)
    {
        using var client = new HttpClient();
        while (true)
        {
            var answered = long.Parse(await client.GetStringAsync(new Uri($"{Url}/count")), CultureInfo.InvariantCulture);
            if (answered >= least)
                return answered;
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }

    /// <summary>The receiver's own main: prints its port, and ends with its standard input.</summary>
    public static async Task ServeAsync()
    {
        long answered = 0;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        await using var app = builder.Build();
        app.Run(async context =>
        {
            switch (context.Request.Path.Value)
            {
                case "/hang":
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    break;
                case "/count":
                    await context.Response.WriteAsync(Interlocked.Read(ref answered).ToString(CultureInfo.InvariantCulture));
                    break;
                default:
                    await context.Request.Body.CopyToAsync(Stream.Null);
                    Interlocked.Increment(ref answered);
                    context.Response.ContentLength = 2;
                    await context.Response.Body.WriteAsync("ok"u8.ToArray());
                    break;
            }
        });
        await app.StartAsync();
        Console.WriteLine(new Uri(app.Urls.First()).Port);
        await Console.In.ReadToEndAsync();
        await app.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}

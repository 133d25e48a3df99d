using System.Globalization;
using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Wire.Json;

namespace Vedette.Server.Apps;

/// <summary>How often an app is installed, looked at and used (<c>spec/platform-api.md</c> 1.9).</summary>
internal static class AppUseEndpoints
{
    private const long Day = 24 * 3600;
    private const long MostPoints = 10_000;
    private static readonly string[] ComponentTypes = ["stacktrace-link", "issue-link"];

    extension(IEndpointRouteBuilder routes)
    {
        public void MapAppUse()
        {
            routes.MapGet("/api/0/sentry-apps/{app}/stats/", StatsAsync).RequireAnyScope(AppEndpoints.OrganizationRead);
            routes.MapGet("/api/0/sentry-apps/{app}/interaction/", InteractionsAsync).RequireAnyScope(AppEndpoints.OrganizationRead);
            routes.MapPost("/api/0/sentry-apps/{app}/interaction/", AddInteractionAsync).RequireSession();
        }
    }

    private static async Task<IResult> StatsAsync(HttpRequest request, Access access, AppCounts counts, TimeProvider time, CancellationToken ct)
    {
        if (RefuseWindow(request.Query, time.GetUtcNow(), out var window) is { } refusal)
            return refusal;

        var installs = await counts.SeriesAsync(access.App!.Id, AppCounts.Installed, window, ct);
        var uninstalls = await counts.SeriesAsync(access.App.Id, AppCounts.Uninstalled, window, ct);
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartObject();
            json.Name("totalInstalls"u8);
            json.Value(installs.Sum(point => point.Times));
            json.Name("totalUninstalls"u8);
            json.Value(uninstalls.Sum(point => point.Times));
            json.Name("installStats"u8);
            Write(json, installs);
            json.Name("uninstallStats"u8);
            Write(json, uninstalls);
            json.EndObject();
        });
    }

    private static async Task<IResult> InteractionsAsync(HttpRequest request, Access access, AppCounts counts, TimeProvider time, CancellationToken ct)
    {
        if (RefuseWindow(request.Query, time.GetUtcNow(), out var window) is { } refusal)
            return refusal;

        var views = await counts.SeriesAsync(access.App!.Id, AppCounts.Viewed, window, ct);
        var used = new List<(string Type, IReadOnlyList<(long At, long Times)> Points)>();
        foreach (var type in ComponentTypes)
            used.Add((type, await counts.SeriesAsync(access.App.Id, AppCounts.Used(type), window, ct)));
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartObject();
            json.Name("views"u8);
            Write(json, views);
            json.Name("componentInteractions"u8);
            json.StartObject();
            foreach (var (type, points) in used)
            {
                json.Name(type);
                Write(json, points);
            }

            json.EndObject();
            json.EndObject();
        });
    }

    private static async Task<IResult> AddInteractionAsync(HttpRequest request, Access access, AppCounts counts, CancellationToken ct)
    {
        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;

        var type = body.Map.Text("componentType");
        switch (body.Map.Text("tsdbField"))
        {
            case AppCounts.Viewed:
                await counts.CountAsync(access.App!.Id, AppCounts.Viewed, ct);
                break;
            case "sentry_app_component_interacted" when ComponentTypes.Contains(type, StringComparer.Ordinal):
                await counts.CountAsync(access.App!.Id, AppCounts.Used(type!), ct);
                break;
            case "sentry_app_component_interacted":
                return ApiResults.Detail(StatusCodes.Status400BadRequest, "The field componentType is required and must be one of ['stacktrace-link', 'issue-link']");
            default:
                return ApiResults.Detail(StatusCodes.Status400BadRequest, "The tsdbField must be one of: sentry_app_viewed, sentry_app_component_interacted");
        }

        return ApiResults.Json(StatusCodes.Status201Created, json =>
        {
            json.StartObject();
            json.EndObject();
        });
    }

    /// <summary>The last day by the hour, unless the question says otherwise.</summary>
    private static IResult? RefuseWindow(IQueryCollection query, DateTimeOffset now, out CountWindow window)
    {
        window = new(0, 0, 0);
        var step = query["resolution"].FirstOrDefault() switch
        {
            null or "" or "1h" => 3600,
            "1d" => Day,
            _ => 0,
        };
        if (step == 0)
            return Refuse("Invalid resolution");
        if (!TryRead(query, "until", now.ToUnixTimeSeconds(), out var until))
            return Refuse("until must be a numeric timestamp.");
        if (!TryRead(query, "since", until - Day, out var since))
            return Refuse("since must be a numeric timestamp");
        if (since > until)
            return Refuse("start must be before or equal to end");
        if ((until - since) / step > MostPoints)
            return Refuse("Invalid resolution");

        window = new(since, until, step);
        return null;
    }

    private static IResult Refuse(string detail) => ApiResults.Detail(StatusCodes.Status400BadRequest, detail);

    private static bool TryRead(IQueryCollection query, string name, long otherwise, out long seconds)
    {
        seconds = otherwise;
        if (query[name].FirstOrDefault() is not { Length: > 0 } text)
            return true;
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || number is not (>= 0 and <= 253402300799))
            return false;
        seconds = (long)number;
        return true;
    }

    private static void Write(StableJsonWriter json, IReadOnlyList<(long At, long Times)> points)
    {
        json.StartArray();
        foreach (var (at, times) in points)
        {
            json.StartArray();
            json.Value(at);
            json.Value(times);
            json.EndArray();
        }

        json.EndArray();
    }
}

using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Server.Web;

namespace Vedette.Server.OAuth;

/// <summary><c>/oauth/device/</c>: a person enters what a device shows, and lets it in or not (RFC 8628 3.3, <c>spec/platform-api.md</c> 3.7).</summary>
internal static class DevicePages
{
    public const string Path = "/oauth/device/";
    private const string Wrong = "Invalid or expired code. Please check the code and try again.";
    private const string Over = "This code has expired. Please request a new code from your device.";
    private const string TooMany = "Too many attempts. Please wait a minute and try again.";

    extension(IEndpointRouteBuilder routes)
    {
        public void MapDevicePages()
        {
            routes.MapGet(Path, ShowAsync).PageAfterLogin();
            routes.MapPost(Path, AnswerAsync).PageAfterLogin();
        }
    }

    private static async Task<IResult> ShowAsync(
        [Microsoft.AspNetCore.Mvc.FromQuery(Name = "user_code")] string? userCode, HttpContext context, Access access, DeviceCodeStore devices, DeviceLookups lookups,
        CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(userCode))
            return Form(StatusCodes.Status200OK, "", null);

        var (device, code, refusal) = await FindAsync(userCode, context, devices, lookups, ct);
        return device is null
            ? refusal!
            : PageResults.Show<DevicePage>(
                StatusCodes.Status200OK, new { UserCode = code, Question = ConsentQuestion.Of(device.Application, device.Scopes, access) });
    }

    private static async Task<IResult> AnswerAsync(HttpContext context, Access access, DeviceCodeStore devices, DeviceLookups lookups, CancellationToken ct)
    {
        var form = await JsonBody.ReadFormOrJsonAsync(context.Request, ct);
        if (form.IsRefused)
            return form.Refusal;

        var op = form.Map.Text("op");
        if (op is not ("approve" or "deny"))
            return await ShowAsync(form.Map.Text("user_code"), context, access, devices, lookups, ct);

        var (device, code, refusal) = await FindAsync(form.Map.Text("user_code") ?? "", context, devices, lookups, ct);
        if (device is null)
            return refusal!;

        if (op == "deny")
        {
            return await devices.DenyAsync(code, ct)
                ? PageResults.Message(StatusCodes.Status200OK, "Denied", "Authorization denied. You can close this window.")
                : Form(StatusCodes.Status400BadRequest, code, Wrong);
        }

        if (ConsentQuestion.Refuse(device.Application, access, form.Map.Text("selected_organization_id"), out var organization) is not null)
        {
            return PageResults.Show<DevicePage>(StatusCodes.Status400BadRequest, new
            {
                UserCode = code,
                Problem = access.Memberships.Count == 0 ? "You belong to no organization." : "Choose one of your organizations.",
                Question = ConsentQuestion.Of(device.Application, device.Scopes, access),
            });
        }

        return await devices.ApproveAsync(code, device, access, organization, ct)
            ? PageResults.Message(
                StatusCodes.Status200OK, "Connected",
                $"Authorization approved! Your device should now be connected to {device.Application.Name}. You can close this window.")
            : Form(StatusCodes.Status400BadRequest, code, Wrong);
    }

    /// <returns>The device and the code as it was shown, or the page that says why there is none.</returns>
    private static async Task<(WaitingDevice? Device, string Code, IResult? Refusal)> FindAsync(
        string typed, HttpContext context, DeviceCodeStore devices, DeviceLookups lookups, CancellationToken ct)
    {
        var address = ClientAddress.Of(context);
        if (lookups.AreTooMany(address))
            return (null, typed, Form(StatusCodes.Status429TooManyRequests, typed, TooMany));

        var code = DeviceCodeStore.Normalize(typed);
        if (code is not null && await devices.FindAsync(code, ct) is { } device)
            return device.IsOver ? (null, code, Form(StatusCodes.Status400BadRequest, "", Over)) : (device, code, null);

        lookups.AddFailure(address);
        return (null, typed, Form(StatusCodes.Status400BadRequest, typed, Wrong));
    }

    private static IResult Form(int status, string userCode, string? problem) => PageResults.Show<DevicePage>(status, new { UserCode = userCode, Problem = problem });
}

using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Server.Web;

namespace Vedette.Server.Sessions;

/// <summary><c>/auth/</c>: logging in and out by forms.</summary>
internal static class LoginPages
{
    extension(IEndpointRouteBuilder routes)
    {
        public void MapLoginPages()
        {
            routes.MapGet(LoginPath.Login, Show).PageForAll();
            routes.MapPost(LoginPath.Login, LoginAsync).PageForAll();
            routes.MapPost(LoginPath.Logout, LogoutAsync).PageForAll();
        }
    }

    private static IResult Show(string? next, HttpContext context) => context.Features.Get<Access>() is null
        ? Form(StatusCodes.Status200OK, LoginPath.Next(next), null, null)
        : PageResults.To(LoginPath.Next(next));

    private static async Task<IResult> LoginAsync(string? next, HttpContext context, PasswordLogin login, CancellationToken ct)
    {
        var form = await JsonBody.ReadFormOrJsonAsync(context.Request, ct);
        if (form.IsRefused)
            return form.Refusal;

        var target = LoginPath.Next(next ?? form.Map.Text("next"));
        var email = form.Map.Text("email")?.Trim() ?? "";
        var (verdict, _) = await login.TryAsync(context, email, form.Map.Text("password") ?? "", ct);
        return verdict switch
        {
            LoginVerdict.LoggedIn => PageResults.To(target),
            LoginVerdict.Wrong => Form(StatusCodes.Status401Unauthorized, target, email, "E-mail or password is wrong."),
            LoginVerdict.TooOften => Form(
                StatusCodes.Status429TooManyRequests, target, email, $"Too many logins failed. Try again in {FailedLogins.Window.TotalMinutes} minutes."),
        };
    }

    private static IResult Form(int status, string next, string? email, string? problem) =>
        PageResults.Show<LoginPage>(status, new { Next = next, Email = email, Problem = problem });

    private static async Task<IResult> LogoutAsync(HttpContext context, SessionStore sessions, CancellationToken ct)
    {
        if (SessionCookies.Read(context.Request) is { } secret)
            await sessions.EndAsync(secret, ct);
        SessionCookies.Clear(context);
        var form = await JsonBody.ReadFormOrJsonAsync(context.Request, ct);
        return PageResults.To(form.Map?.Text("next") is { } next ? LoginPath.Next(next) : LoginPath.Login);
    }
}

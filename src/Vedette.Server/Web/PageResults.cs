using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;
using Vedette.Server.Api;
using Vedette.Server.Sessions;
using Vedette.Tracker;

namespace Vedette.Server.Web;

/// <summary>Answers for people: pages that are rendered here, whole, and ask for no script.</summary>
internal static class PageResults
{
    /// <summary>How routes of pages word what <see cref="ApiResults.Detail"/> says: the login for who has to log in, else a page with the text.</summary>
    public static ErrorShape Shape { get; } = new((status, detail) => status == StatusCodes.Status401Unauthorized ? ToLogin() : Message(status, TitleOf(status), detail));

    /// <param name="parameters">An object whose members have the names of the component's parameters.</param>
    /// <param name="formTargets">Where a form of the page may lead, by redirect, besides this server; browsers refuse all else.</param>
    public static IResult Show<TPage>(int status, object? parameters = null, params IReadOnlyList<Uri> formTargets)
        where TPage : IComponent =>
        new Page<TPage>(status, parameters ?? new { }, formTargets);

    /// <summary>A page that says one thing, with a way to the home page.</summary>
    public static IResult Message(int status, string title, string text) => Show<MessagePage>(status, new { Title = title, Text = text });

    /// <summary>After a form was taken, so that loading the page again does not send it again.</summary>
    /// <param name="path">Of this server, as its routes have it.</param>
    public static IResult To(string path) => new Redirect(_ => path);

    /// <summary>With the way back, for requests that only read and for forms, which stand at the address that they are sent to.</summary>
    public static IResult ToLogin() => new Redirect(request => LoginPath.For($"{request.Path.ToUriComponent()}{request.QueryString.ToUriComponent()}"));

    /// <summary>For a form without the token of the browser that it came from.</summary>
    public static IResult Forged() => Message(
        StatusCodes.Status403Forbidden, "This form is out of date",
        "It was opened before you logged in or out, or it was not sent from a page of this server. Open the page again, and send the form from there.");

    /// <param name="errorId">As the log has it.</param>
    public static IResult InternalError(string errorId) => Message(
        StatusCodes.Status500InternalServerError, TitleOf(StatusCodes.Status500InternalServerError), $"It is not your doing. Whoever runs this server finds it in the log as error {errorId}.");

    /// <summary>A browser that looks for a page, where no route is that could say so.</summary>
    public static bool AreWanted(HttpRequest request) =>
        request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase)
        && !request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase);

    private static string TitleOf(int status) => status switch
    {
        StatusCodes.Status400BadRequest => "This request cannot be read",
        StatusCodes.Status403Forbidden => "This is not yours to see",
        StatusCodes.Status404NotFound => "There is no such page",
        StatusCodes.Status405MethodNotAllowed => "This page takes no forms",
        StatusCodes.Status413PayloadTooLarge => "This is too much at once",
        StatusCodes.Status503ServiceUnavailable => "Not now",
        _ => "This went wrong",
    };

    private sealed class Page<TPage>(int status, object parameters, IReadOnlyList<Uri> formTargets) : IResult
        where TPage : IComponent
    {
        public Task ExecuteAsync(HttpContext context)
        {
            PageHeaders.Write(context.Response.Headers, formTargets);
            var result = new RazorComponentResult<TPage>(parameters) { StatusCode = status, PreventStreamingRendering = true };
            return result.ExecuteAsync(context);
        }
    }

    private sealed class Redirect(Func<HttpRequest, string> path) : IResult
    {
        public Task ExecuteAsync(HttpContext context)
        {
            var links = context.RequestServices.GetRequiredService<Links>();
            context.Response.Headers.CacheControl = "no-store";
            context.Response.Redirect(links.Local(path(context.Request)));
            return Task.CompletedTask;
        }
    }
}

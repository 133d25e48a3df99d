using System.Data.Common;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Connections;
using Vedette.Server.Web;

namespace Vedette.Server.Api;

/// <summary>The last word on every request: what no handler answered gets a body, and what went wrong here is said without its insides.</summary>
internal sealed partial class ErrorAnswers(RequestDelegate next, ILogger<ErrorAnswers> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (Exception e) when (context.RequestAborted.IsCancellationRequested
            || e is ConnectionResetException or OperationCanceledException { InnerException: ConnectionAbortedException })
        {
            // Nobody is listening any more.
            return;
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            await AnswerAsync(context, ApiResults.Detail(e.StatusCode, e.Message));
            return;
        }
        catch (DbException e) when (!context.Response.HasStarted)
        {
            DatabaseAway(logger, context.Request.Method, context.Request.Path, e);
            await AnswerAsync(context, ApiResults.Detail(StatusCodes.Status503ServiceUnavailable, "The database cannot be reached. Try again."));
            return;
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            var errorId = RandomNumberGenerator.GetHexString(32, lowercase: true);
            Bug(logger, context.Request.Method, context.Request.Path, errorId, e);
            await AnswerAsync(context, ErrorShape.Of(context) == PageResults.Shape ? PageResults.InternalError(errorId) : InternalError(errorId));
            return;
        }

        if (!context.Response.HasStarted && context.Response.ContentLength is null && context.Response.ContentType is null)
            await FillAsync(context);
    }

    /// <summary>Routing says only the status.</summary>
    private static Task FillAsync(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => ApiResults.NotFound().ExecuteAsync(context),
        StatusCodes.Status405MethodNotAllowed =>
            ApiResults.Detail(StatusCodes.Status405MethodNotAllowed, $"Method \"{context.Request.Method}\" not allowed.").ExecuteAsync(context),
        _ => Task.CompletedTask,
    };

    private static IResult InternalError(string errorId) => ApiResults.Json(StatusCodes.Status500InternalServerError, json =>
    {
        json.StartObject();
        json.Name("detail"u8);
        json.Value("Internal Error");
        json.Name("errorId"u8);
        json.Value(errorId);
        json.EndObject();
    });

    private static Task AnswerAsync(HttpContext context, IResult answer)
    {
        context.Response.Clear();
        return answer.ExecuteAsync(context);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path}: the database cannot be reached")]
    private static partial void DatabaseAway(ILogger logger, string method, string path, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path}: a bug, answered with error id {ErrorId}")]
    private static partial void Bug(ILogger logger, string method, string path, string errorId, Exception exception);
}

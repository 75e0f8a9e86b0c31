using System.Data.Common;
using EvalJobs.Domain;

namespace EvalJobs.Server.Web;

/// <summary>Turns errors below <see cref="ApiPaths.Root"/> into problems. An unexpected error passes to the server's exception handler, which logs it.</summary>
internal static partial class ApiErrors
{
    /// <summary>Executes the request. An error, or a status without a body, is answered as a problem.</summary>
    public static async Task GuardAsync(HttpContext http, RequestDelegate next, ILogger logger)
    {
        ApiProblem? problem = null;
        try
        {
            await next(http);
            if (!http.Response.HasStarted && http.Response is { StatusCode: >= 400, ContentLength: null, ContentType: null })
                problem = ApiProblem.OfStatus(http.Response.StatusCode);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client has closed the connection, so no answer is needed.
            return;
        }
        catch (Exception error) when (!http.Response.HasStarted)
        {
            problem = Of(error);
            if (problem is null)
                throw;
            if (error is DbException)
                LogDatabaseError(logger, error, http.Request.Path);
        }

        if (problem is not null)
            await problem.WriteAsync(http);
    }

    /// <returns>The problem; null when the caller did not cause the error.</returns>
    internal static ApiProblem? Of(Exception error) => error switch
    {
        ApiProblemException known => known.Problem,
        NotFoundException => ApiProblem.NotFound(),
        ConditionException => ApiProblem.PreconditionFailed(),
        InvalidInputException invalid => ApiProblem.Invalid(invalid.Message, invalid.Field ?? FieldMessage.FieldOf(invalid.Message)),
        ConflictException conflict => ApiProblem.Conflict(conflict.Message, conflict.Field ?? FieldMessage.FieldOf(conflict.Message)),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => ApiProblem.TooLarge(null),
        BadHttpRequestException { StatusCode: StatusCodes.Status415UnsupportedMediaType } => ApiProblem.UnsupportedMediaType("application/json"),
        BadHttpRequestException => ApiProblem.Invalid("The request cannot be read."),
        DbException => ApiProblem.Unavailable(),
        _ => null,
    };

    [LoggerMessage(6100, LogLevel.Error, "The request for {Path} could not be answered from the database")]
    private static partial void LogDatabaseError(ILogger logger, Exception error, string path);
}

/// <summary>Ends a request with this problem.</summary>
internal sealed class ApiProblemException(ApiProblem problem) : Exception(problem.Title)
{
    /// <summary>The answer.</summary>
    public ApiProblem Problem { get; } = problem;
}

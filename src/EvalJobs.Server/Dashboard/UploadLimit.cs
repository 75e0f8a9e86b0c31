using EvalJobs.Server.Access;
using Microsoft.AspNetCore.RateLimiting;

namespace EvalJobs.Server.Dashboard;

/// <summary>How many files are taken in at once: each may be large, and reading it costs disk, memory and processor time.</summary>
internal static class UploadLimit
{
    /// <summary>The rate limit of endpoints that take files.</summary>
    public const string Policy = "uploads";

    private const int AtOnce = 4;
    private const int Waiting = 12;

    public static IServiceCollection AddUploadLimit(this IServiceCollection services) => services.AddRateLimiter(limits =>
    {
        limits.AddConcurrencyLimiter(Policy, limiter => (limiter.PermitLimit, limiter.QueueLimit) = (AtOnce, Waiting));
        limits.OnRejected = async (context, _) =>
        {
            context.HttpContext.Response.Headers.RetryAfter = "30";
            await AccessPages.NoticeAsync(
                context.HttpContext, StatusCodes.Status503ServiceUnavailable, "Nothing was changed", "Too many files are being uploaded at this moment. Go back and send the form again in a minute.");
        };
    });
}

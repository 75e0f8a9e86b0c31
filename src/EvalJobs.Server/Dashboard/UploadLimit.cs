using System.Threading.RateLimiting;
using EvalJobs.Server.Access;
using EvalJobs.Server.Web;
using Microsoft.AspNetCore.RateLimiting;

namespace EvalJobs.Server.Dashboard;

/// <summary>The number of uploads at the same time: each may be large, and costs disk, memory and processor time.</summary>
internal static class UploadLimit
{
    /// <summary>The rate limit of endpoints that accept files.</summary>
    public const string Policy = "uploads";

    private const int MaxConcurrentUploads = 4;
    private const int Waiting = 12;

    public static IServiceCollection AddUploadLimit(this IServiceCollection services) => services.AddRateLimiter(limits =>
    {
        limits.AddConcurrencyLimiter(Policy, limiter => (limiter.PermitLimit, limiter.QueueLimit) = (MaxConcurrentUploads, Waiting));
        limits.OnRejected = async (context, _) =>
        {
            if (ApiPaths.Covers(context.HttpContext.Request.Path))
            {
                var wait = context.Lease.TryGetMetadata(MetadataName.RetryAfter, out var time) ? time : TimeSpan.FromSeconds(1);
                await ApiProblem.TooManyRequests(wait).WriteAsync(context.HttpContext);
                return;
            }

            context.HttpContext.Response.Headers.RetryAfter = "30";
            await AccessPages.NoticeAsync(
                context.HttpContext, StatusCodes.Status503ServiceUnavailable, "Nothing was changed", "Too many files are being uploaded at this moment. Go back and send the form again in a minute.");
        };
    });
}

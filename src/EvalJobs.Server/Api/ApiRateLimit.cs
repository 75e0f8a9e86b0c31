using System.Threading.RateLimiting;
using EvalJobs.Server.Access;
using Microsoft.AspNetCore.RateLimiting;

namespace EvalJobs.Server.Api;

/// <summary>Limits the requests of each key, and of each person, on this server.</summary>
internal static class ApiRateLimit
{
    /// <summary>The policy's name.</summary>
    public const string Policy = "api";

    public static IServiceCollection AddApiRateLimit(this IServiceCollection services) => services.Configure<RateLimiterOptions>(limits =>
        limits.AddPolicy(Policy, http =>
        {
            var options = http.RequestServices.GetRequiredService<ApiOptions>();
            return RateLimitPartition.GetTokenBucketLimiter(Viewer.Find(http)?.Actor ?? "", _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = Math.Max(options.Burst, options.RequestsPerSecond),
                TokensPerPeriod = options.RequestsPerSecond,
                ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                QueueLimit = 0,
            });
        }));
}

using System.Threading.RateLimiting;
using EvalJobs.Server.Access;
using Microsoft.AspNetCore.RateLimiting;

namespace EvalJobs.Server.Api;

/// <summary>Limits the requests of each key, and of each person, on this server.</summary>
internal static class ApiRateLimit
{
    /// <summary>The policy's name.</summary>
    public const string Policy = "api";

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    public static IServiceCollection AddApiRateLimit(this IServiceCollection services) => services.Configure<RateLimiterOptions>(limits =>
        limits.AddPolicy(Policy, http =>
        {
            var options = http.RequestServices.GetRequiredService<ApiOptions>();
            return RateLimitPartition.GetTokenBucketLimiter(Viewer.Find(http)?.Actor ?? "", _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = options.Burst,
                TokensPerPeriod = Math.Max(1, (int)(options.RequestsPerSecond * Period.TotalSeconds)),
                ReplenishmentPeriod = options.RequestsPerSecond * Period.TotalSeconds >= 1 ? Period : TimeSpan.FromSeconds(1.0 / options.RequestsPerSecond),
                QueueLimit = 0,
            });
        }));
}

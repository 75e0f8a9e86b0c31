using System.Security.Cryptography;
using System.Text;
using EvalJobs.Domain;

namespace EvalJobs.Server.Api;

/// <summary>Entity tags. A caller names the state that it has read, and a change based on an older state is rejected.</summary>
internal static class EntityTag
{
    public static string Of(AgentVersion version) => Hash($"version {version.Id} {version.LifecycleState} {version.EvalStatus}");

    public static string Of(Tenant tenant) =>
        Hash($"tenant {tenant.Id} {tenant.IsPaused} {tenant.BatchLimit} {tenant.PendingWarningThreshold} {tenant.WorkerPool}");

    public static string Of(EvaluationSuite suite) => OfSuite(suite.Id, suite.Revision);

    public static string OfSuite(long suiteId, int revision) => Hash($"suite {suiteId} {revision}");

    public static string Of(EvaluationRun run) => Hash($"run {run.Id} {run.Status} {run.Priority} {run.Attempt} {run.FailedAttempts} {run.CompletedAt?.ToUnixTimeMilliseconds()} {run.AcknowledgedAt?.ToUnixTimeMilliseconds()} {run.DueAt.ToUnixTimeMilliseconds()}");

    public static string Of(RunSchedule schedule) =>
        Hash($"schedule {schedule.Id} {schedule.Revision} {schedule.DueAfter.ToUnixTimeMilliseconds()} {schedule.LastFiredAt?.ToUnixTimeMilliseconds()}");

    /// <param name="tenantId">The tenant.</param>
    /// <param name="agentName">The agent; empty for the tenant's own policy.</param>
    /// <param name="revision">0 when there is none.</param>
    public static string OfPolicy(long tenantId, string agentName, int revision) => Hash($"policy {tenantId} {revision} {agentName}");

    /// <returns>Whether a header names the tag, alone, among others or by *.</returns>
    public static bool Matches(string? header, string tag) =>
        header is not null && header.Split(',', StringSplitOptions.TrimEntries).Any(one => one == "*" || one == tag || one == $"W/{tag}");

    private static string Hash(string text) => $"\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 10))}\"";
}

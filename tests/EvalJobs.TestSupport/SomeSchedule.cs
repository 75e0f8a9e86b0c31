using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Tests.Support;

/// <summary>Test data: some schedule, for tests that do not depend on its details.</summary>
internal static class SomeSchedule
{
    /// <summary>Every quarter of an hour, which is the highest frequency allowed.</summary>
    public static ScheduleDraft Draft { get; } = new() { AgentName = "agent", Cron = "*/15 * * * *", TimeZone = "UTC", Priority = 3 };

    /// <summary>Every hour, at the minute that was ten minutes ago. After <c>PassAsync</c> of a quarter of an hour one moment is due, and no other for the next fifty minutes.</summary>
    public static ScheduleDraft DueTenMinutesAgo => Draft with { Cron = $"{DateTimeOffset.UtcNow.AddMinutes(-10).Minute} * * * *" };

    /// <summary>Adds one to a new tenant with a suite and a version.</summary>
    public static async Task<RunSchedule> AddAsync(Some some, EvaluationDatabase database, ScheduleDraft? draft = null, string? slug = null)
    {
        var tenant = await some.TenantAsync(slug);
        var suite = await some.SuiteAsync(tenant);
        await some.VersionAsync(tenant);
        return await new RunScheduleRepository(database).AddAsync(tenant.Id, suite.Id, draft ?? Draft, "cli:ann", default);
    }

    /// <returns>The whole minute this long after the schedule was created or last handled.</returns>
    public static DateTimeOffset DueAfter(RunSchedule schedule) =>
        DateTimeOffset.FromUnixTimeSeconds(((schedule.DueAfter.ToUnixTimeSeconds() / 60) + 1) * 60);
}

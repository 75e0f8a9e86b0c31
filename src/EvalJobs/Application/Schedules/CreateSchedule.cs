using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;

namespace EvalJobs.Application;

/// <summary>Creates a schedule, which from now on creates a run of the suite at each due moment.</summary>
internal sealed class CreateSchedule(RunScheduleRepository schedules, ScheduleChanges changes)
{
    /// <param name="tenantId">The tenant.</param>
    /// <param name="suiteId">One of its suites.</param>
    /// <param name="draft">The agent and the times.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Creates nothing when cancelled.</param>
    /// <exception cref="InvalidInputException">The expression, the zone or the priority is not acceptable, or it is due too often.</exception>
    /// <exception cref="NotFoundException">The tenant has no such suite, or the agent no version to evaluate.</exception>
    /// <exception cref="ConflictException">The tenant has <see cref="RunSchedule.MaxPerTenant"/> schedules.</exception>
    public async Task<RunSchedule> ExecuteAsync(long tenantId, long suiteId, ScheduleDraft draft, string actor, CancellationToken cancellationToken)
    {
        var created = await schedules.AddAsync(tenantId, suiteId, Validated(draft), actor, cancellationToken);
        changes.Announce();
        return created;
    }

    /// <returns>The draft as it is stored: single spaces between the fields.</returns>
    /// <exception cref="InvalidInputException">A value is not acceptable.</exception>
    public static ScheduleDraft Validated(ScheduleDraft draft)
    {
        RunPriority.Validate(draft.Priority);
        if (string.IsNullOrWhiteSpace(draft.AgentName))
            throw new InvalidInputException("agent: name the agent whose newest version is run.");
        var tidy = draft with
        {
            AgentName = draft.AgentName.Trim(),
            Cron = string.Join(' ', draft.Cron.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)),
            TimeZone = draft.TimeZone.Trim(),
        };
        ScheduleTimes.Validate(tidy.Cron, tidy.TimeZone);
        return tidy;
    }
}

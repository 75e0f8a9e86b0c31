using System.Data.Common;
using System.Globalization;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Stores schedules of runs. Every change by people and every run that a schedule creates has an audit record.</summary>
internal sealed class RunScheduleRepository(EvaluationDatabase database)
{
    /// <summary>Schedules read at once.</summary>
    private const int PageSize = 500;

    /// <summary>A due moment further in the future than this was stored before the clock was set back.</summary>
    private static readonly TimeSpan ClockSlack = TimeSpan.FromMinutes(1);

    /// <summary>Adds a schedule, due after now. The caller has validated its times.</summary>
    /// <exception cref="NotFoundException">The tenant has no such suite, or the agent no version to evaluate.</exception>
    /// <exception cref="ConflictException">The tenant has <see cref="RunSchedule.MaxPerTenant"/> schedules, or has just been deleted.</exception>
    public async Task<RunSchedule> AddAsync(long tenantId, long suiteId, ScheduleDraft draft, string actor, CancellationToken cancellationToken)
    {
        try
        {
            return await database.WriteAsync(async db =>
            {
                if (await db.QuerySingleOrDefaultAsync<EvaluationSuite>(SqlQuery.GetSuite, new { SuiteId = suiteId }) is not { Revision: > 0 } suite || suite.TenantId != tenantId)
                    throw new NotFoundException($"The tenant has no suite {suiteId}.");
                if (await FindVersionAsync(db, tenantId, draft.AgentName) is null)
                    throw NoVersion(draft.AgentName);
                if (await db.QuerySingleAsync<int>(SqlQuery.CountSchedules, new { TenantId = tenantId }) >= RunSchedule.MaxPerTenant)
                    throw new ConflictException($"The tenant has {RunSchedule.MaxPerTenant} schedules, as many as it may have; no schedule was created. Delete one first.");

                var id = await db.QuerySingleAsync<long>(
                    SqlQuery.AddSchedule, new { TenantId = tenantId, SuiteId = suiteId, draft.AgentName, draft.Cron, draft.TimeZone, draft.Priority, Actor = actor });
                await db.RecordAsync(tenantId, ChangeType.ScheduleCreated, nameof(RunSchedule), id, actor, new { suiteId, suite = suite.Name, agent = draft.AgentName, draft.Cron, draft.TimeZone, draft.Priority });
                return await ReadAsync(db, id);
            }, cancellationToken);
        }
        catch (DbException error) when (error.IsForeignKeyViolation())
        {
            throw new ConflictException("The tenant or its suite has just been deleted; no schedule was created.");
        }
    }

    /// <exception cref="NotFoundException">No such schedule.</exception>
    public async Task<RunSchedule> GetAsync(long scheduleId, CancellationToken cancellationToken) =>
        await FindAsync(scheduleId, cancellationToken) ?? throw NotFound(scheduleId);

    /// <returns>The schedule; null when there is none.</returns>
    public Task<RunSchedule?> FindAsync(long scheduleId, CancellationToken cancellationToken) =>
        database.QuerySingleOrDefaultAsync<RunSchedule>(SqlQuery.GetSchedule, new { ScheduleId = scheduleId }, cancellationToken);

    /// <returns>A tenant's schedules, or those of one of its suites, by id; no more than <see cref="RunSchedule.MaxPerTenant"/>.</returns>
    public Task<IReadOnlyList<RunSchedule>> ListAsync(long tenantId, long? suiteId, CancellationToken cancellationToken) =>
        ListAsync(tenantId, suiteId, 0, PageSize, cancellationToken);

    /// <returns>A page of a tenant's schedules, or of those of one of its suites, by id; empty after the last.</returns>
    public Task<IReadOnlyList<RunSchedule>> ListAsync(long tenantId, long? suiteId, long afterId, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<RunSchedule>(SqlQuery.ListSchedules, new { TenantId = tenantId, SuiteId = suiteId, AfterId = afterId, Limit = limit }, cancellationToken);

    /// <returns>A page of the schedules of all tenants, by id; empty after the last.</returns>
    public Task<IReadOnlyList<RunSchedule>> ListAllAsync(long afterId, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<RunSchedule>(SqlQuery.ListAllSchedules, new { AfterId = afterId, Limit = limit }, cancellationToken);

    /// <returns>The schedules of all tenants, by id, read a page at a time.</returns>
    public async Task<IReadOnlyList<RunSchedule>> ListAllAsync(CancellationToken cancellationToken)
    {
        var all = new List<RunSchedule>();
        IReadOnlyList<RunSchedule> page;
        do
        {
            page = await ListAllAsync(all.Count == 0 ? 0 : all[^1].Id, PageSize, cancellationToken);
            all.AddRange(page);
        }
        while (page.Count == PageSize);
        return all;
    }

    /// <returns>The schedules, of tenants that are not paused, that could not create a run when they were last due.</returns>
    public Task<IReadOnlyList<FailingSchedule>> ListFailingAsync(CancellationToken cancellationToken) =>
        database.QueryAsync<FailingSchedule>(SqlQuery.ListFailingSchedules, null, cancellationToken);

    /// <returns>The times of the schedules that are not paused, each once.</returns>
    public Task<IReadOnlyList<StoredScheduleTimes>> ListTimesAsync(CancellationToken cancellationToken) =>
        database.QueryAsync<StoredScheduleTimes>(SqlQuery.ListScheduleTimes, null, cancellationToken);

    /// <summary>Changes a schedule. Earlier due moments no longer count.</summary>
    /// <param name="scheduleId">The schedule.</param>
    /// <param name="draft">The new values. The caller has validated its times.</param>
    /// <param name="basedOn">The revision it was read at; null changes any revision.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Changes nothing when cancelled.</param>
    /// <exception cref="NotFoundException">No such schedule, or the agent has no version to evaluate.</exception>
    /// <exception cref="ConflictException">Someone else has changed it since.</exception>
    public Task<RunSchedule> ChangeAsync(long scheduleId, ScheduleDraft draft, int? basedOn, string actor, CancellationToken cancellationToken) =>
        database.WriteAsync(async db =>
        {
            var before = await ReadAsync(db, scheduleId);
            if (await FindVersionAsync(db, before.TenantId, draft.AgentName) is null)
                throw NoVersion(draft.AgentName);
            await EnsureBasedOnAsync(db, scheduleId, basedOn);
            await db.ExecuteExactlyAsync(SqlQuery.ChangeSchedule, new { ScheduleId = scheduleId, draft.AgentName, draft.Cron, draft.TimeZone, draft.Priority }, 1);
            await db.RecordAsync(
                before.TenantId, ChangeType.ScheduleChanged, nameof(RunSchedule), scheduleId, actor,
                new { agent = draft.AgentName, draft.Cron, draft.TimeZone, draft.Priority, before = new { agent = before.AgentName, before.Cron, before.TimeZone, before.Priority } });
            return await ReadAsync(db, scheduleId);
        }, cancellationToken);

    /// <summary>Pauses or resumes a schedule. Due moments while it was paused are skipped.</summary>
    /// <inheritdoc cref="ChangeAsync" path="/param"/>
    /// <inheritdoc cref="ChangeAsync" path="/exception"/>
    /// <returns>The schedule as it is now; nothing is recorded when it was in that state already.</returns>
    public Task<RunSchedule> SetPausedAsync(long scheduleId, bool isPaused, int? basedOn, string actor, CancellationToken cancellationToken) =>
        database.WriteAsync(async db =>
        {
            await EnsureBasedOnAsync(db, scheduleId, basedOn);
            var isChanged = await db.ExecuteOneAsync(SqlQuery.SetSchedulePaused, new { ScheduleId = scheduleId, IsPaused = isPaused });
            var schedule = await ReadAsync(db, scheduleId);
            if (isChanged)
                await db.RecordAsync(schedule.TenantId, isPaused ? ChangeType.SchedulePaused : ChangeType.ScheduleResumed, nameof(RunSchedule), scheduleId, actor, new { agent = schedule.AgentName });
            return schedule;
        }, cancellationToken);

    /// <summary>Deletes a schedule. Its runs stay.</summary>
    /// <inheritdoc cref="ChangeAsync" path="/param"/>
    /// <inheritdoc cref="ChangeAsync" path="/exception"/>
    /// <returns>The schedule as it was.</returns>
    public Task<RunSchedule> DeleteAsync(long scheduleId, int? basedOn, string actor, CancellationToken cancellationToken) =>
        database.WriteAsync(async db =>
        {
            var schedule = await ReadAsync(db, scheduleId);
            await EnsureBasedOnAsync(db, scheduleId, basedOn);
            if (!await db.ExecuteOneAsync(SqlQuery.DeleteSchedule, new { ScheduleId = scheduleId }))
                throw NotFound(scheduleId);
            await db.RecordAsync(
                schedule.TenantId, ChangeType.ScheduleDeleted, nameof(RunSchedule), scheduleId, actor,
                new { suiteId = schedule.SuiteId, agent = schedule.AgentName, schedule.Cron, schedule.TimeZone, schedule.Priority });
            return schedule;
        }, cancellationToken);

    /// <summary>Processes a due moment: creates the run of the newest version, or stores why none is created. One transaction, so each due moment creates one run at most.</summary>
    /// <param name="schedule">The schedule as it was read.</param>
    /// <param name="dueAt">The due moment, a whole minute, UTC.</param>
    /// <param name="missed">Why it is too late for a run; null when it is not.</param>
    /// <param name="cancellationToken">Changes nothing when cancelled.</param>
    /// <returns>Its outcome; null when another process has processed it, or the schedule has changed since it was read.</returns>
    public async Task<ScheduleFiring?> FireAsync(RunSchedule schedule, DateTimeOffset dueAt, string? missed, CancellationToken cancellationToken)
    {
        try
        {
            return await RunCreation.OneLiveRunAsync(() => database.WriteAsync(db => FireAsync(db, schedule, dueAt, missed), cancellationToken));
        }
        catch (OvertakenException)
        {
            return null;
        }
    }

    /// <summary>Creates a run of the newest version now. Due moments stay due.</summary>
    /// <exception cref="NotFoundException">No such schedule, or its agent has no version to evaluate.</exception>
    /// <exception cref="ConflictException">The version has a run of the suite that has not ended, or the suite has no cases.</exception>
    public Task<EvaluationRun> RunNowAsync(long scheduleId, string actor, CancellationToken cancellationToken) =>
        RunCreation.OneLiveRunAsync(() => database.WriteAsync(async db =>
        {
            var schedule = await ReadAsync(db, scheduleId);
            var versionId = await FindVersionAsync(db, schedule.TenantId, schedule.AgentName) ?? throw NoVersion(schedule.AgentName);
            var version = await LockVersionAsync(db, versionId);
            var run = await RunCreation.CreateAsync(db, version, schedule.SuiteId, schedule.Priority, RunTrigger.Manual, actor);
            await db.ExecuteOneAsync(SqlQuery.RecordScheduleRun, new { ScheduleId = scheduleId, RunId = run.Id });
            return run;
        }, cancellationToken));

    /// <summary>Restarts a schedule from now, if its last due moment lies in the future because the clock was set back.</summary>
    /// <returns>Whether it did.</returns>
    public Task<bool> RewindAsync(RunSchedule schedule, DateTimeOffset now, CancellationToken cancellationToken) =>
        schedule.DueAfter <= now + ClockSlack
            ? Task.FromResult(false)
            : database.WriteAsync(db => db.ExecuteOneAsync(SqlQuery.RewindSchedule, new { ScheduleId = schedule.Id, SlackMs = (long)ClockSlack.TotalMilliseconds }), cancellationToken);

    private static async Task<ScheduleFiring?> FireAsync(DbWork db, RunSchedule schedule, DateTimeOffset dueAt, string? missed)
    {
        var current = await db.QuerySingleOrDefaultAsync<RunSchedule>(SqlQuery.GetSchedule, new { ScheduleId = schedule.Id });
        if (current is null || current.Revision != schedule.Revision || current.IsPaused || current.DueAfter >= dueAt)
            return null;

        var firing = missed is not null
            ? new ScheduleFiring(ScheduleOutcome.Missed, null, missed)
            : await CreateRunAsync(db, current);

        // The fence: if two processes come here at once, the second finds no row, and its transaction is rolled back.
        var isFirst = await db.ExecuteOneAsync(SqlQuery.RecordScheduleFiring, new
        {
            ScheduleId = schedule.Id,
            schedule.Revision,
            DueMinute = (int)(dueAt.ToUnixTimeSeconds() / 60),
            Outcome = StoredWord.Of(firing.Outcome),
            RunId = firing.Run?.Id,
            Reason = Shortened(firing.Reason),
        });
        if (!isFirst && firing.Run is not null)
            throw new OvertakenException();
        return isFirst ? firing : null;
    }

    private static async Task<ScheduleFiring> CreateRunAsync(DbWork db, RunSchedule schedule)
    {
        if (schedule.IsTenantPaused)
            return new(ScheduleOutcome.Skipped, null, "The tenant was paused.");
        if (await FindVersionAsync(db, schedule.TenantId, schedule.AgentName) is not { } versionId)
            return new(ScheduleOutcome.Failed, null, NoVersion(schedule.AgentName).Message);

        var version = await LockVersionAsync(db, versionId);
        var live = await db.QueryAsync<EvaluationRun>(SqlQuery.ListLiveRuns, new { VersionId = versionId });
        if (live.FirstOrDefault(run => run.SuiteId == schedule.SuiteId) is { } other)
            return new(ScheduleOutcome.Skipped, null, $"Run {other.Id} of version {version.VersionLabel} had not ended ({StoredWord.Of(other.Status)}).");
        try
        {
            return new(ScheduleOutcome.Created, await RunCreation.CreateAsync(db, version, schedule.SuiteId, schedule.Priority, RunTrigger.Manual, schedule.Actor), null);
        }
        catch (NotAllowedException error)
        {
            // Rejected before anything was written: the suite has no cases, or the version was just retired.
            return new(ScheduleOutcome.Failed, null, error.Message);
        }
    }

    private static async Task EnsureBasedOnAsync(DbWork db, long scheduleId, int? basedOn)
    {
        if (await db.QueryAsync<int>(SqlQuery.LockSchedule, new { ScheduleId = scheduleId }) is not [var revision])
            throw NotFound(scheduleId);
        if (basedOn is { } expected && expected != revision)
            throw new ConflictException($"Someone else has changed schedule {scheduleId} since; nothing was changed. Reload it and try again.");
    }

    private static async Task<RunSchedule> ReadAsync(DbWork db, long scheduleId) =>
        await db.QuerySingleOrDefaultAsync<RunSchedule>(SqlQuery.GetSchedule, new { ScheduleId = scheduleId }) ?? throw NotFound(scheduleId);

    private static Task<long?> FindVersionAsync(DbWork db, long tenantId, string agentName) =>
        db.QuerySingleOrDefaultAsync<long?>(SqlQuery.FindScheduledVersion, new { TenantId = tenantId, AgentName = agentName });

    private static async Task<AgentVersion> LockVersionAsync(DbWork db, long versionId) =>
        await db.QuerySingleOrDefaultAsync<AgentVersion>(SqlQuery.LockVersion, new { VersionId = versionId }) ?? throw new NotFoundException($"There is no version {versionId}.");

    private static NotFoundException NotFound(long scheduleId) => new(string.Create(CultureInfo.InvariantCulture, $"There is no schedule {scheduleId}."));

    private static NotFoundException NoVersion(string agentName) => new($"The agent '{agentName}' has no version that is neither DEPRECATED nor RETIRED.");

    private static string? Shortened(string? reason) => reason?.Length > 1000 ? StoredText.Clean(reason[..1000]) : reason;

    /// <summary>Another process has processed the due moment, or the schedule was changed, while this process created a run: the run is rolled back.</summary>
    private sealed class OvertakenException : Exception;
}

/// <summary>The outcome of a schedule's due moment.</summary>
/// <param name="Outcome">The word for it.</param>
/// <param name="Run">The run that was created; null when none was.</param>
/// <param name="Reason">Why none was; null when one was.</param>
internal sealed record ScheduleFiring(ScheduleOutcome Outcome, EvaluationRun? Run, string? Reason);

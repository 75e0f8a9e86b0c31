using System.Data.Common;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Creates and cancels runs inside the caller's transaction, and keeps the version's evaluation status up to date.</summary>
internal static class RunCreation
{
    /// <summary>Rows one statement copies at most: SQL Server locks the whole table when one takes some 5,000 of it.</summary>
    private const int StatementRows = 1000;

    /// <summary>Adds a pending run of the suite's current revision. If the version requires that revision, its evaluation status becomes RUNNING.</summary>
    public static async Task<EvaluationRun> CreateAsync(
        DbWork db, AgentVersion version, long? suiteId, int priority, RunTrigger trigger, string actor)
    {
        RunPriority.Validate(priority);
        var suite = await ChooseSuiteAsync(db, version, suiteId);
        return await AddAsync(db, version, suite, suite.Revision, suite.PassThreshold, priority, trigger, null, actor);
    }

    /// <summary>Adds a pending run that repeats one that has ended: the same revision of the suite, judged by the same threshold.</summary>
    public static async Task<EvaluationRun> RepeatAsync(DbWork db, AgentVersion version, EvaluationRun ended, string actor)
    {
        var suite = await ChooseSuiteAsync(db, version, ended.SuiteId);
        return await AddAsync(db, version, suite, ended.SuiteRevision, ended.PassThreshold, RunPriority.Clamp(ended.Priority), RunTrigger.Retry, null, actor, ended.Id);
    }

    /// <summary>Adds a pending run that keeps the verdicts of a completed one and asks the rest of its cases again.</summary>
    /// <remarks>The completed run stays evidence until the new run completes and replaces it. If the new run is cancelled or fails, nothing changes.</remarks>
    public static async Task<EvaluationRun> ContinueAsync(DbWork db, AgentVersion version, EvaluationRun completed, string actor)
    {
        var suite = await ChooseSuiteAsync(db, version, completed.SuiteId);
        var run = await AddAsync(db, version, suite, completed.SuiteRevision, completed.PassThreshold, RunPriority.Clamp(completed.Priority), RunTrigger.Retry, completed.Id, actor);
        int copied;
        do
            copied = await db.ExecuteAsync(SqlQuery.CopyVerdicts, new { RunId = run.Id, ContinuesRunId = completed.Id, Limit = StatementRows });
        while (copied == StatementRows);
        return run;
    }

    /// <summary>Adds a pending run of each required suite revision that has none.</summary>
    /// <returns>The runs added, in the order of the requirements.</returns>
    public static async Task<IReadOnlyList<EvaluationRun>> CreateRequiredAsync(DbWork db, AgentVersion version, GateRecord gate, int priority, string actor)
    {
        RunPriority.Validate(priority);
        var runs = new List<EvaluationRun>();
        var live = await db.QueryAsync<EvaluationRun>(SqlQuery.ListLiveRuns, new { VersionId = version.Id });
        foreach (var requirement in gate.Requirements.DistinctBy(requirement => requirement.SuiteId))
        {
            if (live.Any(run => GateEvidence.IsOf(run, requirement)))
                continue;
            var suite = await db.QuerySingleAsync<EvaluationSuite>(SqlQuery.GetSuite, new { requirement.SuiteId });
            runs.Add(await AddAsync(db, version, suite, requirement.SuiteRevision, suite.PassThreshold, priority, RunTrigger.Transition, null, actor));
        }

        return runs;
    }

    /// <summary>Cancels a run that has not ended; the version gets the evaluation status that follows from its evidence.</summary>
    /// <returns>The cancelled run; null when it had ended.</returns>
    public static async Task<EvaluationRun?> CancelAsync(DbWork db, long runId, string reason, string actor)
    {
        // The version is locked before the run; see the order of locks.
        if (await db.QueryAsync<EvaluationRun>(SqlQuery.GetRun, new { RunId = runId }) is not [var found, ..])
            return null;
        var version = await db.QuerySingleOrDefaultAsync<AgentVersion>(SqlQuery.LockVersion, new { found.VersionId });
        var run = await db.QuerySingleOrDefaultAsync<EvaluationRun>(SqlQuery.CancelRun, new { RunId = runId });
        if (run is null || version is null)
            return null;

        await SetFiguresAsync(db, runId);
        var standing = await GateEvidence.RefreshAsync(db, run.VersionId);
        var evalStatus = standing?.EvalStatus ?? version.EvalStatus;
        await db.RecordAsync(
            run.TenantId, ChangeType.RunCancelled, nameof(EvaluationRun), runId, actor,
            new { Reason = reason, evalStatus = StoredWord.Of(evalStatus) });
        return run;
    }

    /// <summary>Answers from before the run was cancelled stay and are counted; a pass rate of a part would be meaningless.</summary>
    private static async Task SetFiguresAsync(DbWork db, long runId)
    {
        var tally = await db.QuerySingleAsync<RunTally>(SqlQuery.TallyRun, new { RunId = runId });
        if (tally.ResultCount == 0)
            return;

        await db.ExecuteExactlyAsync(SqlQuery.SetRunFigures, RunFigures.With(new { RunId = runId }, tally, passRate: null), 1);
    }

    private static async Task<EvaluationRun> AddAsync(
        DbWork db, AgentVersion version, EvaluationSuite suite, int revision, double passThreshold, int priority, RunTrigger trigger, long? continues, string actor,
        long? repeats = null)
    {
        if (version.LifecycleState == LifecycleState.Retired)
            throw new ConflictException($"Version {version.Id} is RETIRED and cannot be evaluated any more.");
        var cases = await db.QuerySingleAsync<int>(SqlQuery.CountTestCases, new { SuiteId = suite.Id, Revision = revision });
        if (cases == 0)
            throw new ConflictException($"The suite '{suite.Name}' has no cases: a run of it would prove nothing.");

        var others = await db.QueryAsync<EvaluationRun>(SqlQuery.ListLiveRuns, new { VersionId = version.Id });
        if (others.FirstOrDefault(run => run.SuiteId == suite.Id) is { } live)
            throw LiveRunExists(version, suite, live);

        var run = await db.QuerySingleAsync<EvaluationRun>(SqlQuery.AddRun, new
        {
            version.TenantId,
            SuiteId = suite.Id,
            SuiteRevision = revision,
            VersionId = version.Id,
            Priority = priority,
            PreviousEvalStatus = StoredWord.Of(version.EvalStatus),
            Trigger = StoredWord.Of(trigger),
            CaseCount = cases,
            PassThreshold = passThreshold,
            ContinuesRunId = continues,
            RepeatsRunId = repeats,
        });
        await GateEvidence.RefreshAsync(db, version.Id);
        await db.RecordAsync(
            version.TenantId, ChangeType.RunCreated, nameof(EvaluationRun), run.Id, actor,
            new { versionId = version.Id, suiteId = suite.Id, suiteRevision = revision, trigger = StoredWord.Of(trigger), Priority = priority, continuesRun = continues, repeatsRun = repeats });
        return run;
    }

    public static async Task<EvaluationSuite> ChooseSuiteAsync(DbWork db, AgentVersion version, long? suiteId)
    {
        if (suiteId is null)
        {
            return await db.QuerySingleOrDefaultAsync<EvaluationSuite>(SqlQuery.FindDefaultSuite, new { version.TenantId })
                ?? throw new ConflictException("The tenant has no default suite; name a suite, or make one the default.") { Remedies = [new(RemedyKind.NameSuite)] };
        }

        var suite = await db.QuerySingleOrDefaultAsync<EvaluationSuite>(SqlQuery.GetSuite, new { SuiteId = suiteId });
        return suite is null || suite.TenantId != version.TenantId
            ? throw new NotFoundException($"The version's tenant has no suite {suiteId}.")
            : suite;
    }

    private static ConflictException LiveRunExists(AgentVersion version, EvaluationSuite suite, EvaluationRun live) => new(
        $"Version {version.Id} has run {live.Id} {StoredWord.Of(live.Status)} of the suite '{suite.Name}'; it has one at a time of each suite. Wait for it, or cancel it.");

    /// <summary>Two requests at the same time both pass the check above; the unique index stops the second.</summary>
    public static async Task<T> OneLiveRunAsync<T>(Func<Task<T>> write)
    {
        try
        {
            return await write();
        }
        catch (DbException error) when (error.IsUniqueViolation())
        {
            throw new ConflictException("The version has just got a run of this suite from someone else; it has one at a time of each suite.");
        }
    }
}

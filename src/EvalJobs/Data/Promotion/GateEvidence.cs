using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Reads the input of a gate's decision, and keeps the version's evaluation status up to date.</summary>
internal static class GateEvidence
{
    /// <summary>Runs that ended without completing, shown at most.</summary>
    private const int MaxUnfinished = 20;

    private static readonly CaseFacts Unnamed = new("", [], false);

    /// <summary>Sets the version's evaluation status to what its requirements and runs say now. The caller holds the version.</summary>
    /// <returns>The standing; null when nothing is required of the version, whose evaluation status then stays as it is.</returns>
    /// <remarks>Called in every transaction that ends, begins, voids or cancels a run, and in those that change what is required.</remarks>
    public static async Task<VersionStanding?> RefreshAsync(DbWork db, long versionId)
    {
        if (await FindGateAsync(db, versionId) is not { } gate)
            return null;

        foreach (var requirement in gate.Requirements)
        {
            await AddMissingLooksAsync(db, versionId, requirement);
            if (requirement.BaselineVersionId is { } baseline)
                await AddMissingLooksAsync(db, baseline, requirement);
        }

        var standing = await ReadAsync(db, gate);
        await db.ExecuteAsync(SqlQuery.SetVersionEvalStatus, new { VersionId = versionId, EvalStatus = StoredWord.Of(standing.EvalStatus) });
        return standing;
    }

    /// <summary>The same after one of its runs ended or was declared void; adds an alert if the gate fails now.</summary>
    /// <param name="db">The unit of work; it holds the version.</param>
    /// <param name="version">The version as it was before.</param>
    /// <inheritdoc cref="RefreshAsync" path="/returns"/>
    public static async Task<VersionStanding?> RefreshAfterRunAsync(DbWork db, AgentVersion version)
    {
        var standing = await RefreshAsync(db, version.Id);
        if (standing is not null)
            await db.AlertWhereWantedAsync(PromotionAlertRule.OfEvidence(version, standing.EvalStatus, standing.Standing, standing.Remedy));
        return standing;
    }

    /// <summary>Updates versions whose baseline has other evidence now. The caller holds them.</summary>
    public static async Task RefreshFollowersAsync(DbWork db, IReadOnlyList<long> followers)
    {
        foreach (var id in followers)
            await RefreshAfterRunAsync(db, await db.QuerySingleAsync<AgentVersion>(SqlQuery.GetVersion, new { VersionId = id }));
    }

    /// <returns>What is required of the version now; null when nothing ever was.</returns>
    public static async Task<GateRecord?> FindGateAsync(DbWork db, long versionId)
    {
        if (await db.QuerySingleOrDefaultAsync<VersionGate>(SqlQuery.FindVersionGate, new { VersionId = versionId }) is not { } gate)
            return null;
        var rows = await db.QueryAsync<RequirementRow>(SqlQuery.ListRequirements, new { GateId = gate.Id });
        return new GateRecord(gate, [.. rows.Select(row => row.ToRequirement())]);
    }

    /// <summary>Reads only.</summary>
    public static async Task<VersionStanding> ReadAsync(DbWork db, GateRecord gate)
    {
        var evidence = new List<RequirementEvidence>();
        foreach (var requirement in gate.Requirements)
            evidence.Add(await ReadAsync(db, gate.Gate.VersionId, requirement));

        var unfinished = new Dictionary<int, IReadOnlyList<UnfinishedRun>>();
        foreach (var requirement in gate.Requirements)
        {
            unfinished[requirement.Ordinal] = await db.QueryAsync<UnfinishedRun>(
                SqlQuery.ListUnfinishedRuns, new { gate.Gate.VersionId, requirement.SuiteId, requirement.SuiteRevision, Limit = MaxUnfinished });
        }

        var live = await db.QueryAsync<EvaluationRun>(SqlQuery.ListLiveRuns, new { gate.Gate.VersionId });
        return new VersionStanding
        {
            Gate = gate.Gate,
            Standing = PromotionGate.Decide(evidence, gate.Gate.Alpha),
            Evidence = evidence,
            Unfinished = unfinished,
            LiveRuns = [.. live.Where(run => gate.Requirements.Any(requirement => IsOf(run, requirement)))],
        };
    }

    /// <returns>Whether a run is of the suite revision that is required.</returns>
    public static bool IsOf(EvaluationRun run, Requirement requirement) =>
        run.SuiteId == requirement.SuiteId && run.SuiteRevision == requirement.SuiteRevision;

    public static Task<int> AddMissingLooksAsync(DbWork db, long versionId, long suiteId, int suiteRevision) =>
        db.ExecuteAsync(SqlQuery.AddMissingLooks, new { VersionId = versionId, SuiteId = suiteId, SuiteRevision = suiteRevision });

    private static Task<int> AddMissingLooksAsync(DbWork db, long versionId, Requirement requirement) =>
        AddMissingLooksAsync(db, versionId, requirement.SuiteId, requirement.SuiteRevision);

    private static async Task<RequirementEvidence> ReadAsync(DbWork db, long versionId, Requirement requirement)
    {
        var looks = await ListLooksAsync(db, versionId, requirement);
        var last = await db.QuerySingleOrDefaultAsync<EndedRun>(
            SqlQuery.FindLastEndedRun, new { VersionId = versionId, requirement.SuiteId, requirement.SuiteRevision });
        return new RequirementEvidence
        {
            Requirement = requirement,
            Looks = looks,
            Cases = looks.Count == 0 ? [] : await ListCasesAsync(db, requirement, looks[0].Outcomes.Length),
            BaselineLooks = looks.Count > 0 && requirement.BaselineVersionId is { } baseline ? await ListLooksAsync(db, baseline, requirement) : [],
            FailedRunId = last is { Status: RunStatus.Failed } ? last.Id : null,
        };
    }

    private static Task<IReadOnlyList<Look>> ListLooksAsync(DbWork db, long versionId, Requirement requirement) =>
        db.QueryAsync<Look>(SqlQuery.ListLooks, new { VersionId = versionId, requirement.SuiteId, requirement.SuiteRevision });

    /// <summary>Only cases with tags or that must pass are read; most have neither.</summary>
    public static async Task<CaseFacts[]> ListCasesAsync(DbWork db, Requirement requirement, int count)
    {
        var cases = new CaseFacts[count];
        Array.Fill(cases, Unnamed);
        var rows = await db.QueryAsync<CaseFactsRow>(
            SqlQuery.ListCaseFacts, new { requirement.SuiteId, Revision = requirement.SuiteRevision, All = requirement.MustPass.Count > 0 });
        foreach (var row in rows)
            cases[row.Ordinal - 1] = row.ToFacts();
        return cases;
    }
}

/// <summary>The stored requirements of a version: the round and its requirements.</summary>
internal sealed record GateRecord(VersionGate Gate, IReadOnlyList<Requirement> Requirements);

/// <summary>What the evidence says of a version now, with all that it is based on.</summary>
internal sealed record VersionStanding
{
    /// <summary>The round.</summary>
    public required VersionGate Gate { get; init; }

    /// <summary>The verdict, of each requirement and of the whole.</summary>
    public required GateStanding Standing { get; init; }

    /// <summary>The evidence of each requirement, in order.</summary>
    public required IReadOnlyList<RequirementEvidence> Evidence { get; init; }

    /// <summary>The looks of each requirement, by its ordinal; oldest first, void ones among them.</summary>
    public IReadOnlyDictionary<int, IReadOnlyList<Look>> Looks => Evidence.ToDictionary(one => one.Requirement.Ordinal, one => one.Looks);

    /// <summary>By requirement: runs that were cancelled or failed although answers had come, the newest first.</summary>
    public required IReadOnlyDictionary<int, IReadOnlyList<UnfinishedRun>> Unfinished { get; init; }

    /// <summary>Pending and running runs of required suite revisions.</summary>
    public required IReadOnlyList<EvaluationRun> LiveRuns { get; init; }

    /// <summary>The evaluation status that follows.</summary>
    public EvalStatus EvalStatus => Standing.EvalStatus(LiveRuns.Count > 0);

    /// <returns>Why the evidence does not allow a transition: the requirement, its figures and the remedy; null when it does, or the transition asks for none.</returns>
    public string? FindError(LifecycleState from, LifecycleState to) =>
        FindShortError(from, to) is { } error ? $"{error} {Standing.Reason}{(Remedy is { } remedy ? $" {remedy}" : "")}" : null;

    /// <returns>The same in one sentence, where the requirements are shown next to it.</returns>
    public string? FindShortError(LifecycleState from, LifecycleState to) => to is not (LifecycleState.Candidate or LifecycleState.Approved) || EvalStatus == EvalStatus.Pass
        ? null
        : $"{StoredWord.Of(from)} → {StoredWord.Of(to)} needs evalStatus PASS; this version has {StoredWord.Of(EvalStatus)}.";

    /// <summary>What to do next, in one sentence; null when nothing is missing.</summary>
    public string? Remedy
    {
        get
        {
            if (LiveRuns.Count > 0)
                return $"Wait for {Plural.Of(LiveRuns.Count, "run")} {string.Join(", ", LiveRuns.Select(run => run.Id))} to end.";
            if (Standing.Requirements.Count == 0)
                return "Store the requirements again: require it again.";
            return Standing.Verdict switch
            {
                GateVerdict.Pass => null,
                GateVerdict.Inconclusive => "Evaluate the version once more with the suite named: every look counts.",
                _ => "Create a new version that does better; a look that is wrong for a reason outside the version can be declared void, with that reason.",
            };
        }
    }
}

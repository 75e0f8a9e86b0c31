using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Tests.Support;

/// <summary>Test data: some tenant, some suite, some version, for tests that do not depend on their details.</summary>
internal sealed class Some(EvaluationDatabase database)
{
    public const string Owner = "test:1:abc";
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);
    private int _next;

    internal TenantRepository Tenants { get; } = new(database);

    internal EvaluationSuiteRepository Suites { get; } = new(database);

    internal AgentVersionRepository Versions { get; } = new(database);

    internal EvaluationRunRepository Runs { get; } = new(database);

    internal RunListRepository RunLists { get; } = new(database);

    internal RunClaimRepository Claims { get; } = new(database);

    internal RunLeaseRepository Leases { get; } = new(database);

    internal RunRescueRepository Rescues { get; } = new(database);

    internal DispatchRepository Dispatches { get; } = new(database);

    internal ChangeRecordRepository Changes { get; } = new(database);

    public static Genome Genome(string target = """{"type":"scripted"}""") => EvalJobs.Domain.Genome.Parse($$"""{"target":{{target}}}""");

    /// <summary>A genome that asks this server over HTTP.</summary>
    public static Genome HttpGenome(TestAgentServer agent) => Genome($$"""{"type":"http","url":"{{agent.Url}}","replyPath":"reply"}""");

    public static async IAsyncEnumerable<TestCase> Cases(int count, string scoring = "exact_match")
    {
        for (var ordinal = 1; ordinal <= count; ordinal++)
        {
            yield return new TestCase
            {
                Ordinal = ordinal,
                CaseKey = $"case-{ordinal}",
                Input = $"question {ordinal}",
                ExpectedOutput = $"answer {ordinal}",
                Scoring = ScoringSpec.Parse(scoring).Json,
            };
        }

        await Task.CompletedTask;
    }

    public static TestCaseResult Result(long caseId, CaseVerdict verdict = CaseVerdict.Passed) => new()
    {
        TestCaseId = caseId,
        Verdict = verdict,
        Score = verdict switch { CaseVerdict.Passed => 1, CaseVerdict.Failed => 0, _ => null },
        Output = "out",
        DurationMs = 5,
    };

    public Task<Tenant> TenantAsync(string? slug = null, TenantLimits? limits = null)
    {
        slug ??= $"tenant-{Interlocked.Increment(ref _next)}";
        return Tenants.AddAsync(slug, slug, limits ?? new TenantLimits(), "test", CancellationToken.None);
    }

    public async Task<EvaluationSuite> SuiteAsync(Tenant tenant, int cases = 3, double threshold = 0.8, string scoring = "exact_match") =>
        (await Suites.SaveAsync(
            tenant.Id, new SuiteDraft { Name = "suite", PassThreshold = threshold, IsDefault = true }, Cases(cases, scoring), "test", CancellationToken.None)).Suite;

    public Task<AgentVersion> VersionAsync(Tenant tenant, Genome? genome = null) =>
        Versions.CreateAsync(
            tenant.Id, "agent", $"v{Interlocked.Increment(ref _next)}", genome ?? Genome(), null, "test", CancellationToken.None);

    /// <summary>Runs that are not archived, as they are stored, newest first.</summary>
    internal async Task<IReadOnlyList<EvaluationRun>> RunsAsync(RunListFilter filter, int limit)
    {
        var runs = new List<EvaluationRun>();
        foreach (var row in (await RunLists.ListAsync(filter, limit, CancellationToken.None)).Where(row => row.ArchivedAt is null))
            runs.Add(await Runs.GetAsync(row.Id, CancellationToken.None));
        return runs;
    }

    /// <summary>A version that has just entered TESTING, with its pending run.</summary>
    public async Task<EvaluationRun> PendingRunAsync(Tenant tenant, int priority = 0, Genome? genome = null)
    {
        var version = await VersionAsync(tenant, genome);
        return (await Versions.TransitionAsync(version.Id, LifecycleState.Testing, null, priority, "test", CancellationToken.None)).Run!;
    }

    /// <summary>A tenant with its suite and this number of pending runs.</summary>
    public async Task<Tenant> TenantWithRunsAsync(int runs, int cases = 3, string? slug = null, Genome? genome = null, string scoring = "exact_match")
    {
        var tenant = await TenantAsync(slug);
        await SuiteAsync(tenant, cases, scoring: scoring);
        for (var index = 0; index < runs; index++)
            await PendingRunAsync(tenant, genome: genome);
        return tenant;
    }

    /// <summary>A batch of the tenant that a worker has started.</summary>
    internal async Task<TenantBatch> LiveBatchAsync(Tenant tenant, string owner = Owner)
    {
        var id = await Dispatches.ReserveBatchAsync(null, tenant, owner, Lease, CancellationToken.None);
        return (await Dispatches.BeginBatchAsync(id!.Value, owner, Lease, CancellationToken.None))!;
    }

    /// <summary>Ends this batch and starts the tenant's next one, because a batch claims a run only once.</summary>
    internal async Task<TenantBatch> NextBatchAsync(TenantBatch batch, BatchCounts counts = default)
    {
        await Dispatches.FinishBatchAsync(batch, BatchStatus.Completed, counts, null, CancellationToken.None);
        return await LiveBatchAsync(await Tenants.GetAsync(batch.TenantId, CancellationToken.None));
    }

    internal Task<IReadOnlyList<EvaluationRun>> ClaimAsync(TenantBatch batch, int limit = 5) =>
        Claims.ClaimPendingAsync(batch, limit, ClaimOrder.ByPriority, Lease, CancellationToken.None);

    /// <summary>One run, claimed by a live batch.</summary>
    public async Task<EvaluationRun> ClaimedRunAsync(int cases = 3)
    {
        var tenant = await TenantWithRunsAsync(1, cases);
        return (await ClaimAsync(await LiveBatchAsync(tenant))).Single();
    }

    /// <summary>The tenant's only run, claimed by the batch after the given one.</summary>
    internal async Task<EvaluationRun> ClaimAgainAsync(EvaluationRun run)
    {
        await Dispatches.AbandonExpiredBatchesAsync(CancellationToken.None);
        return (await ClaimAsync(await LiveBatchAsync(await Tenants.GetAsync(run.TenantId, CancellationToken.None)))).Single();
    }

    /// <summary>Rescues all runs with an expired lease, in as many steps as needed.</summary>
    internal async Task<Rescue> RescueAsync(int poisonDeaths, TimeSpan backoff)
    {
        var total = Rescue.Nothing;
        await foreach (var step in Rescues.RescueExpiredAsync(poisonDeaths, backoff, CancellationToken.None))
            total = total.And(step);
        return total;
    }

    public async Task<List<TestCase>> UnansweredAsync(long runId)
    {
        var cases = new List<TestCase>();
        await foreach (var testCase in Claims.ReadUnansweredCasesAsync(runId, 0, CancellationToken.None))
            cases.Add(testCase);
        return cases;
    }
}

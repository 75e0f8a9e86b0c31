using EvalJobs.Domain;

namespace EvalJobs.Tests.Support;

/// <summary>Data of a whole server for the dashboard: ended, failed, running and pending runs, a backlog, and hostile names.</summary>
public sealed class SomeDashboard
{
    public const string Script = "<script>window.hacked=1</script><img src=x onerror=\"window.hacked=1\">";
    public const string RightToLeft = "‮مرحبا بالعالم‬";
    public const string Emoji = "👩‍👩‍👧‍👦🇨🇭";
    public const int Megabyte = 1_000_000;

    private readonly Some _some;

    private SomeDashboard(Some some) => _some = some;

    public Tenant Acme { get; private set; } = null!;

    public Tenant Backlog { get; private set; } = null!;

    public Tenant Hostile { get; private set; } = null!;

    /// <summary>Completed, with every verdict.</summary>
    public EvaluationRun Completed { get; private set; } = null!;

    /// <summary>Running, half its cases answered.</summary>
    public EvaluationRun Running { get; private set; } = null!;

    /// <summary>Failed permanently.</summary>
    public EvaluationRun Failed { get; private set; } = null!;

    /// <summary>Completed. Every text in it is hostile or far too long.</summary>
    public EvaluationRun HostileRun { get; private set; } = null!;

    public static async Task<SomeDashboard> AddAsync(RunningServer server)
    {
        var some = server.Some;
        var dashboard = new SomeDashboard(some);
        await dashboard.AddAcmeAsync();

        // No worker renews the leases, and a fixture may take longer than a normal lease.
        await server.Database.ExecuteAsync("UPDATE EvaluationRun SET LeaseUntil = LeaseUntil + 3600000 WHERE LeaseUntil IS NOT NULL");

        // In a pool without workers, so its runs stay pending.
        dashboard.Backlog = await some.TenantWithRunsAsync(23, slug: "backlog");
        await some.Tenants.SetLimitsAsync(dashboard.Backlog.Id, new TenantLimits(WorkerPool: "gpu"), "test", CancellationToken.None);
        await dashboard.AddHostileAsync(server.Database);
        return dashboard;
    }

    private async Task AddAcmeAsync()
    {
        Acme = await _some.Tenants.AddAsync("acme", "Acme Corp", new TenantLimits(BatchLimit: 10), "test", CancellationToken.None);
        await _some.SuiteAsync(Acme, cases: 12);
        for (var index = 0; index < 3; index++)
            await _some.PendingRunAsync(Acme);
        var batch = await _some.LiveBatchAsync(Acme);
        await _some.Dispatches.SetJobAsync(batch.Id, "00000000-0000-0000-0000-000000000001", CancellationToken.None);

        var runs = await _some.ClaimAsync(batch, 3);
        Completed = await CompleteAsync(runs[0], ordinal => ordinal switch
        {
            9 => (CaseVerdict.Failed, "answer number nine", null),
            10 => (CaseVerdict.Failed, "something else altogether", null),
            11 => (CaseVerdict.Errored, null, "The agent took longer than 1 min."),
            12 => (CaseVerdict.Unscored, "answer", "The judge's verdict cannot be read."),
            _ => (CaseVerdict.Passed, $"answer {ordinal}", null),
        });
        Failed = runs[1];
        await _some.Claims.FailAttemptAsync(Failed, "None of the 12 cases got a useful answer.", 1, TimeSpan.Zero, isPermanent: true, CancellationToken.None);
        Running = runs[2];
        await _some.Claims.SaveResultsAsync(
            Running, [.. (await _some.UnansweredAsync(Running.Id)).Take(6).Select(each => Some.Result(each.Id))], CancellationToken.None);
        await _some.Dispatches.FinishBatchAsync(batch, BatchStatus.Completed, new BatchCounts(3, 1, 1, 1), null, CancellationToken.None);
    }

    private async Task AddHostileAsync(TestDatabase database)
    {
        Hostile = await _some.Tenants.AddAsync("hostile", $"{Script} {Emoji}", new TenantLimits(), "test", CancellationToken.None);
        await _some.Suites.SaveAsync(
            Hostile.Id, new SuiteDraft { Name = $"suite {Script}", IsDefault = true }, HostileCases(), "test", CancellationToken.None);
        var version = await _some.Versions.CreateAsync(
            Hostile.Id, $"agent {Script}", $"v {Emoji}", Some.Genome(), null, Script, CancellationToken.None);
        await _some.Versions.TransitionAsync(version.Id, LifecycleState.Testing, null, 0, $"web:{Script}", CancellationToken.None);

        // Names that change the writing direction are rejected today, but older data may contain them.
        await database.ExecuteAsync("UPDATE Tenant SET Name = @Name WHERE Id = @Id", new { Name = $"{Script} {RightToLeft} {Emoji}", Hostile.Id });
        await database.ExecuteAsync("UPDATE EvaluationSuite SET Name = @Name WHERE TenantId = @Id", new { Name = $"suite {Script} {RightToLeft}", Hostile.Id });
        await database.ExecuteAsync("UPDATE AgentVersion SET VersionLabel = @Label WHERE TenantId = @Id", new { Label = $"v {Emoji} {RightToLeft}", Hostile.Id });
        Hostile = await _some.Tenants.GetAsync(Hostile.Id, CancellationToken.None);

        var batch = await _some.LiveBatchAsync(Hostile);
        var run = (await _some.ClaimAsync(batch)).Single();
        HostileRun = await CompleteAsync(run, ordinal => ordinal switch
        {
            1 => (CaseVerdict.Failed, $"{Script} {RightToLeft} {Emoji} and more", Script),
            2 => (CaseVerdict.Failed, new string('x', Megabyte), null),
            _ => (CaseVerdict.Errored, null, $"{Script}\u001b[31m{RightToLeft}"),
        });
        await _some.Dispatches.FinishBatchAsync(batch, BatchStatus.Failed, new BatchCounts(1, 1), Script, CancellationToken.None);
    }

    private static async IAsyncEnumerable<TestCase> HostileCases()
    {
        yield return new TestCase { Ordinal = 1, CaseKey = $"k {Script}", Name = $"{Script} {RightToLeft}", Input = Script, ExpectedOutput = $"{Script} {RightToLeft} {Emoji}" };
        yield return new TestCase { Ordinal = 2, CaseKey = "long", Name = new string('y', 300), Input = new string('z', Megabyte), ExpectedOutput = string.Join(' ', Enumerable.Repeat("word", 200_000)) };
        yield return new TestCase { Ordinal = 3, CaseKey = "error", Input = "</textarea></pre></details>", ExpectedOutput = null };
        await Task.CompletedTask;
    }

    private async Task<EvaluationRun> CompleteAsync(EvaluationRun run, Func<int, (CaseVerdict Verdict, string? Output, string? Error)> answer)
    {
        var results = (await _some.UnansweredAsync(run.Id)).Select(each =>
        {
            var (verdict, output, error) = answer(each.Ordinal);
            return Some.Result(each.Id, verdict) with { Output = output, Error = error, DurationMs = 100 * each.Ordinal };
        });
        await _some.Claims.SaveResultsAsync(run, [.. results], CancellationToken.None);
        await _some.Claims.CompleteAsync(run, CancellationToken.None);
        return await _some.Runs.GetAsync(run.Id, CancellationToken.None);
    }
}

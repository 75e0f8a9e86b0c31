using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Tests.Support;

/// <summary>A version that passed a policy with every kind of rule, with a voided look, a tag, a must-pass case and a baseline.</summary>
internal sealed class SomePromotion(EvaluationDatabase database, Some some)
{
    private const string Policy = """
        {"requirements":[
          {"suite":"suite","threshold":0.5,"tags":{"safety":0.5},"mustPass":["case-1"]},
          {"suite":"evidence","rule":"evidence","threshold":0.2},
          {"suite":"suite","rule":"not_worse","margin":0.9,"baseline":"base"}],
         "approval":{"secondPerson":true}}
        """;

    private readonly PromotionRepository _promotion = new(database);
    private Tenant _tenant = null!;

    public long VersionId { get; private set; }

    public long BaselineId { get; private set; }

    /// <summary>The run that counts for the first requirement.</summary>
    public long CountingRunId { get; private set; }

    /// <summary>A version in TESTING that meets all requirements.</summary>
    public async Task<SomePromotion> TestedAsync(string? slug = null)
    {
        _tenant = await some.TenantAsync(slug);
        await SuiteAsync("suite", isDefault: true);
        var baseline = await some.Versions.CreateAsync(_tenant.Id, "agent", "base", Some.Genome(), null, "cli:alice", CancellationToken.None);
        BaselineId = baseline.Id;
        await RunAsync((await some.Versions.TransitionAsync(baseline.Id, LifecycleState.Testing, null, 0, "cli:alice", CancellationToken.None)).Run!, passed: 5);

        await SuiteAsync("evidence", isDefault: false);
        await _promotion.SetPolicyAsync(_tenant.Id, "", Policy, null, "web:dora", CancellationToken.None);
        var version = await some.Versions.CreateAsync(
            _tenant.Id, "agent", "next", Genome.Parse("""{ "target": {"type":"scripted"}, "prompt": "answer €" }"""), baseline.Id, "cli:alice", CancellationToken.None);
        VersionId = version.Id;
        var moved = await some.Versions.TransitionAsync(version.Id, LifecycleState.Testing, null, 0, "cli:alice", CancellationToken.None);
        foreach (var run in moved.Runs)
            await RunAsync(run, passed: 0);
        foreach (var run in moved.Runs)
        {
            await _promotion.VoidAsync(run.Id, "wrong key €", "web:alice", CancellationToken.None);
            var again = await some.Runs.CreateAsync(version.Id, run.SuiteId, 0, RunTrigger.Manual, "cli:alice", CancellationToken.None);
            await RunAsync(again, passed: 5);
            if (run == moved.Runs[0])
                CountingRunId = again.Id;
        }

        return this;
    }

    /// <summary>An APPROVED version with two certificates.</summary>
    public async Task<SomePromotion> ApprovedAsync(string? slug = null)
    {
        await TestedAsync(slug);
        await some.Versions.TransitionAsync(VersionId, LifecycleState.Candidate, null, 0, "cli:alice", CancellationToken.None);
        await some.Versions.TransitionAsync(VersionId, LifecycleState.Approved, null, 0, "web:bob", CancellationToken.None);
        return this;
    }

    private Task<SavedSuite> SuiteAsync(string name, bool isDefault) => some.Suites.SaveAsync(
        _tenant.Id, new SuiteDraft { Name = name, PassThreshold = 0.5, IsDefault = isDefault },
        Some.Cases(6).Select(each => each with { Tags = each.Ordinal > 3 ? """["safety"]""" : "[]" }), "cli:alice", CancellationToken.None);

    private async Task RunAsync(EvaluationRun run, int passed)
    {
        var batch = await some.LiveBatchAsync(_tenant);
        await some.Runs.SetPriorityAsync(run.Id, RunPriority.Highest, "cli:alice", CancellationToken.None);
        var claim = (await some.ClaimAsync(batch, 1)).Single();
        var cases = await some.UnansweredAsync(claim.Id);
        await some.Claims.SaveResultsAsync(claim, [.. cases.Select((each, i) => Some.Result(each.Id, i < passed ? CaseVerdict.Passed : CaseVerdict.Failed) with
        {
            Output = $"answer {i} €", Error = i == 5 ? "a remark" : null, InputTokens = 7, OutputTokens = i, Cost = 0.25,
        })], CancellationToken.None);
        await some.Claims.CompleteAsync(claim, CancellationToken.None);
        await some.Dispatches.FinishBatchAsync(batch, BatchStatus.Completed, default, null, CancellationToken.None);
    }
}

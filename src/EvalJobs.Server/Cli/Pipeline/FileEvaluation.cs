using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Cli.Pipeline;

/// <summary>Evaluates the genome of one file with the cases of another file, in this process.</summary>
internal sealed class FileEvaluation(CommandContext context)
{
    /// <returns>The tenant of all stored data; it is added if it does not exist yet.</returns>
    public async Task<Tenant> FindTenantAsync()
    {
        try
        {
            return await context.Get<TenantRepository>().FindAsync(EvalSettings.Tenant, context.CancellationToken);
        }
        catch (NotFoundException)
        {
            return await context.Get<AddTenant>().ExecuteAsync(EvalSettings.Tenant, "Local files", null, Actor.CommandLine(), context.CancellationToken);
        }
    }

    /// <summary>Stores the cases as a suite with the name of their file. In a kept database, an unchanged file stays the same revision.</summary>
    public Task<SavedSuite> ImportAsync(SuiteImport import) => context.Get<ImportSuite>().ImportIfChangedAsync(
        import with { Name = Path.GetFileNameWithoutExtension(import.FileName).Trim() }, Actor.CommandLine(), context.CancellationToken);

    /// <summary>Asks every case and judges the replies. A baseline with a completed run in a kept database is not asked again.</summary>
    /// <exception cref="ConflictException">A run of the same genome and suite has not ended, because another process works it or was killed.</exception>
    public async Task<PipelineReport> RunAsync(Tenant tenant, SavedSuite saved, GenomeFile candidate, GenomeFile? baseline)
    {
        var earlier = baseline is null ? null : await FindCompletedAsync(tenant, saved.Suite, baseline);
        var ids = new List<long> { await RequestAsync(tenant, saved.Suite, candidate) };
        if (baseline is not null && earlier is null)
            ids.Add(await RequestAsync(tenant, saved.Suite, baseline));

        using var counter = new CaseCounter();
        var ended = await WorkProgress.ShowAsync(context, ids.Count * saved.CaseCount, answered =>
        {
            counter.Counted = () => answered(counter.Count);
            return new LocalWork(context).WorkAsync(tenant, ids);
        });
        return await ReportAsync(ended[0], earlier ?? ended.ElementAtOrDefault(1), saved.Suite, candidate, baseline);
    }

    private async Task<long> RequestAsync(Tenant tenant, EvaluationSuite suite, GenomeFile file)
    {
        var version = await FindVersionAsync(tenant, file) ?? (await context.Get<CreateVersion>().ExecuteAsync(
            new NewVersion { TenantId = tenant.Id, AgentName = file.AgentName, Label = file.Label, Genome = file.Genome },
            Actor.CommandLine(), context.CancellationToken)).Version;
        return (await context.Get<RequestRun>().ExecuteAsync(version.Id, suite.Id, 0, Actor.CommandLine(), context.CancellationToken)).Id;
    }

    private async Task<AgentVersion?> FindVersionAsync(Tenant tenant, GenomeFile file)
    {
        try
        {
            return await context.Get<AgentVersionRepository>().FindAsync(tenant.Id, file.AgentName, file.Label, context.CancellationToken);
        }
        catch (NotFoundException)
        {
            return null;
        }
    }

    private async Task<EvaluationRun?> FindCompletedAsync(Tenant tenant, EvaluationSuite suite, GenomeFile file)
    {
        if (await FindVersionAsync(tenant, file) is not { } version)
            return null;
        var runs = await context.Get<RunListRepository>().ListAsync(
            new RunListFilter { TenantIds = [tenant.Id], VersionId = version.Id, SuiteId = suite.Id, Status = RunStatus.Completed }, 1, context.CancellationToken);
        return runs is [var latest] && latest.SuiteRevision == suite.Revision
            ? await context.Get<EvaluationRunRepository>().GetAsync(latest.Id, context.CancellationToken)
            : null;
    }

    private async Task<PipelineReport> ReportAsync(EvaluationRun run, EvaluationRun? baselineRun, EvaluationSuite suite, GenomeFile candidate, GenomeFile? baseline)
    {
        var report = await SuiteReport.ReadAsync(
            context.Get<EvaluationRunRepository>(), context.Get<RunComparisonRepository>(), new NamedRun(run, candidate.File.Name),
            baselineRun is null ? null : new NamedRun(baselineRun, NameOf(baseline!, candidate)), suite.Name, context.CancellationToken);
        var (verdict, reason) = PipelineReport.Decide(report.Run);
        return new PipelineReport { Title = $"{candidate.File.Name} on {suite.Name}", Verdict = verdict, Reason = reason, Suites = [report] };
    }

    private static string NameOf(GenomeFile baseline, GenomeFile candidate) =>
        baseline.File.Name == candidate.File.Name ? $"{baseline.File.Name} (baseline)" : baseline.File.Name;
}

using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Cli.Pipeline;

/// <summary>The gate on a database: creates the evidence that a version's requirements need, and returns the verdict.</summary>
internal sealed class LocalGate(CommandContext context)
{
    /// <summary>The version whose runs in progress were created by this command; null before it creates any.</summary>
    private long? _ownVersionId;

    private CancellationToken Cancelled => context.CancellationToken;

    /// <summary>Creates the version and its runs if they are missing, works the runs or waits for the server that works them, and reads the standing.</summary>
    /// <exception cref="NotFoundException">There is no such version, suite or baseline.</exception>
    /// <exception cref="ConflictException">The version exists with another genome, or has no requirements.</exception>
    public async Task<PipelineReport> RunAsync(GateRequest request)
    {
        try
        {
            return await EvaluateAsync(request);
        }
        catch (OperationCanceledException) when (!request.IsDetached)
        {
            await CancelOwnAsync();
            throw;
        }
    }

    private async Task<PipelineReport> EvaluateAsync(GateRequest request)
    {
        // Checked before anything is created, so that nothing is stored for a wrong name.
        var tenant = await context.Get<TenantRepository>().FindAsync(request.TenantSlug, Cancelled);
        var suiteId = await VersionCommands.FindSuiteAsync(context, tenant.Id, request.SuiteName);
        if (request.BaselineLabel is not null)
            await context.Get<AgentVersionRepository>().FindAsync(tenant.Id, request.AgentName, request.BaselineLabel, Cancelled);

        var version = await FindOrCreateAsync(tenant, request);
        var runs = await EnsureRunsAsync(version, suiteId);
        if (runs.Count > 0)
            await WorkAsync(tenant, runs);

        // The state may have changed: the version entered TESTING.
        version = await context.Get<AgentVersionRepository>().GetAsync(version.Id, Cancelled);
        var standing = await context.Get<PromotionRepository>().FindStandingAsync(version.Id, Cancelled)
            ?? throw new ConflictException($"Nothing is required of version {version.VersionLabel} of {version.AgentName}: its requirements are stored when it enters TESTING.");
        return await ReportAsync(request, version, standing);
    }

    private async Task<AgentVersion> FindOrCreateAsync(Tenant tenant, GateRequest request)
    {
        var label = request.EffectiveLabel;
        try
        {
            var found = await context.Get<AgentVersionRepository>().FindAsync(tenant.Id, request.AgentName, label, Cancelled);
            return request.Genome is null || request.Genome.Hash == found.GenomeHash
                ? found
                : throw new ConflictException($"Version {label} of {request.AgentName} is there with another genome: a change is a new version, so give it another label.");
        }
        catch (NotFoundException) when (request.Genome is not null)
        {
            return (await context.Get<CreateVersion>().ExecuteAsync(
                new NewVersion { TenantId = tenant.Id, AgentName = request.AgentName, Label = label, Genome = request.Genome, ParentLabel = request.BaselineLabel },
                Actor.CommandLine(), Cancelled)).Version;
        }
    }

    /// <returns>The runs to wait for: those in progress, or else new ones if the standing is not decided.</returns>
    private async Task<IReadOnlyList<EvaluationRun>> EnsureRunsAsync(AgentVersion version, long? suiteId)
    {
        if (version.LifecycleState == LifecycleState.Draft)
        {
            // Set before the change, because after an interruption it is not known whether the change was made.
            _ownVersionId = version.Id;
            await context.Get<TransitionVersion>().ExecuteAsync(version.Id, LifecycleState.Testing, suiteId, 0, Actor.CommandLine(), Cancelled);
        }

        if (await context.Get<PromotionRepository>().FindStandingAsync(version.Id, Cancelled) is not { } standing)
            return [];
        if (standing.LiveRuns.Count > 0 || version.LifecycleState is not (LifecycleState.Draft or LifecycleState.Testing))
            return standing.LiveRuns;

        // One more look for each requirement that is not decided. Decided ones are not asked again.
        var undecided = standing.Standing.Requirements
            .Where(each => GateDecision.IsOpen(each.Verdict, each.LookCount, each.FailedRunId))
            .Select(each => each.Requirement).DistinctBy(each => each.SuiteId).ToList();
        _ownVersionId = version.Id;
        var runs = new List<EvaluationRun>();
        foreach (var requirement in undecided)
        {
            await EnsureCurrentAsync(version, requirement);
            runs.Add(await context.Get<RequestRun>().ExecuteAsync(version.Id, requirement.SuiteId, 0, Actor.CommandLine(), Cancelled));
        }

        return runs;
    }

    /// <summary>A run asks the current revision of a suite, but only a run of the required revision counts.</summary>
    private async Task EnsureCurrentAsync(AgentVersion version, Requirement requirement)
    {
        var suite = await context.Get<EvaluationSuiteRepository>().GetAsync(requirement.SuiteId, Cancelled);
        if (suite.Revision != requirement.SuiteRevision)
        {
            throw new ConflictException(
                $"Version {version.VersionLabel} is required to pass revision {requirement.SuiteRevision} of suite '{suite.Name}', which is at revision {suite.Revision} now: 'version require --again' asks for that one.");
        }
    }

    private async Task WorkAsync(Tenant tenant, IReadOnlyList<EvaluationRun> runs)
    {
        using var counter = new CaseCounter();
        await WorkProgress.ShowAsync(context, runs.Sum(run => run.CaseCount), answered =>
        {
            counter.Counted = () => answered(counter.Count);
            return new LocalWork(context).WorkAsync(tenant, [.. runs.Select(run => run.Id)], isCancelledOnStop: false);
        });
    }

    private async Task CancelOwnAsync()
    {
        if (_ownVersionId is not { } versionId
            || await context.Get<PromotionRepository>().FindStandingAsync(versionId, CancellationToken.None) is not { } standing)
            return;
        foreach (var run in standing.LiveRuns)
        {
            try
            {
                await context.Get<CancelRun>().ExecuteAsync(run.Id, Actor.CommandLine(), CancellationToken.None);
            }
            catch (ConflictException)
            {
                // The run has just ended.
            }
        }
    }

    private async Task<PipelineReport> ReportAsync(GateRequest request, AgentVersion version, VersionStanding standing)
    {
        var baseline = await FindBaselineAsync(request, version);
        var suites = new List<SuiteReport>();
        foreach (var requirement in standing.Standing.Requirements.Select(each => each.Requirement).DistinctBy(each => each.SuiteId))
        {
            if (await FindLatestAsync(version, requirement, isCompleted: false) is not { } run)
                continue;
            var before = baseline is null ? null : await FindLatestAsync(baseline, requirement, isCompleted: true);
            suites.Add(await SuiteReport.ReadAsync(
                context.Get<EvaluationRunRepository>(), context.Get<RunComparisonRepository>(), new NamedRun(run, version.VersionLabel),
                before is null ? null : new NamedRun(before, baseline!.VersionLabel), requirement.SuiteName, Cancelled));
        }

        var evidence = standing.Standing;
        return new PipelineReport
        {
            Title = $"{version.AgentName} {version.VersionLabel}",
            Verdict = GateDecision.Of(evidence.Verdict, standing.LiveRuns.Count, [.. evidence.Requirements.Select(each => (each.LookCount, each.FailedRunId))]),
            Reason = GateReason.Of(evidence.Verdict, evidence.Reason, standing.Remedy, request.SuiteName, evidence.Requirements.Select(each => each.Requirement.SuiteName)),
            Requirements = [.. evidence.Requirements.Select(RequirementLine.Of)],
            Suites = suites,
        };
    }

    private async Task<AgentVersion?> FindBaselineAsync(GateRequest request, AgentVersion version)
    {
        var versions = context.Get<AgentVersionRepository>();
        if (request.BaselineLabel is { } label)
            return await versions.FindAsync(version.TenantId, version.AgentName, label, Cancelled);
        return version.ParentVersionId is { } parentId ? await versions.GetAsync(parentId, Cancelled) : null;
    }

    private async Task<EvaluationRun?> FindLatestAsync(AgentVersion version, Requirement requirement, bool isCompleted)
    {
        var rows = await context.Get<RunListRepository>().ListAsync(
            new RunListFilter { TenantIds = [version.TenantId], VersionId = version.Id, SuiteId = requirement.SuiteId, Status = isCompleted ? RunStatus.Completed : null }, 1, Cancelled);
        return rows is [var latest] ? await context.Get<EvaluationRunRepository>().GetAsync(latest.Id, Cancelled) : null;
    }
}

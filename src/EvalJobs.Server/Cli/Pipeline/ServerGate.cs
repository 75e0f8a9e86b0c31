using System.Text.Json;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Cli.Pipeline;

/// <summary>The gate on a server, through its HTTP API. It does what <see cref="LocalGate"/> does on a database.</summary>
internal sealed class ServerGate(CommandContext context, ApiClient api)
{
    private const int ComparedCases = 500;
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20);

    /// <summary>The version whose runs in progress were created by this command; null before it creates any.</summary>
    private long? _ownVersionId;

    private CancellationToken Cancelled => context.CancellationToken;

    /// <inheritdoc cref="LocalGate.RunAsync"/>
    /// <exception cref="ServerUnreachableException">The server does not answer.</exception>
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
        var suites = await ListAsync<ApiSuite>($"/suites?tenant={Escape(request.TenantSlug)}&limit=500");
        var suite = request.SuiteName is null ? null : suites.Find(each => each.Name == request.SuiteName)
            ?? throw new NotFoundException($"The tenant '{request.TenantSlug}' has no suite '{request.SuiteName}'.");
        var baseline = request.BaselineLabel is null ? null : await FindVersionAsync(request, request.BaselineLabel)
            ?? throw new NotFoundException($"The agent '{request.AgentName}' has no version '{request.BaselineLabel}'.");

        var (version, isNew) = await FindOrCreateAsync(request);
        var runs = await EnsureRunsAsync(version, isNew, suite, suites);
        var ended = runs.Count == 0 ? [] : await WaitAsync(runs);
        if (!request.IsDetached && ended.Any(run => run.IsOutOfReach))
            await CancelOwnAsync();

        var standing = await GetAsync<ApiStanding>($"/versions/{version.Id}/standing");
        if (standing.Verdict is null)
            throw new ConflictException($"Nothing is required of version {version.Label} of {version.Agent}: its requirements are stored when it enters TESTING.");
        if (baseline is null && version.ParentVersionId is { } parentId)
            baseline = await GetAsync<ApiVersion>($"/versions/{parentId}");
        return await ReportAsync(request, version, baseline, standing, ended);
    }

    private async Task<ApiVersion?> FindVersionAsync(GateRequest request, string label) =>
        (await ListAsync<ApiVersion>($"/versions?tenant={Escape(request.TenantSlug)}&agent={Escape(request.AgentName)}&label={Escape(label)}&limit=500")).Find(each => each.Label == label);

    private async Task<(ApiVersion Version, bool IsNew)> FindOrCreateAsync(GateRequest request)
    {
        var label = request.EffectiveLabel;
        if (await FindVersionAsync(request, label) is { } found)
        {
            return request.Genome is null || request.Genome.Hash == found.GenomeHash
                ? (found, false)
                : throw new ConflictException($"Version {label} of {request.AgentName} is there with another genome: a change is a new version, so give it another label.");
        }

        if (request.Genome is null)
            throw new NotFoundException($"There is no version {label} of {request.AgentName}.");
        var created = await api.PostAsync<ApiVersionWithRuns>(
            "/versions",
            new { tenant = request.TenantSlug, agent = request.AgentName, label, genome = JsonElement.Parse(request.Genome.Text), parent = request.BaselineLabel },
            Cancelled);
        return (created!.Version, true);
    }

    private async Task<IReadOnlyList<long>> EnsureRunsAsync(ApiVersion version, bool isNew, ApiSuite? suite, List<ApiSuite> suites)
    {
        if (isNew || version.LifecycleState == LifecycleState.Draft)
        {
            // Set before the request, because after an interruption it is not known whether the request was executed.
            _ownVersionId = version.Id;
            await api.PostAsync<ApiVersionWithRuns>($"/versions/{version.Id}/transition", new { to = "TESTING", suiteId = suite?.Id }, Cancelled);
            return (await GetAsync<ApiStanding>($"/versions/{version.Id}/standing")).LiveRuns;
        }

        var standing = await GetAsync<ApiStanding>($"/versions/{version.Id}/standing");
        if (standing.LiveRuns.Count > 0 || version.LifecycleState != LifecycleState.Testing)
            return standing.LiveRuns;

        _ownVersionId = version.Id;
        var runs = new List<long>();
        foreach (var required in standing.Requirements.Where(each => GateDecision.IsOpen(each.Verdict, each.LookCount, each.FailedRunId)).DistinctBy(each => each.Requirement.SuiteId))
        {
            var present = suites.Find(each => each.Id == required.Requirement.SuiteId);
            if (present is not null && present.Revision != required.Requirement.SuiteRevision)
                throw new ConflictException($"Version {version.Label} is required to pass revision {required.Requirement.SuiteRevision} of suite '{present.Name}', which is at revision {present.Revision} now: require it again.");
            runs.Add((await api.PostAsync<ApiRun>("/runs", new { versionId = version.Id, suiteId = required.Requirement.SuiteId }, Cancelled))!.Id);
        }

        return runs;
    }

    /// <summary>Waits until each run has ended, or waits for an agent that does not answer. The server answers as soon as a run ends.</summary>
    private Task<IReadOnlyList<ApiRun>> WaitAsync(IReadOnlyList<long> runIds) => WorkProgress.ShowAsync(context, runIds.Count, async ended =>
    {
        var runs = new List<ApiRun>();
        foreach (var runId in runIds)
        {
            // Whether the agent does not answer is checked only between two waits; usually it is known at the beginning.
            var wait = FirstWait;
            ApiRun run;
            do
            {
                run = await api.GetAsync<ApiRun>($"/runs/{runId}", wait, Cancelled);
                wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
            }
            while (RunLifecycle.IsLive(run.Status) && !run.IsOutOfReach);
            runs.Add(run);
            ended(runs.Count);
        }

        return (IReadOnlyList<ApiRun>)runs;
    }, "runs ended");

    private async Task CancelOwnAsync()
    {
        if (_ownVersionId is not { } versionId)
            return;
        var standing = await api.GetAsync<ApiStanding>($"/versions/{versionId}/standing", null, CancellationToken.None);
        foreach (var runId in standing.LiveRuns)
        {
            try
            {
                await api.PostAsync<object>($"/runs/{runId}/cancel", null, CancellationToken.None);
            }
            catch (NotAllowedException)
            {
                // The run has just ended.
            }
        }
    }

    private async Task<PipelineReport> ReportAsync(GateRequest request, ApiVersion version, ApiVersion? baseline, ApiStanding standing, IReadOnlyList<ApiRun> ended)
    {
        var reports = new List<SuiteReport>();
        foreach (var requirement in standing.Requirements.Select(each => each.Requirement).DistinctBy(each => each.SuiteId))
        {
            if (await FindLatestAsync(version, requirement, "") is { } run)
                reports.Add(await ReadAsync(run, baseline is null ? null : await FindLatestAsync(baseline, requirement, "&status=COMPLETED"), version, baseline, requirement));
        }

        return new PipelineReport
        {
            Title = $"{version.Agent} {version.Label}",
            ServerUrl = api.Url,
            Verdict = GateDecision.Of(standing.Verdict!.Value, standing.LiveRuns.Count, [.. standing.Requirements.Select(each => (each.LookCount, each.FailedRunId))]),
            Reason = ended.FirstOrDefault(run => run.IsOutOfReach) is { } waiting
                ? $"The agent is out of reach; run {waiting.Id} {(request.IsDetached || _ownVersionId is null ? "keeps waiting" : "is cancelled")}. {waiting.Error}"
                : GateReason.Of(standing.Verdict!.Value, standing.Reason ?? "", standing.Remedy, request.SuiteName, standing.Requirements.Select(each => each.Requirement.Suite)),
            Requirements = [.. standing.Requirements.Select(each => new RequirementLine(
                $"suite '{each.Requirement.Suite}' revision {each.Requirement.SuiteRevision} ({PolicyWord.Of(each.Requirement.Rule)})", each.Verdict, each.Reason, each.Passed, each.Cases))],
            Suites = reports,
        };
    }

    private async Task<SuiteReport> ReadAsync(ApiRun run, ApiRun? before, ApiVersion version, ApiVersion? baseline, ApiRequirement requirement) => new()
    {
        Run = run.Figures(version.Label, requirement.Suite),
        Baseline = before?.Figures(baseline!.Label, requirement.Suite),
        Comparison = run.Status == RunStatus.Completed && before is not null
            ? (await GetAsync<ApiComparison>($"/comparisons?baseline={before.Id}&run={run.Id}&limit={ComparedCases}")).Runs[0].Comparison()
            : null,
        NotPassed = await ListNotPassedAsync(run.Id),
        Results = () => api.ListAsync<ApiResult>($"/runs/{run.Id}/results?limit=100", Cancelled).Select(result => result.Row()),
    };

    private async Task<IReadOnlyList<CaseResultRow>> ListNotPassedAsync(long runId)
    {
        var rows = new List<CaseResultRow>();
        foreach (var verdict in (string[])["FAILED", "ERRORED", "UNSCORED"])
            rows.AddRange((await GetAsync<ApiPage<ApiResult>>($"/runs/{runId}/results?verdict={verdict}&limit={SuiteReport.ListedCases}")).Items.Select(result => result.Row()));
        return [.. rows.OrderBy(row => row.Ordinal).Take(SuiteReport.ListedCases)];
    }

    private async Task<ApiRun?> FindLatestAsync(ApiVersion version, ApiRequirement requirement, string status) =>
        (await GetAsync<ApiPage<ApiRunItem>>($"/runs?versionId={version.Id}&suiteId={requirement.SuiteId}{status}&limit=1")).Items is [var latest]
            ? await GetAsync<ApiRun>($"/runs/{latest.Id}")
            : null;

    private Task<T> GetAsync<T>(string path) => api.GetAsync<T>(path, null, Cancelled);

    private async Task<List<T>> ListAsync<T>(string path)
    {
        var items = new List<T>();
        await foreach (var item in api.ListAsync<T>(path, Cancelled))
            items.Add(item);
        return items;
    }

    private static string Escape(string text) => Uri.EscapeDataString(text);
}

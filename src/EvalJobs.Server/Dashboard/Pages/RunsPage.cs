using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Server.Dashboard.Components;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>The list of runs with their outcomes.</summary>
internal sealed class RunsPage(
    PageRequest request, RunListRepository runs, TenantRepository tenants, EvaluationSuiteRepository suites, VersionListRepository versions, DispatchRepository dispatches,
    TenantHealthRepository health, DataExporter exporter, TenantPicker picker, QueryReferences references)
{
    private const int PageSize = 50;

    /// <summary>The choice for failed runs that need action.</summary>
    internal const string NeedsAction = "NEEDS_ACTION";

    /// <summary>The choices of the filter by outcome: each word in the address with its text, which is that of the runs' badges.</summary>
    internal static readonly IReadOnlyList<(string Word, string Text)> States =
    [
        (NeedsAction, "needs action"),
        .. ((RunStatus[])[RunStatus.Pending, RunStatus.Running]).Select(Named),
        .. Enum.GetValues<RunOutcome>().Select(outcome => (StoredWord.Of(outcome), StoredWord.Of(outcome))),
        (StoredWord.Of(RunStatus.Completed), $"completed: {StoredWord.List<RunOutcome>()}"),
        .. ((RunStatus[])[RunStatus.Failed, RunStatus.Cancelled]).Select(Named),
    ];

    /// <summary>Suites and versions offered to choose from; more are reached by links.</summary>
    private const int ChoiceCount = 200;

    public async Task<IResult> ShowAsync()
    {
        var now = await health.ReadClockAsync(request.Aborted);
        if (TimePreset.Chosen(request, now) is { } address)
            return Results.Redirect(address);
        var (filter, choice, window) = await FilterAsync(now);
        var tenant = choice.Tenant;

        // One more than shown tells whether there is a next page.
        var found = request.QueryErrors.Count > 0 ? new FoundRuns([], null) : await runs.FindAsync(filter, PageSize + 1, request.Aborted);
        return Page.Of<RunsView, RunsModel>(new RunsModel
        {
            Runs = [.. found.Runs.Take(PageSize)],
            HasMore = found.Runs.Count > PageSize,
            SearchedTo = found.SearchedTo,
            Now = now,
            Filter = filter,
            Choice = choice,
            Window = window,
            Suites = tenant is null ? [] : await ListSuitesAsync(tenant, filter.SuiteId),
            Versions = tenant is null ? [] : await ListVersionsAsync(tenant, filter.VersionId),
            Batch = filter.BatchId is { } batchId ? await FindBatchAsync(batchId) : null,
        }, choice.Status);
    }

    /// <summary>The runs as a file, by the filters of the page.</summary>
    public async Task<IResult> ExportAsync(string format)
    {
        var (filter, choice, _) = await FilterAsync(await health.ReadClockAsync(request.Aborted));
        choice.Ensure();
        return Download.Of(request, "runs", format, [ExportFormat.Csv, ExportFormat.Jsonl, ExportFormat.Junit], (chosen, target) => exporter.ExportRunsAsync(filter, chosen, target, request.Aborted));
    }

    /// <returns>The filter in the page's address, without a page.</returns>
    /// <exception cref="InvalidInputException">A part of it cannot be read.</exception>
    internal async Task<RunListFilter> ReadFilterAsync()
    {
        var (filter, choice, _) = await FilterAsync(await health.ReadClockAsync(request.Aborted));
        request.EnsureQueryIsRead();
        choice.Ensure();
        return filter;
    }

    private static (string Word, string Text) Named(RunStatus status) => (StoredWord.Of(status), RunBadge.WordOf(status));

    private async Task<(RunListFilter Filter, TenantChoice Choice, TimeWindow Window)> FilterAsync(DateTimeOffset now)
    {
        var choice = await picker.ReadAsync();
        var window = TimeWindow.Of(request);
        var (afterId, beforeId) = await window.BoundsAsync(now, ago => runs.FindIdAtAsync(ago, request.Aborted));

        var state = request.QueryWord("status", [.. States.Select(each => each.Word)]);
        var filter = new RunListFilter
        {
            TenantIds = choice.Error is null ? await TenantScope.IdsAsync(request, choice.Tenant, tenants) : [],
            SuiteId = await references.SuiteAsync(choice.Tenant),
            VersionId = await references.VersionAsync(choice.Tenant),
            BatchId = request.QueryNumber("batch"),
            Status = StoredWord.Find<RunStatus>(state ?? ""),
            Outcome = StoredWord.Find<RunOutcome>(state ?? ""),
            NeedsAction = state == NeedsAction,
            AfterId = afterId,
            BeforeId = Math.Min(beforeId, request.QueryNumber("before") ?? long.MaxValue),
        };
        return (filter, choice, window);
    }

    // The chosen suite is always offered by its name, even if it is old.
    private async Task<IReadOnlyList<EvaluationSuite>> ListSuitesAsync(Tenant tenant, long? chosen)
    {
        var all = await suites.ListAsync(tenant.Id, request.Aborted);
        return [.. all.Take(ChoiceCount), .. all.Skip(ChoiceCount).Where(suite => suite.Id == chosen)];
    }

    private async Task<IReadOnlyList<VersionName>> ListVersionsAsync(Tenant tenant, long? chosen)
    {
        var newest = await versions.ListNamesAsync(tenant.Id, ChoiceCount, request.Aborted);
        if (chosen is not { } id || newest.Any(version => version.Id == id))
            return newest;
        return
        [
            .. newest,
            .. (await versions.ListAsync([id], request.Aborted)).Where(version => version.TenantSlug == tenant.Slug)
                .Select(version => new VersionName { Id = version.Id, AgentName = version.AgentName, VersionLabel = version.VersionLabel }),
        ];
    }

    private async Task<TenantBatch> FindBatchAsync(long batchId)
    {
        var batch = await dispatches.GetBatchAsync(batchId, request.Aborted);
        request.EnsureSees(await tenants.GetAsync(batch.TenantId, request.Aborted));
        return batch;
    }
}

/// <summary>What the runs page shows.</summary>
internal sealed record RunsModel
{
    /// <summary>The runs of this page.</summary>
    public required IReadOnlyList<RunRow> Runs { get; init; }

    /// <summary>Whether older ones follow.</summary>
    public required bool HasMore { get; init; }

    /// <summary>The oldest run that was read, if the search for an outcome ended before the page was full; otherwise null.</summary>
    public required long? SearchedTo { get; init; }

    /// <summary>The word of the state chosen; null for any.</summary>
    public string? State => Filter.NeedsAction ? RunsPage.NeedsAction
        : Filter.Outcome is { } outcome ? StoredWord.Of(outcome)
        : Filter.Status is { } status ? StoredWord.Of(status) : null;

    /// <summary>The database's clock.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>What is shown.</summary>
    public required RunListFilter Filter { get; init; }

    /// <summary>The tenant chosen, and what was typed.</summary>
    public required TenantChoice Choice { get; init; }

    /// <summary>The tenant chosen; null means all.</summary>
    public Tenant? Tenant => Choice.Tenant;

    /// <summary>The times chosen.</summary>
    public required TimeWindow Window { get; init; }

    /// <summary>Suites to choose from, once a tenant is chosen.</summary>
    public required IReadOnlyList<EvaluationSuite> Suites { get; init; }

    /// <summary>Versions to choose from, once a tenant is chosen.</summary>
    public required IReadOnlyList<VersionName> Versions { get; init; }

    /// <summary>The batch whose runs are shown; null when the filter has none.</summary>
    public required TenantBatch? Batch { get; init; }
}

using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Server.Dashboard.Components;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>Who changed what, and when?</summary>
internal sealed class AuditPage(PageRequest request, ChangeRecordRepository changes, TenantRepository tenants, TenantHealthRepository health, OverviewCache cache, DataExporter exporter, TenantPicker picker)
{
    private const int PageSize = 50;

    public async Task<IResult> ShowAsync()
    {
        var now = await health.ReadClockAsync(request.Aborted);
        if (TimePreset.Chosen(request, now) is { } address)
            return Results.Redirect(address);
        var (filter, choice, window) = await FilterAsync(now);
        var lacksEntity = filter is { TargetId: not null, TargetEntity: null };
        IReadOnlyList<ChangeRecord> found = lacksEntity || request.QueryErrors.Count > 0 ? [] : await changes.ListAsync(filter, PageSize + 1, request.Aborted);
        var snapshot = await cache.GetAsync();
        return Page.Of<AuditView, AuditModel>(new AuditModel
        {
            Records = [.. found.Take(PageSize)],
            HasMore = found.Count > PageSize,
            LacksEntity = lacksEntity,
            Choice = choice,
            Filter = filter,
            Window = window,
            Now = now,
            Slugs = snapshot.SlugsById,
        }, choice.Status);
    }

    /// <summary>The records as a file, by the filters of the page.</summary>
    public async Task<IResult> ExportAsync(string format)
    {
        var (filter, choice, _) = await FilterAsync(await health.ReadClockAsync(request.Aborted));
        choice.Ensure();
        if (filter is { TargetId: not null, TargetEntity: null })
            throw new InvalidInputException(AuditModel.EntityNeeded);
        return Download.Of(request, "audit", format, [ExportFormat.Csv, ExportFormat.Jsonl], (chosen, target) => exporter.ExportAuditAsync(filter, chosen, target, request.Aborted));
    }

    private async Task<(AuditFilter Filter, TenantChoice Choice, TimeWindow Window)> FilterAsync(DateTimeOffset now)
    {
        var choice = await picker.ReadAsync();

        var window = TimeWindow.Of(request);
        var (afterId, beforeId) = await window.BoundsAsync(now, ago => changes.FindIdAtAsync(ago, request.Aborted));
        var filter = new AuditFilter
        {
            TenantIds = choice.Error is null ? await TenantScope.IdsAsync(request, choice.Tenant, tenants) : [],
            Type = request.QueryWord("action", [.. AuditWords.Actions.Select(each => each.Code)]),
            TargetEntity = request.QueryWord("entity", AuditModel.Entities),
            TargetId = request.QueryNumber("id"),
            Actor = request.Query("actor"),
            AfterId = afterId,
            BeforeId = Math.Min(beforeId, request.QueryNumber("before") ?? long.MaxValue),
        };
        return (filter, choice, window);
    }
}

/// <summary>What the audit page shows.</summary>
internal sealed record AuditModel
{
    /// <summary>Said when a filter has an id, but no kind of entity.</summary>
    public const string EntityNeeded = "Choose the kind of entity, too: each kind has its own ids.";

    /// <summary>The kinds of entity in the audit trail.</summary>
    public static readonly IReadOnlyList<string> Entities =
    [
        nameof(AgentVersion), nameof(ApiKey), nameof(ChangeRecord), nameof(Dispatch), nameof(EvaluationRun), nameof(EvaluationSuite), nameof(PromotionPolicy), nameof(RunSchedule),
        nameof(Domain.Tenant), nameof(TenantBatch), ChangeRecordRepository.ServerEntity,
    ];

    /// <summary>The records of this page.</summary>
    public required IReadOnlyList<ChangeRecord> Records { get; init; }

    /// <summary>Whether older ones follow.</summary>
    public required bool HasMore { get; init; }

    /// <summary>Whether the filter has an id, but no kind of entity: then nothing is listed.</summary>
    public required bool LacksEntity { get; init; }

    /// <summary>The tenant chosen, and what was typed.</summary>
    public required TenantChoice Choice { get; init; }

    /// <summary>The tenant chosen; null means all.</summary>
    public Tenant? Tenant => Choice.Tenant;

    /// <summary>What is shown.</summary>
    public required AuditFilter Filter { get; init; }

    /// <summary>The times chosen.</summary>
    public required TimeWindow Window { get; init; }

    /// <summary>The database's clock.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Short names of tenants.</summary>
    public required IReadOnlyDictionary<long, string> Slugs { get; init; }
}

using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>Reads the data of a suite that do not belong to a revision.</summary>
internal sealed class CurrentSuiteReader(
    PageRequest request, SuiteListRepository lists, RunListRepository runs, VersionListRepository versions, RunScheduleRepository schedules, PromotionRepository promotion, ChangeHistory history)
{
    private const int RunCount = 10;
    private const int ChoiceCount = 200;
    private const int PolicyCount = 500;

    public async Task<CurrentSuite> ReadAsync(Tenant tenant, EvaluationSuite suite)
    {
        var points = await lists.ListRunsAsync([suite.Id], SuiteTrend.Length, request.Aborted);
        var planned = await schedules.ListAsync(tenant.Id, suite.Id, request.Aborted);
        return new CurrentSuite
        {
            Trend = new SuiteTrend([.. points[suite.Id]]),
            Runs = await runs.ListAsync(new RunListFilter { TenantIds = [tenant.Id], SuiteId = suite.Id }, RunCount, request.Aborted),
            Schedules = planned,
            RunWhen = planned.Count > 0 ? null : SuiteEntry.Describe(suite, await promotion.ListPresentPoliciesAsync(tenant.Id, PolicyCount, request.Aborted)),
            History = await history.ReadAsync(suite),
            Versions = await versions.ListAsync(new VersionListFilter { TenantIds = [tenant.Id] }, ChoiceCount, request.Aborted),
        };
    }
}

/// <summary>The data of a suite that do not belong to a revision.</summary>
internal sealed record CurrentSuite
{
    /// <summary>The trend of its latest runs.</summary>
    public required SuiteTrend Trend { get; init; }

    /// <summary>Its latest runs.</summary>
    public required IReadOnlyList<RunRow> Runs { get; init; }

    /// <summary>Its schedules.</summary>
    public required IReadOnlyList<RunSchedule> Schedules { get; init; }

    /// <summary>Without a schedule: the end of the sentence "The suite is run on request …". Null when it has a schedule.</summary>
    public required string? RunWhen { get; init; }

    /// <summary>Who did what to it.</summary>
    public required HistoryModel History { get; init; }

    /// <summary>Versions it can be run for, the latest first.</summary>
    public required IReadOnlyList<VersionRow> Versions { get; init; }
}

using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>What is this version, and may it be promoted?</summary>
internal sealed class VersionPage(
    PageRequest request, AgentVersionRepository versions, VersionListRepository lists, EvaluationSuiteRepository suites, RunListRepository rows, EvaluationRunRepository runs,
    RunComparisonRepository comparisons, TenantRepository tenants, TenantHealthRepository health, PromotionRepository promotion, CertificateRepository certificates, ChangeHistory history)
{
    private const int AncestorCount = 8;
    private const int ChildCount = 20;
    private const int RunCount = 10;
    private const int SuiteCount = 200;
    private const int CertificateCount = 20;

    /// <summary>Changed cases listed; all are counted.</summary>
    private const int ChangedCount = 100;

    public async Task<IResult> ShowAsync(long id)
    {
        var (tenant, version) = await FindAsync(id);
        var standing = await promotion.ReadStandingAsync(version.Id, request.Aborted);
        var ancestors = await lists.ListAncestorsAsync(version, AncestorCount, request.Aborted);
        return Page.Of<VersionView, VersionModel>(new VersionModel
        {
            Version = version,
            Tenant = tenant,
            Now = await health.ReadClockAsync(request.Aborted),
            Standing = standing,
            ComparableWithBaseline = await ListBaselinesAsync(version, standing),
            Certificates = await certificates.ListAsync(version.Id, CertificateCount, request.Aborted),

            // A genome someone tampered with need not be JSON any more.
            Genome = PrettyJson.Of(version.Genome) ?? version.Genome,
            Ancestors = ancestors,
            Children = await lists.ListAsync(new VersionListFilter { ParentVersionId = version.Id }, ChildCount, request.Aborted),
            Runs = await rows.ListAsync(new RunListFilter { TenantIds = [tenant.Id], VersionId = version.Id }, RunCount, request.Aborted),
            Suites = [.. (await suites.ListAsync(tenant.Id, request.Aborted)).OrderByDescending(suite => suite.IsDefault).Take(SuiteCount)],
            History = await history.ReadAsync(version),
            Comparison = ancestors.Count == 0 ? null : await CompareAsync(version, ancestors[0]),
        });
    }

    /// <summary>The genome, whole and as it is stored: what the hash is of.</summary>
    public async Task<IResult> ReadGenomeAsync(long id) => Page.Text((await FindAsync(id)).Version.Genome);

    private async Task<(Tenant Tenant, AgentVersion Version)> FindAsync(long id)
    {
        var version = await versions.GetAsync(id, request.Aborted);
        var tenant = await tenants.GetAsync(version.TenantId, request.Aborted);
        request.EnsureSees(tenant);
        return (tenant, version);
    }

    /// <returns>The runs that show a requirement's version beside its baseline, by the requirement's ordinal.</returns>
    private async Task<IReadOnlyDictionary<int, (long Baseline, long Run)>> ListBaselinesAsync(AgentVersion version, VersionStanding? standing)
    {
        var found = new Dictionary<int, (long, long)>();
        foreach (var required in standing?.Standing.Requirements.Select(each => each.Requirement) ?? [])
        {
            if (required.BaselineVersionId is { } baseline
                && ComparableRuns.Choose(await comparisons.ListComparableAsync(version.Id, baseline, request.Aborted), required.SuiteId) is { } pair)
                found[required.Ordinal] = (pair.BaselineRunId, pair.RunId);
        }

        return found;
    }

    private async Task<ComparisonModel> CompareAsync(AgentVersion version, VersionRow parent)
    {
        var comparable = await comparisons.ListComparableAsync(version.Id, parent.Id, request.Aborted);
        var asked = request.QueryNumber("suite");
        var chosen = ComparableRuns.Choose(comparable, asked);
        if (asked is not null && chosen is null)
            request.RejectQuery("suite", "is no suite of which this version and its parent both completed a run.");
        if (chosen is null)
            return new ComparisonModel(parent, [], null, null, null, null);

        var run = await runs.GetAsync(chosen.RunId, request.Aborted);
        var baseline = await runs.GetAsync(chosen.BaselineRunId, request.Aborted);
        return new ComparisonModel(
            parent, comparable, chosen, run, baseline, await comparisons.CompareAsync(run, baseline, ChangedCount, request.Aborted));
    }
}

/// <summary>What the page of a version shows.</summary>
internal sealed record VersionModel
{
    /// <summary>The version.</summary>
    public required AgentVersion Version { get; init; }

    /// <summary>Its tenant.</summary>
    public required Tenant Tenant { get; init; }

    /// <summary>The database's clock.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>What the evidence says of it; null when nothing was ever required.</summary>
    public required VersionStanding? Standing { get; init; }

    /// <summary>The runs that show it beside the baseline of a requirement, by the requirement's ordinal.</summary>
    public required IReadOnlyDictionary<int, (long Baseline, long Run)> ComparableWithBaseline { get; init; }

    /// <summary>What its promotions rested on, the newest first.</summary>
    public required IReadOnlyList<StoredCertificate> Certificates { get; init; }

    /// <summary>Its genome, for reading.</summary>
    public required string Genome { get; init; }

    /// <summary>What it was derived from, the nearest first.</summary>
    public required IReadOnlyList<VersionRow> Ancestors { get; init; }

    /// <summary>What was derived from it, the latest first.</summary>
    public required IReadOnlyList<VersionRow> Children { get; init; }

    /// <summary>Its latest runs.</summary>
    public required IReadOnlyList<RunRow> Runs { get; init; }

    /// <summary>Suites it may be evaluated with, the default one first.</summary>
    public required IReadOnlyList<EvaluationSuite> Suites { get; init; }

    /// <summary>Who did what to it.</summary>
    public required HistoryModel History { get; init; }

    /// <summary>How it does beside its parent; null when it has none.</summary>
    public required ComparisonModel? Comparison { get; init; }
}

/// <summary>A version beside its parent.</summary>
/// <param name="Parent">The parent.</param>
/// <param name="Comparable">The suites both completed a run of.</param>
/// <param name="Chosen">The suite compared on; null when there is none, and all that follows too.</param>
/// <param name="Run">The version's run.</param>
/// <param name="Baseline">The parent's run.</param>
/// <param name="Result">What changed.</param>
internal sealed record ComparisonModel(
    VersionRow Parent, IReadOnlyList<ComparableRuns> Comparable, ComparableRuns? Chosen, EvaluationRun? Run, EvaluationRun? Baseline, RunComparison? Result);

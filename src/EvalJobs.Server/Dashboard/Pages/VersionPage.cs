using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>What is this version, and may it be promoted?</summary>
internal sealed class VersionPage(
    PageRequest request, AgentVersionRepository versions, VersionListRepository lists, EvaluationSuiteRepository suites, RunListRepository rows, TenantRepository tenants,
    TenantHealthRepository health, ChangeHistory history, VersionEvidenceReader evidence)
{
    private const int AncestorCount = 8;
    private const int ChildCount = 20;
    private const int RunCount = 10;
    private const int SuiteCount = 200;

    public async Task<IResult> ShowAsync(long id)
    {
        var (tenant, version) = await FindAsync(id);
        var ancestors = await lists.ListAncestorsAsync(version, AncestorCount, request.Aborted);
        return Page.Of<VersionView, VersionModel>(new VersionModel
        {
            Version = version,
            Tenant = tenant,
            Now = await health.ReadClockAsync(request.Aborted),
            Evidence = await evidence.ReadAsync(version, ancestors.Count == 0 ? null : ancestors[0]),

            // A genome someone tampered with need not be JSON any more.
            Genome = PrettyJson.Of(version.Genome) ?? version.Genome,
            Ancestors = ancestors,
            Children = await lists.ListAsync(new VersionListFilter { ParentVersionId = version.Id }, ChildCount, request.Aborted),
            Runs = await rows.ListAsync(new RunListFilter { TenantIds = [tenant.Id], VersionId = version.Id }, RunCount, request.Aborted),
            Suites = [.. (await suites.ListAsync(tenant.Id, request.Aborted)).OrderByDescending(suite => suite.IsDefault).Take(SuiteCount)],
            History = await history.ReadAsync(version),
        });
    }

    /// <summary>The whole genome as it is stored.</summary>
    public async Task<IResult> ReadGenomeAsync(long id) => Page.Text((await FindAsync(id)).Version.Genome);

    private async Task<(Tenant Tenant, AgentVersion Version)> FindAsync(long id)
    {
        var version = await versions.GetAsync(id, request.Aborted);
        var tenant = await tenants.GetAsync(version.TenantId, request.Aborted);
        request.EnsureSees(tenant);
        return (tenant, version);
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

    /// <summary>Its evidence.</summary>
    public required VersionEvidence Evidence { get; init; }

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
}

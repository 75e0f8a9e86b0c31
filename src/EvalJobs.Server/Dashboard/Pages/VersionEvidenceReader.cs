using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>Reads the evidence of a version: its standing, its certificates, and the comparison with its parent.</summary>
internal sealed class VersionEvidenceReader(
    PageRequest request, EvaluationRunRepository runs, RunComparisonRepository comparisons, PromotionRepository promotion, CertificateRepository certificates)
{
    private const int CertificateCount = 20;

    /// <summary>Changed cases listed; all are counted.</summary>
    private const int ChangedCount = 100;

    /// <param name="version">The version.</param>
    /// <param name="parent">Its parent; null when it has none.</param>
    public async Task<VersionEvidence> ReadAsync(AgentVersion version, VersionRow? parent)
    {
        var standing = await promotion.ReadStandingAsync(version.Id, request.Aborted);
        List<Requirement> requirements = [.. standing?.Standing.Requirements.Select(each => each.Requirement) ?? []];

        // Requirements often share a baseline, and it is often the parent: each version is asked for once.
        var comparable = new Dictionary<long, IReadOnlyList<ComparableRuns>>();
        foreach (var baseline in requirements.Select(each => each.BaselineVersionId).Append(parent?.Id).OfType<long>().Distinct())
            comparable[baseline] = await comparisons.ListComparableAsync(version.Id, baseline, request.Aborted);

        return new VersionEvidence
        {
            Standing = standing,
            ComparableWithBaseline = ChooseBaselines(requirements, comparable),
            Certificates = await certificates.ListAsync(version.Id, CertificateCount, request.Aborted),
            Comparison = parent is null ? null : await CompareAsync(parent, comparable[parent.Id]),
        };
    }

    /// <returns>The runs that compare a requirement's version with its baseline, by the requirement's ordinal.</returns>
    private static Dictionary<int, (long Baseline, long Run)> ChooseBaselines(
        IEnumerable<Requirement> requirements, Dictionary<long, IReadOnlyList<ComparableRuns>> comparable)
    {
        var chosen = new Dictionary<int, (long, long)>();
        foreach (var required in requirements)
        {
            if (required.BaselineVersionId is { } baseline && ComparableRuns.Choose(comparable[baseline], required.SuiteId) is { } pair)
                chosen[required.Ordinal] = (pair.BaselineRunId, pair.RunId);
        }

        return chosen;
    }

    private async Task<ComparisonModel> CompareAsync(VersionRow parent, IReadOnlyList<ComparableRuns> comparable)
    {
        var requested = request.QueryNumber("suite");
        var chosen = ComparableRuns.Choose(comparable, requested);
        if (requested is not null && chosen is null)
            request.RejectQuery("suite", "is not a suite of which this version and its parent both completed a run.");
        if (chosen is null)
            return new ComparisonModel(parent, [], null, null, null, null);

        var run = await runs.GetAsync(chosen.RunId, request.Aborted);
        var baseline = await runs.GetAsync(chosen.BaselineRunId, request.Aborted);
        return new ComparisonModel(
            parent, comparable, chosen, run, baseline, await comparisons.CompareAsync(run, baseline, ChangedCount, request.Aborted));
    }
}

/// <summary>The evidence of a version.</summary>
internal sealed record VersionEvidence
{
    /// <summary>What the evidence says of it; null when nothing was ever required.</summary>
    public required VersionStanding? Standing { get; init; }

    /// <summary>The runs that compare it with the baseline of a requirement, by the requirement's ordinal.</summary>
    public required IReadOnlyDictionary<int, (long Baseline, long Run)> ComparableWithBaseline { get; init; }

    /// <summary>What its promotions were based on, the newest first.</summary>
    public required IReadOnlyList<StoredCertificate> Certificates { get; init; }

    /// <summary>How it compares with its parent; null when it has none.</summary>
    public required ComparisonModel? Comparison { get; init; }
}

/// <summary>A version compared with its parent.</summary>
/// <param name="Parent">The parent.</param>
/// <param name="Comparable">The suites both completed a run of.</param>
/// <param name="Chosen">The suite compared on; null when there is none, and all that follows too.</param>
/// <param name="Run">The version's run.</param>
/// <param name="Baseline">The parent's run.</param>
/// <param name="Result">What changed.</param>
internal sealed record ComparisonModel(
    VersionRow Parent, IReadOnlyList<ComparableRuns> Comparable, ComparableRuns? Chosen, EvaluationRun? Run, EvaluationRun? Baseline, RunComparison? Result);

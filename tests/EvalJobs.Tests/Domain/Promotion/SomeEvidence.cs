using EvalJobs.Domain;

namespace EvalJobs.Tests.Domain.Promotion;

/// <summary>Evidence for the gate, without a database.</summary>
internal static class SomeEvidence
{
    public static Requirement Requirement(GateRule rule, double limit, int ordinal = 1) => new()
    {
        Ordinal = ordinal,
        SuiteId = ordinal,
        SuiteName = "smoke",
        SuiteRevision = 1,
        Rule = rule,
        Limit = limit,
        BaselineVersionId = rule == GateRule.NotWorse ? 1 : null,
        BaselineLabel = rule == GateRule.NotWorse ? "v1" : null,
    };

    public static IReadOnlyList<CaseFacts> Cases(int count) => [.. Enumerable.Range(1, count).Select(i => new CaseFacts($"case-{i}", [], false))];

    /// <summary>A look in which the first cases passed.</summary>
    public static Look Look(long runId, int passed, int cases) => Look(runId, new string('P', passed) + new string('F', cases - passed));

    public static Look Look(long runId, string outcomes) => new() { RunId = runId, Outcomes = outcomes };

    public static Look Void(Look look) => look with { VoidedAt = DateTimeOffset.UnixEpoch, VoidedBy = "alice", VoidReason = "wrong key" };

    public static RequirementEvidence Evidence(Requirement requirement, IReadOnlyList<CaseFacts> cases, params Look[] looks) =>
        new() { Requirement = requirement, Cases = cases, Looks = looks };

    public static RequirementStanding Judge(RequirementEvidence evidence, double alpha = 0.05) => PromotionGate.Decide([evidence], alpha).Requirements[0];
}

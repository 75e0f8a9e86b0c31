using EvalJobs.Domain;
using static EvalJobs.Tests.Domain.Promotion.SomeEvidence;

namespace EvalJobs.Tests.Domain.Promotion;

/// <summary>Simulates agents with a known chance of success, which pass the real gate look by look. The same seed gives the same rates.</summary>
internal static class GateSimulation
{
    private static readonly IReadOnlyList<CaseFacts> TwentyFive = Cases(25);

    /// <returns>The share of agents that are promoted after any look; each stops at its first PASS.</returns>
    public static double PromotedShare(GateRule rule, double trueRate, int agents, int looks, int seed)
    {
        var random = new Random(seed);
        var requirement = Requirement(rule, 0.8);
        return Enumerable.Range(0, agents).Count(_ =>
        {
            var seen = new List<Look>();
            while (seen.Count < looks)
            {
                seen.Add(Look(seen.Count + 1, Answers(random, 25, trueRate)));
                if (PromotionGate.Decide([Evidence(requirement, TwentyFive, [.. seen])], 0.05).Verdict == GateVerdict.Pass)
                    return true;
            }

            return false;
        }) / (double)agents;
    }

    /// <returns>The shares of comparisons that pass and fail, of one suite, when the version's true rate is the baseline's minus <paramref name="difference"/>.</returns>
    public static (double Pass, double Fail) NotWorseShares(double difference, double margin, int agents, int cases, int seed)
    {
        var random = new Random(seed);
        var facts = Cases(cases);
        var verdicts = Enumerable.Range(0, agents)
            .Select(_ => PromotionGate.Decide([Compared(random, facts, ordinal: 1, difference, margin)], 0.05).Verdict)
            .ToList();
        return (verdicts.Count(verdict => verdict == GateVerdict.Pass) / (double)agents, verdicts.Count(verdict => verdict == GateVerdict.Fail) / (double)agents);
    }

    /// <returns>The share of versions for which at least one suite is decided although each is exactly at the margin: the family-wise error rate.</returns>
    public static double FamilyError(int suites, int agents, int cases, int seed)
    {
        var random = new Random(seed);
        var facts = Cases(cases);
        return Enumerable.Range(0, agents).Count(_ =>
            PromotionGate.Decide([.. Enumerable.Range(1, suites).Select(i => Compared(random, facts, i, difference: 0.05, margin: 0.05))], 0.05)
                .Requirements.Any(requirement => requirement.Verdict != GateVerdict.Inconclusive)) / (double)agents;
    }

    private static RequirementEvidence Compared(Random random, IReadOnlyList<CaseFacts> facts, int ordinal, double difference, double margin)
    {
        // In four of five cases both are right or both are wrong. In the others exactly one is right, the version less often by the difference.
        var (before, now) = (new char[facts.Count], new char[facts.Count]);
        for (var i = 0; i < facts.Count; i++)
        {
            var draw = random.NextDouble();
            (before[i], now[i]) = draw < 0.1 + (difference / 2) ? ('P', 'F') : draw < 0.2 ? ('F', 'P') : draw < 0.8 ? ('P', 'P') : ('F', 'F');
        }

        return Evidence(Requirement(GateRule.NotWorse, margin, ordinal), facts, Look(2, new string(now))) with { BaselineLooks = [Look(1, new string(before))] };
    }

    private static string Answers(Random random, int cases, double rate) => string.Create(cases, (random, rate), static (letters, state) =>
    {
        for (var i = 0; i < letters.Length; i++)
            letters[i] = state.random.NextDouble() < state.rate ? 'P' : 'F';
    });
}

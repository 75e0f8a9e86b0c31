using System.Globalization;
using EvalJobs.Domain;
using EvalJobs.Tests.Domain.Promotion;

namespace EvalJobs.Benchmarks;

/// <summary>What the gate promotes by chance: the simulation of the tests with many more agents.</summary>
internal static class GateChances
{
    public static int Run(string[] arguments)
    {
        var agents = arguments is [var count] ? int.Parse(count, CultureInfo.InvariantCulture) : 100_000;
        Console.WriteLine($"{agents:N0} agents, up to 10 looks of 25 cases, threshold 0.8; promoted after any look:");
        foreach (var rate in (double[])[0.70, 0.75, 0.79, 0.80, 0.85, 0.90, 0.95])
        {
            var evidence = GateSimulation.PromotedShare(GateRule.Evidence, rate, agents, looks: 10, seed: 1);
            var pooled = GateSimulation.PromotedShare(GateRule.Rate, rate, agents, looks: 10, seed: 1);
            Console.WriteLine($"  true rate {rate:0.00}: evidence {evidence:P2}, rate {pooled:P2}");
        }

        var equal = GateSimulation.NotWorseShares(difference: 0, margin: 0, agents, cases: 400, seed: 1);
        var atMargin = GateSimulation.NotWorseShares(difference: 0.05, margin: 0.05, agents, cases: 400, seed: 1);
        Console.WriteLine($"not_worse, 400 cases: equal versions, margin 0: PASS {equal.Pass:P2}, FAIL {equal.Fail:P2}; worse by exactly the margin: PASS {atMargin.Pass:P2}, FAIL {atMargin.Fail:P2}");
        Console.WriteLine($"Holm, 12 suites all at the margin: family error {GateSimulation.FamilyError(12, agents / 10, 400, seed: 1):P2} of {agents / 10:N0}");
        return 0;
    }
}

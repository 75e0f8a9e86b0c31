using Dapper;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>The figures of a run as parameters of the statements that end it: the list "run figures".</summary>
internal static class RunFigures
{
    /// <param name="key">Which run; the fence, where the caller works it.</param>
    /// <param name="tally">The counts of its results.</param>
    /// <param name="passRate">0..1; null for a cancelled run: a rate of a part would be meaningless.</param>
    public static DynamicParameters With(object key, RunTally tally, double? passRate)
    {
        var parameters = new DynamicParameters(key);
        parameters.AddDynamicParams(new
        {
            PassRate = passRate,
            tally.OverallScore,
            tally.PassedCount,
            tally.FailedCount,
            tally.ErroredCount,
            tally.UnscoredCount,
            tally.CutCount,
            tally.InputTokens,
            tally.OutputTokens,
            tally.Cost,
        });
        return parameters;
    }
}

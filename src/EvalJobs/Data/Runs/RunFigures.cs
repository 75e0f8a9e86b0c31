using Dapper;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>The figures of a run as the statements that end it take them: the list "run figures".</summary>
internal static class RunFigures
{
    /// <param name="key">Which run; the fence, where the caller works it.</param>
    /// <param name="tally">What its results come to.</param>
    /// <param name="passRate">0..1; null for a run that was cancelled: a rate of a part would say nothing.</param>
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

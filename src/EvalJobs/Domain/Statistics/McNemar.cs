namespace EvalJobs.Domain;

/// <summary>
/// McNemar's test in its exact form: whether two versions differ on the same cases. Only the cases on which they disagree count; if
/// neither is better, each of those is as likely to go one way as the other.
/// </summary>
/// <remarks>Q. McNemar, "Note on the sampling error of the difference between correlated proportions or percentages", Psychometrika 12 (1947).</remarks>
internal static class McNemar
{
    /// <summary>The two-sided p-value: 2 · Σ C(n, k) / 2ⁿ for k from 0 to the smaller count, at most 1, with n the sum of both.</summary>
    /// <param name="newlyFailing">Cases that passed before and do not pass now, 0 or more.</param>
    /// <param name="newlyPassing">Cases that pass now and did not pass before, 0 or more.</param>
    /// <returns>0..1; 1 when no case differs. Small means that chance alone would rarely make such a difference.</returns>
    public static double ExactP(long newlyFailing, long newlyPassing)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(newlyFailing);
        ArgumentOutOfRangeException.ThrowIfNegative(newlyPassing);

        // From the largest term down, each from the one before: C(n, k−1) = C(n, k) · k / (n−k+1). Those too small to count are left out.
        var larger = Math.Max(newlyFailing, newlyPassing);
        var smaller = Math.Min(newlyFailing, newlyPassing);

        // Half of all outcomes, or more, are at least this extreme; logarithms would miss the 1 by their last digits.
        if (larger - smaller <= 1)
            return 1;

        var sum = 1.0;
        var term = 1.0;
        for (var k = smaller; k > 0 && term > sum * 1e-18; k--)
        {
            term *= k / (larger + smaller - k + 1.0);
            sum += term;
        }

        return Math.Min(1, 2 * Math.Exp(BinomialDistribution.LogProbability(smaller, larger, 0.5) + Math.Log(sum)));
    }
}

namespace EvalJobs.Domain;

/// <summary>
/// McNemar's test in its exact form: whether two versions differ on the same cases. Only the cases on which they disagree count; if
/// neither is better, each of those is as likely to go one way as the other.
/// </summary>
/// <remarks>Q. McNemar, "Note on the sampling error of the difference between correlated proportions or percentages", Psychometrika 12 (1947).</remarks>
public static class McNemar
{
    /// <summary>The two-sided p-value: 2 · Σ C(n, k) / 2ⁿ for k from 0 to the smaller count, at most 1, with n the sum of both.</summary>
    /// <param name="newlyFailing">Cases that passed before and do not pass now, 0 or more.</param>
    /// <param name="newlyPassing">Cases that pass now and did not pass before, 0 or more.</param>
    /// <returns>0..1; 1 when no case differs. Small means that chance alone would rarely make such a difference.</returns>
    public static double ExactP(int newlyFailing, int newlyPassing)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(newlyFailing);
        ArgumentOutOfRangeException.ThrowIfNegative(newlyPassing);

        // In logarithms: 2ⁿ leaves the range of a double from n = 1024 on. Each term comes from the one before: C(n, k) = C(n, k−1) · (n−k+1) / k.
        var n = (long)newlyFailing + newlyPassing;
        var logTerm = -n * Math.Log(2);
        var sum = Math.Exp(logTerm);
        for (long k = 1; k <= Math.Min(newlyFailing, newlyPassing); k++)
        {
            logTerm += Math.Log(n - k + 1) - Math.Log(k);
            sum += Math.Exp(logTerm);
        }

        return Math.Min(1, 2 * sum);
    }
}

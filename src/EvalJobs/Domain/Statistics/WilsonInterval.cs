namespace EvalJobs.Domain;

/// <summary>The range in which the pass rate of infinitely many such cases would be, with 95 % confidence: Wilson's score interval.</summary>
/// <param name="Low">Lower bound, 0..1.</param>
/// <param name="High">Upper bound, 0..1.</param>
/// <remarks>
/// Unlike p ± 1.96 σ it stays within 0..1, and it is useful for few cases and when none or all passed. E. B. Wilson, "Probable inference, the
/// law of succession, and statistical inference", Journal of the American Statistical Association 22 (1927).
/// </remarks>
internal readonly record struct WilsonInterval(double Low, double High)
{
    /// <summary>The normal distribution's two-sided 95 % quantile.</summary>
    private const double Z = 1.959963984540054;

    /// <returns>The interval; all of 0..1 when there are no cases.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 0 passed, or more than there are cases.</exception>
    public static WilsonInterval Of(long passed, long cases)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(passed);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(passed, cases);
        if (cases == 0)
            return new WilsonInterval(0, 1);

        double n = cases;
        var share = passed / n;
        var scale = 1 + (Z * Z / n);
        var centre = (share + (Z * Z / (2 * n))) / scale;
        var half = Z * Math.Sqrt((share * (1 - share) / n) + (Z * Z / (4 * n * n))) / scale;

        // Exact at the ends, where rounding errors would show.
        return new WilsonInterval(passed == 0 ? 0 : centre - half, passed == cases ? 1 : centre + half);
    }
}

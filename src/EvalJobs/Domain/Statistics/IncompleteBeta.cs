namespace EvalJobs.Domain;

/// <summary>The incomplete beta function's continued fraction, by itself: its large factors cancel in what it is used for.</summary>
internal static class IncompleteBeta
{
    private const double Tiny = 1e-300;

    /// <summary>
    /// ln cf in B_x(a, b) = x^a (1−x)^b / a · cf. It converges fast when x is at most (a+1)/(a+b+2), within some √(a+b) steps.
    /// </summary>
    /// <remarks>
    /// NIST Digital Library of Mathematical Functions, 8.17.22 (its factor 1/(1+…) is <c>cf</c>), evaluated by Lentz's method as modified by Thompson and
    /// Barnett. MathNet.Numerics computes only the regularised value, which leaves the range of a double for the counts of a large suite.
    /// </remarks>
    public static double LogFraction(double a, double b, double x)
    {
        var d = 1 / NotZero(1 - ((a + b) * x / (a + 1)));
        var c = 1.0;
        var result = d;
        for (double m = 1; ; m++)
        {
            var even = m * (b - m) * x / ((a + (2 * m) - 1) * (a + (2 * m)));
            d = 1 / NotZero(1 + (even * d));
            c = NotZero(1 + (even / c));
            result *= d * c;

            var odd = -(a + m) * (a + b + m) * x / ((a + (2 * m)) * (a + (2 * m) + 1));
            d = 1 / NotZero(1 + (odd * d));
            c = NotZero(1 + (odd / c));
            var factor = d * c;
            result *= factor;
            if (Math.Abs(factor - 1) < 1e-15)
                return Math.Log(result);
        }
    }

    private static double NotZero(double value) => Math.Abs(value) < Tiny ? Tiny : value;
}

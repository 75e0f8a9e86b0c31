using MathNet.Numerics.Distributions;
using MathNet.Numerics.RootFinding;

namespace EvalJobs.Domain;

/// <summary>
/// The difference of two pass rates on the same cases, baseline − version: its estimate, Tango's score interval, and the score test of one value.
/// Above 0 means that the version is worse.
/// </summary>
/// <remarks>
/// T. Tango, "Equivalence test and confidence interval for the difference in proportions for the paired-sample design", Statistics in Medicine 17 (1998).
/// The counts need not be whole: with several looks a case counts by the share of its pairs of looks that differ.
/// </remarks>
internal sealed record PairedDifference
{
    private PairedDifference(double newlyFailing, double newlyPassing, double cases) =>
        (NewlyFailing, NewlyPassing, Cases) = (newlyFailing, newlyPassing, cases);

    /// <summary>Cases that passed with the baseline and not with the version.</summary>
    public double NewlyFailing { get; }

    /// <summary>Cases that passed with the version and not with the baseline.</summary>
    public double NewlyPassing { get; }

    /// <summary>Cases both were asked.</summary>
    public double Cases { get; }

    /// <summary>The estimate of baseline − version, −1..1.</summary>
    public double Estimate => (NewlyFailing - NewlyPassing) / Cases;

    /// <exception cref="ArgumentOutOfRangeException">No case, a negative count, or more differing cases than there are.</exception>
    public static PairedDifference Of(double newlyFailing, double newlyPassing, double cases)
    {
        if (cases is not (> 0 and < double.PositiveInfinity))
            throw new ArgumentOutOfRangeException(nameof(cases), cases, "A comparison needs at least one case.");
        if (newlyFailing is not >= 0)
            throw new ArgumentOutOfRangeException(nameof(newlyFailing), newlyFailing, "A count is 0 or more.");
        if (newlyPassing is not >= 0 || newlyFailing + newlyPassing > cases * (1 + 1e-12))
            throw new ArgumentOutOfRangeException(nameof(newlyPassing), newlyPassing, "The differing cases are 0 or more, and no more than there are cases.");
        return new PairedDifference(newlyFailing, newlyPassing, cases);
    }

    /// <summary>The score statistic of "the difference is <paramref name="difference"/>": standard normal when it is, falling as it grows.</summary>
    /// <param name="difference">Above −1 and below 1.</param>
    public double Score(double difference)
    {
        var deviation = NewlyFailing - NewlyPassing - (Cases * difference);
        if (deviation == 0)
            return 0;
        var variance = Cases * ((2 * NewlyPassingShare(difference)) + (difference * (1 - difference)));
        return variance > 0 ? deviation / Math.Sqrt(variance) : deviation > 0 ? double.PositiveInfinity : double.NegativeInfinity;
    }

    /// <summary>The two-sided p-value of the score test of one difference.</summary>
    /// <param name="difference">Above −1 and below 1.</param>
    public double P(double difference) => 2 * Normal.CDF(0, 1, -Math.Abs(Score(difference)));

    /// <summary>The differences that the score test does not reject.</summary>
    /// <param name="confidence">Above 0 and below 1, such as 0.95.</param>
    /// <returns>The bounds, −1..1, to ten digits.</returns>
    public (double Low, double High) Interval(double confidence)
    {
        if (confidence is not (> 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "A confidence is above 0 and below 1.");

        var z = -Normal.InvCDF(0, 1, (1 - confidence) / 2);
        return (Bound(z), Bound(-z));
    }

    /// <summary>Where the falling statistic takes a value; the end of the range when it does not within it.</summary>
    private double Bound(double z)
    {
        const double edge = 1 - 1e-12;
        if (Score(-edge) <= z)
            return -1;
        return Score(edge) >= z ? 1 : Bisection.FindRoot(difference => Limit(Score(difference)) - z, -edge, edge, 1e-12, 200);
    }

    private static double Limit(double score) => Math.Clamp(score, -1e9, 1e9);

    /// <summary>The most likely share of newly passing cases when the difference is as given: the larger root of Tango's quadratic equation.</summary>
    private double NewlyPassingShare(double difference)
    {
        var a = 2 * Cases;
        var b = -NewlyFailing - NewlyPassing + (((2 * Cases) - NewlyFailing + NewlyPassing) * difference);
        var c = -NewlyPassing * difference * (1 - difference);
        var root = Math.Sqrt(Math.Max(0, (b * b) - (4 * a * c)));
        return b > 0 ? -2 * c / (b + root) : (root - b) / (2 * a);
    }
}

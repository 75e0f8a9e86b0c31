using System.Numerics;

namespace EvalJobs.Execution.Scoring;

/// <summary>
/// A rational number, <c>Numerator × 10^Exponent / Denominator</c>. Comparison is exact. Its cost follows the digits that were
/// written, never the size of the exponent: <c>1e999999999</c> is compared by magnitude and never written out.
/// </summary>
internal sealed class ExactNumber
{
    /// <summary>Digits one number may have. Longer ones are not read.</summary>
    public const int MaxDigits = 100_000;

    // Sums of a few exponents of this length stay far below the range of long.
    private const int MaxExponentDigits = 15;

    private readonly BigInteger _numerator;
    private readonly BigInteger _denominator;
    private readonly long _exponent;

    private ExactNumber(BigInteger numerator, long exponent, BigInteger denominator)
    {
        _numerator = numerator;
        _exponent = exponent;
        _denominator = denominator;
    }

    /// <summary>Reads a decimal number from its parts.</summary>
    /// <param name="whole">ASCII digits before the decimal point; may be empty.</param>
    /// <param name="fraction">ASCII digits after it; may be empty.</param>
    /// <param name="exponent">Optional sign and ASCII digits; may be empty.</param>
    /// <returns>Null when there are more than <see cref="MaxDigits"/> digits or the exponent has more than 15.</returns>
    public static ExactNumber? FromDecimal(ReadOnlySpan<char> whole, ReadOnlySpan<char> fraction, ReadOnlySpan<char> exponent)
    {
        fraction = fraction.TrimEnd('0');
        whole = whole.TrimStart('0');
        if (whole.Length + fraction.Length > MaxDigits)
            return null;

        var isNegative = exponent is ['-', ..];
        var power = exponent.TrimStart("+-").TrimStart('0');
        if (power.Length > MaxExponentDigits)
            return whole.IsEmpty && fraction.IsEmpty ? FromInteger(0) : null;

        var scale = power.IsEmpty ? 0 : long.Parse(power, System.Globalization.CultureInfo.InvariantCulture);
        var digits = string.Concat(whole, fraction);
        return new(
            digits.Length == 0 ? BigInteger.Zero : BigInteger.Parse(digits, System.Globalization.CultureInfo.InvariantCulture),
            (isNegative ? -scale : scale) - fraction.Length,
            BigInteger.One);
    }

    /// <summary>Reads a number in JSON's grammar.</summary>
    /// <returns>Null when it is too long; see <see cref="FromDecimal"/>.</returns>
    public static ExactNumber? FromJson(string number)
    {
        var text = number.AsSpan().TrimStart('-');
        var exponentAt = text.IndexOfAny('e', 'E');
        var mantissa = exponentAt < 0 ? text : text[..exponentAt];
        var pointAt = mantissa.IndexOf('.');
        var value = FromDecimal(
            pointAt < 0 ? mantissa : mantissa[..pointAt],
            pointAt < 0 ? "" : mantissa[(pointAt + 1)..],
            exponentAt < 0 ? "" : text[(exponentAt + 1)..]);
        return number.StartsWith('-') ? value?.Negated() : value;
    }

    /// <summary>A whole number.</summary>
    public static ExactNumber FromInteger(BigInteger value) => new(value, 0, BigInteger.One);

    /// <returns>−this.</returns>
    public ExactNumber Negated() => new(-_numerator, _exponent, _denominator);

    /// <returns>this × 10^<paramref name="power"/>.</returns>
    public ExactNumber TimesPowerOfTen(int power) => new(_numerator, _exponent + power, _denominator);

    /// <returns>This number, which must be whole and without an exponent, plus the fraction; null when the denominator is 0.</returns>
    public static ExactNumber? FromMixed(BigInteger whole, BigInteger numerator, BigInteger denominator) =>
        denominator.IsZero ? null : new(whole * denominator + numerator, 0, denominator);

    /// <summary>Whether |this − other| ≤ tolerance, or ≤ tolerance × |other| when it is relative. Exact at any number of digits.</summary>
    public bool IsWithin(ExactNumber tolerance, bool relative, ExactNumber other)
    {
        // Both sides of the comparison multiplied by every denominator, all of them positive.
        var left = (Value: _numerator * other._denominator, _exponent);
        var right = (Value: -other._numerator * _denominator, other._exponent);
        var sign = SignOfSum(left, right);
        if (sign == 0)
            return true;

        var bound = relative
            ? (Value: -tolerance._numerator * BigInteger.Abs(other._numerator) * _denominator, tolerance._exponent + other._exponent)
            : (Value: -tolerance._numerator * _denominator * other._denominator, tolerance._exponent);
        return SignOfSum(
            (sign * left.Value * tolerance._denominator, left._exponent),
            (sign * right.Value * tolerance._denominator, right._exponent),
            bound) <= 0;
    }

    /// <summary>The sign of a sum of up to three terms <c>Value × 10^Exponent</c>, written out only where their digits overlap.</summary>
    private static int SignOfSum(params (BigInteger Value, long Exponent)[] terms)
    {
        var sum = BigInteger.Zero;
        long exponent = 0;
        foreach (var term in terms.Where(term => !term.Value.IsZero).OrderByDescending(Order))
        {
            if (sum.IsZero)
            {
                (sum, exponent) = term;
                continue;
            }

            // The sum is at least 10^exponent; all the terms left are together less than 10^(order + 1).
            if (exponent > Order(term))
                return sum.Sign;

            var lower = Math.Min(exponent, term.Exponent);
            sum = sum * PowerOfTen(exponent - lower) + term.Value * PowerOfTen(term.Exponent - lower);
            exponent = lower;
        }
        return sum.Sign;
    }

    // |Value| × 10^Exponent is less than 10^Order.
    private static long Order((BigInteger Value, long Exponent) term) =>
        (long)(term.Value.GetBitLength() * 0.30103) + 2 + term.Exponent;

    // Small: terms are written out only where their written digits overlap.
    private static BigInteger PowerOfTen(long power) => BigInteger.Pow(10, checked((int)power));
}

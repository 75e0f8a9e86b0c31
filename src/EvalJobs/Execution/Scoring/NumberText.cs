using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace EvalJobs.Execution.Scoring;

/// <summary>
/// Reads the digits of one number, without sign, currency and percent: <c>1,234.50</c>, <c>1,00,000</c>, <c>1'234</c>, <c>2e-5</c>,
/// <c>1/2</c>, <c>3 1/2</c>, <c>3½</c>, <c>\frac{1}{2}</c>. What another reader may understand otherwise (<c>3,5</c>, <c>1 000</c>,
/// <c>12:30</c>, <c>2024-05-01</c>, <c>10^2</c>) is not read.
/// </summary>
internal static partial class NumberText
{
    private const string VulgarFractions = "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅐⅛⅜⅝⅞⅑⅒";
    private static readonly (int, int)[] VulgarValues =
    [
        (1, 2), (1, 3), (2, 3), (1, 4), (3, 4), (1, 5), (2, 5), (3, 5), (4, 5), (1, 6), (5, 6), (1, 7), (1, 8), (3, 8), (5, 8), (7, 8), (1, 9), (1, 10),
    ];

    /// <summary>Whether this is a fraction in one character, such as ½.</summary>
    public static bool IsVulgarFraction(char character) => VulgarFractions.Contains(character);

    /// <returns>The number, or null with the problem.</returns>
    public static (ExactNumber? Value, string? Problem) Read(string text, NumberFormat format)
    {
        var match = (format == NumberFormat.DecimalPoint ? PointDecimal() : CommaDecimal()).Match(text);
        if (match.Success)
        {
            var value = ExactNumber.FromDecimal(Digits(match.Groups["whole"].Value), match.Groups["fraction"].ValueSpan,
                Minus().Replace(match.Groups["exponent"].Value, "-"));
            return value is null ? (null, "has too many digits") : (value, null);
        }

        if (text.Length > 2 * ExactNumber.MaxDigits)
            return (null, "has too many digits");

        match = Fraction().Match(text);
        if (match.Success)
        {
            var whole = match.Groups["whole"].Success ? Integer(match.Groups["whole"].Value) : BigInteger.Zero;
            var numerator = Integer(match.Groups["numerator"].Value);
            var denominator = Integer(match.Groups["denominator"].Value);
            if (match.Groups["whole"].Success && numerator >= denominator)
                return (null, "is not a mixed number: its fraction is not below 1");
            var value = ExactNumber.FromMixed(whole, numerator, denominator);
            if (value is null)
                return (null, "divides by zero");
            return (match.Groups["minus"].Length % 2 == 1 ? value.Negated() : value, null);
        }

        match = Vulgar().Match(text);
        if (match.Success && VulgarFractions.IndexOf(text[^1]) is >= 0 and var index)
        {
            var (numerator, denominator) = VulgarValues[index];
            return (ExactNumber.FromMixed(match.Groups["whole"].Length == 0 ? 0 : Integer(match.Groups["whole"].Value), numerator, denominator), null);
        }

        return (null, format == NumberFormat.DecimalPoint
            ? "is not one number with a decimal point and thousands in groups of three"
            : "is not one number with a decimal comma and thousands in groups of three");
    }

    private static BigInteger Integer(string text) => BigInteger.Parse(Digits(text), CultureInfo.InvariantCulture);

    private static string Digits(string text) => string.Concat(text.Where(char.IsAsciiDigit));

    [GeneratedRegex("[\u2010-\u2013\u2212]", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Minus();

    // Groups of three with one sign between all of them; or the Indian grouping, which has groups of two before the last three.
    [GeneratedRegex("""
        ^(?: (?<whole> [0-9]+ ) | (?<whole> [1-9][0-9]{0,2} (?<sign> [,'\u2019_\u00A0\u2009\u202F] ) [0-9]{3} (?: \k<sign> [0-9]{3} )* )
           | (?<whole> [1-9][0-9]? (?: ,[0-9]{2} )+ ,[0-9]{3} ) | (?<whole>) (?=\.) )
        (?: \. (?<fraction> [0-9]+ ) )?
        (?: [eE] (?<exponent> [-+\u2010-\u2013\u2212]? [0-9]+ ) )?$
        """,
        RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PointDecimal();

    [GeneratedRegex("""
        ^(?: (?<whole> [0-9]+ ) | (?<whole> [1-9][0-9]{0,2} (?<sign> [.'\u2019_\x20\u00A0\u2009\u202F] ) [0-9]{3} (?: \k<sign> [0-9]{3} )* ) | (?<whole>) (?=,) )
        (?: , (?<fraction> [0-9]+ ) )?
        (?: [eE] (?<exponent> [-+\u2010-\u2013\u2212]? [0-9]+ ) )?$
        """,
        RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CommaDecimal();

    [GeneratedRegex("""
        ^(?: (?: (?<whole> [0-9]+ ) (?: [\x20\u00A0\u2009\u202F] | \x20and\x20 ) )? (?<numerator> [0-9]+ ) [/\u2044] (?<denominator> [0-9]+ )
           | \\frac \s* (?: \{ \s* (?<minus> [-\u2212] )? (?<numerator> [0-9]+ ) \s* \} | (?<numerator> [0-9] ) )
                    \s* (?: \{ \s* (?<denominator> [0-9]+ ) \s* \} | (?<denominator> [0-9] ) ) )$
        """,
        RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Fraction();

    [GeneratedRegex("""^(?: (?<whole> [0-9]+ ) [\x20\u00A0\u2009\u202F]? )? [\u00BC-\u00BE\u2150-\u215E]$""",
        RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Vulgar();
}

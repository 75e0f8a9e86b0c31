using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace EvalJobs.Execution.Scoring;

/// <summary>A number as people write it: <c>1,234.50</c>, <c>$-3</c>, <c>−2e-5</c>, <c>45%</c> (read as 45).</summary>
internal sealed partial class DecimalNumeral
{
    private readonly JsonElement _value;

    // JSON's spelling of numbers gives exact comparison at any number of digits.
    private DecimalNumeral(Match match)
    {
        var whole = match.Groups["whole"].Value.Replace(",", "", StringComparison.Ordinal).TrimStart('0');
        _value = JsonElement.Parse(
            (match.Groups["minus"].Success ? "-" : "")
            + (whole.Length == 0 ? "0" : whole)
            + match.Groups["fraction"].Value
            + match.Groups["exponent"].Value.Replace('\u2212', '-'));
    }

    /// <returns>The last number in the text, null when there is none.</returns>
    public static DecimalNumeral? LastIn(string text)
    {
        Match? last = null;
        for (var match = Numeral().Match(text); match.Success; match = match.NextMatch())
            last = match;
        return last is null ? null : new DecimalNumeral(last);
    }

    /// <returns>The number the text consists of, white space around it dropped; null when there is anything else, or none.</returns>
    public static DecimalNumeral? Only(string text)
    {
        var trimmed = text.Trim();
        return Numeral().Match(trimmed) is { Success: true } match && match.Length == trimmed.Length ? new DecimalNumeral(match) : null;
    }

    /// <summary>Whether |this − other| ≤ tolerance, or ≤ tolerance × |other| when it is relative.</summary>
    /// <remarks>Computed in <see cref="decimal"/>; in <see cref="double"/> where that overflows or holds too few digits.</remarks>
    public bool IsWithin(decimal tolerance, bool relative, DecimalNumeral other)
    {
        // Exact first: digits beyond decimal and double count then, and numbers too large for either equal themselves.
        if (IsExactly(other))
            return true;
        if (tolerance == 0)
            return false;

        if (AsDecimal() is { } left && other.AsDecimal() is { } right)
        {
            try
            {
                return Math.Abs(left - right) <= (relative ? tolerance * Math.Abs(right) : tolerance);
            }
            catch (OverflowException)
            {
                // Falls through to double.
            }
        }

        var expected = other._value.GetDouble();
        return double.IsFinite(expected)
            && Math.Abs(_value.GetDouble() - expected) <= (relative ? (double)tolerance * Math.Abs(expected) : (double)tolerance);
    }

    /// <inheritdoc/>
    public override string ToString() => _value.GetRawText();

    private bool IsExactly(DecimalNumeral other) => JsonText.AreEqual(_value, other._value);

    // A decimal rounds what lies beyond its 28 digits without a word; such a number is left to double.
    private decimal? AsDecimal() =>
        _value.TryGetDecimal(out var value)
        && JsonText.AreEqual(_value, JsonElement.Parse(value.ToString(CultureInfo.InvariantCulture)))
            ? value
            : null;

    // A hyphen right after a letter, digit or bracket joins ("10-12", "covid-19"); anywhere else it is a minus.
    // Commas count only between groups of three digits, so "1, 2" and "1,2" hold two numbers.
    [GeneratedRegex("""
        (?: (?<![\w.)\]]) (?<minus>[-\u2212]) | (?<![\w.)\]]) \+ )?
        (?: [$€£¥₹] (?<minus>[-\u2212])? )?
        (?: (?<whole> [0-9]{1,3} (?:,[0-9]{3})+ (?![0-9]) | [0-9]+ ) (?<fraction> \.[0-9]+ )?
          | (?<![0-9]) (?<whole>) (?<fraction> \.[0-9]+ ) )
        (?<exponent> [eE] [-+\u2212]? [0-9]+ )?
        %?
        """,
        RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Numeral();
}

using System.Globalization;
using System.Text.RegularExpressions;

namespace EvalJobs.Execution.Scoring;

/// <summary>
/// Finds the numbers in a text written by people or models. A number whose meaning depends on the reader is found but has no value,
/// so that it can never be taken for another one. Takes time in proportion to the text.
/// </summary>
internal sealed partial class NumberScanner
{
    private const string Joiners = ".,:/\u2044\u2215'\u2018\u2019`\u00B4_^\u00B7-\u2010\u2011\u2012\u2013\u2212~\u2026\u301C\uFF5E\uFF0C\uFF0E\uFF1A\u066B\u066C\u02D9";

    private readonly string _text;
    private readonly NumberFormat _format;

    private NumberScanner(string text, NumberFormat format)
    {
        _text = text;
        _format = format;
    }

    /// <summary>A run of digits and what joins them; <see cref="Problem"/> when it can have no value, whatever surrounds it.</summary>
    internal readonly record struct Run(int Start, int End, string? Problem = null);

    /// <returns>The last number in the text, readable or not; null when there is none.</returns>
    public static NumberToken? Last(string text, NumberFormat format)
    {
        var scanner = new NumberScanner(LatexText.Simplify(text), format);
        Run? last = null, before = null;
        foreach (var run in scanner.Runs())
            (before, last) = (last, run);
        return last is { } found ? scanner.TokenOf(found, before) : null;
    }

    /// <returns>The only number of a text that says nothing that could change its meaning.</returns>
    /// <param name="text">The text.</param>
    /// <param name="format">How numbers are written.</param>
    /// <param name="problem">Why there is no such number, as the end of a sentence.</param>
    public static NumberToken? Only(string text, NumberFormat format, out string? problem)
    {
        var simplified = LatexText.Simplify(text);
        var scanner = new NumberScanner(simplified, format);
        var runs = scanner.Runs().Take(2).ToList();
        problem = null;

        if (runs.Count == 0)
            problem = "it has no number";
        else if (runs.Count > 1)
            problem = $"it has more than one number ('{Excerpt.Of(scanner.TokenOf(runs[0], null).Text, 50)}' and '{Excerpt.Of(scanner.TokenOf(runs[1], runs[0]).Text, 50)}')";
        if (problem is not null)
            return null;

        var token = scanner.TokenOf(runs[0], null);
        if (token.Problem is not null)
            problem = $"'{Excerpt.Of(token.Text, 50)}' {token.Problem}";
        else if (scanner.FindStrange(token) is { } strange)
            problem = $"'{strange}' is next to the number and may change its value";
        return problem is null ? token : null;
    }

    /// <summary>What is around an expected number must be words, units and quotes, and nothing that calculates.</summary>
    private string? FindStrange(NumberToken token)
    {
        for (var i = 0; i < _text.Length; i++)
        {
            if (i == token.Start)
                i = token.End;
            if (i >= _text.Length)
                break;
            var c = _text[i];
            var isHarmless = char.IsLetter(c) || char.IsWhiteSpace(c) || char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark
                or UnicodeCategory.CurrencySymbol or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.Surrogate
                || ".,:;?'\"\u2018\u2019\u201C\u201D#=~`*_{}[]\u00B0\u00B2\u00B3".Contains(c)
                || c == '/' && i > 0 && (i == token.End || char.IsLetter(_text[i - 1])) && i + 1 < _text.Length && char.IsLetter(_text[i + 1])
                || char.IsAsciiDigit(c) || c == '^' && (IsUnitExponent(i + 1) || IsUnitExponent(i + 2))
                || c == '-' && IsHyphenInWord(i)
                || c is '(' or ')' && IsWordInBrackets(token);
            if (!isHarmless)
                return c == '\\' ? _text[i..Math.Min(_text.Length, i + 12)] : char.ToString(c);
        }
        return MeaningWord().Match(_text[..token.Start] + " \u0001 " + _text[token.End..]) is { Success: true } word ? word.Value.Trim() : null;
    }

    private bool IsHyphenInWord(int at) =>
        at > 0 && at + 1 < _text.Length && (char.IsLetter(_text[at - 1]) || char.IsAsciiDigit(_text[at - 1])) && char.IsLetter(_text[at + 1]);

    // "18 (apples)" says nothing about the value; "(18)" is minus eighteen for an accountant.
    private bool IsWordInBrackets(NumberToken token) =>
        _text.LastIndexOf('(', token.Start) is var open && (open < 0 || _text.IndexOf(')', open) is >= 0 and var close && close < token.Start);

    private IEnumerable<Run> Runs()
    {
        Run? pending = null;
        var at = 0;
        while (NextRun(at) is { } run)
        {
            at = run.End;
            if (pending is { } before)
            {
                if (IsMixed(before, run))
                {
                    pending = new Run(before.Start, run.End);
                    continue;
                }
                yield return before;
            }
            pending = run;
        }
        if (pending is { } last)
            yield return last;
    }

    // "3 1/2" and "3 and 1/2" are one number.
    private bool IsMixed(Run before, Run run) =>
        before.Problem is null && run.Problem is null
        && _text.AsSpan(before.End, run.Start - before.End) is " " or "\u00A0" or "\u2009" or "\u202F" or " and "
        && _text.AsSpan(before.Start, before.End - before.Start).IndexOfAnyExceptInRange('0', '9') < 0
        && _text.AsSpan(run.Start, run.End - run.Start) is var text && (text.IndexOfAny('/', '\u2044') > 0 || NumberText.IsVulgarFraction(text[0]));

    private Run? NextRun(int from)
    {
        for (var i = from; i < _text.Length; i++)
        {
            var c = _text[i];
            if (char.IsAsciiDigit(c))
            {
                if (IsUnitExponent(i))
                {
                    i = SkipDigits(i) - 1;
                    continue;
                }
                return DigitsFrom(i);
            }
            if (c is '.' or ',' && IsDigitAt(i + 1) && (i == 0 || !char.IsLetterOrDigit(_text[i - 1]) && !")]}.,".Contains(_text[i - 1])))
                return DigitsFrom(i);
            if (c == '\\' && _text.AsSpan(i).StartsWith("\\frac"))
                return LatexFraction(i);
            if (NumberText.IsVulgarFraction(c))
                return new Run(i, i + 1);
            if (char.IsHighSurrogate(c) && i + 1 < _text.Length && char.IsNumber(_text, i))
                return new Run(i, i + 2, "is written in digits that are not 0 to 9");
            if (c > '\u007F' && char.IsNumber(c) && !(i > 0 && char.IsLetter(_text[i - 1])))
                return new Run(i, i + 1, "is written in digits that are not 0 to 9");
        }
        return null;
    }

    private Run DigitsFrom(int start)
    {
        var end = start + 1;
        while (true)
        {
            end = SkipDigits(end);
            if (end >= _text.Length)
                return new Run(start, end);

            var joined = SkipJoiner(start, end);
            if (joined < 0)
                break;
            end = joined;
        }

        // 2e-5: only where nothing but the number can be meant.
        if (Exponent().Match(_text, end) is { Success: true } exponent && char.IsAsciiDigit(_text[end - 1]))
            end += exponent.Length;

        if (end < _text.Length && NumberText.IsVulgarFraction(_text[end]))
            return new Run(start, end + 1);
        if (end < _text.Length && _text[end] > '\u007F' && char.IsNumber(_text[end]))
            return new Run(start, end + 1, "has digits that are raised, lowered or not 0 to 9");
        if (end + 1 < _text.Length && _text[end] == '^')
            return new Run(start, end + 1, "is a power");
        if (CodeWithLetters().Match(_text, end, Math.Min(_text.Length - end, 100)).Success && _text[start..end] == "0")
            return new Run(start, end, "is not a decimal number");
        return new Run(start, end);
    }

    private int SkipDigits(int at)
    {
        while (at < _text.Length && char.IsAsciiDigit(_text[at]))
            at++;
        return at;
    }

    /// <returns>The position at which digits continue after punctuation or a group's space; −1 when they do not.</returns>
    private int SkipJoiner(int start, int end)
    {
        var c = _text[end];
        if (c != '\n' && c != '\r' && c != '\t' && char.IsWhiteSpace(c))
        {
            var isGroup = IsDigitAt(end + 1) && IsDigitAt(end + 2) && IsDigitAt(end + 3) && !IsDigitAt(end + 4)
                && LengthOfLastGroup(start, end) is >= 1 and <= 3
                && (c != ' ' || !_text.AsSpan(start, end - start).ContainsAny(".,:/'"));
            return isGroup ? end + 1 : -1;
        }

        // Invisible characters, such as a soft hyphen, do not end a number for the one who reads it.
        var at = end;
        while (at < _text.Length && char.GetUnicodeCategory(_text[at]) == UnicodeCategory.Format)
            at++;
        while (at < _text.Length && at - end < 4 && (Joiners.Contains(_text[at]) || (at > end ? "*+{(" : "*").Contains(_text[at])))
            at++;
        return at > end && IsDigitAt(at) ? at : -1;
    }

    private int LengthOfLastGroup(int start, int end)
    {
        var at = end;
        while (at > start && char.IsAsciiDigit(_text[at - 1]))
            at--;
        return end - at;
    }

    private Run LatexFraction(int start)
    {
        var match = LatexFractionText().Match(_text, start, Math.Min(_text.Length - start, 2000));
        return match.Success ? new Run(start, start + match.Length) : new Run(start, start + "\\frac".Length, "is not a fraction of two whole numbers");
    }

    private bool IsDigitAt(int index) => index < _text.Length && char.IsAsciiDigit(_text[index]);

    // The 2 of "18 cm^2" belongs to the unit.
    private bool IsUnitExponent(int at) =>
        at >= 2 && UnitBefore().Match(_text, Math.Max(0, at - 12), at - Math.Max(0, at - 12)).Success;

    private NumberToken TokenOf(Run run, Run? before)
    {
        var context = new NumberContext(_text, run, before).Read();
        var text = _text[context.Start..context.End];
        var problem = run.Problem ?? context.Problem;
        if (problem is not null)
            return new(context.Start, context.End, text, null, problem);

        var (value, why) = NumberText.Read(_text[run.Start..run.End], _format);
        if (value is null)
            return new(context.Start, context.End, text, null, why);
        value = value.TimesPowerOfTen(context.PowerOfTen);
        return new(context.Start, context.End, text, context.IsNegative ? value.Negated() : value, null);
    }

    [GeneratedRegex(@"\G[eE][-+\u2010-\u2013\u2212]?[0-9]+(?![A-Za-z0-9])", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Exponent();

    [GeneratedRegex(@"\G[xXbBoO][0-9a-fA-F]", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CodeWithLetters();

    [GeneratedRegex("""\G\\frac\s*(?:\{\s*[-\u2212]?[0-9]+\s*\}|[0-9])\s*(?:\{\s*[0-9]+\s*\}|[0-9])""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LatexFractionText();

    [GeneratedRegex(@"(?<![A-Za-z])(?:[mck]?m|ft|in|yd|mi|s|units?|inch|inches|feet|foot|meters?|metres?)\}?\^\{?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex UnitBefore();

    [GeneratedRegex("""
        \b(?: minus | plus | negative | half | halves | thirds? | quarters? | hundreds? | thousands? | [mbt]r?illions? | dozens? | lakhs? | crores?
            | double | triple | twice | squared | cubed | factorial | root | than | least | most | at\x20most | between | or | not | per\x20mille | divided | multiplied | infinity | pi ) \b
        """,
        RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MeaningWord();
}

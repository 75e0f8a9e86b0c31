using System.Globalization;

namespace EvalJobs.Execution.Scoring;

/// <summary>The context of the digits of a number: sign, currency, percent, a word such as million, or something that changes its meaning.</summary>
internal sealed class NumberContext(string text, NumberScanner.Run run, NumberScanner.Run? before)
{
    private const string Minuses = "-\u2010\u2011\u2012\u2013\u2212\uFE63\uFF0D";
    private const string InlineSpaces = " \t\u00A0\u2009\u202F";

    /// <summary>First character of the number with sign and currency.</summary>
    public int Start { get; private set; } = run.Start;

    /// <summary>The character after the number with percent or currency.</summary>
    public int End { get; private set; } = run.End;

    /// <summary>Whether a minus sign, the word for it or an accountant's brackets surround it.</summary>
    public bool IsNegative { get; private set; }

    /// <summary>6 for "million".</summary>
    public int PowerOfTen { get; private set; }

    /// <summary>What makes the meaning uncertain.</summary>
    public string? Problem { get; private set; }

    /// <summary>Reads both sides of the digits.</summary>
    public NumberContext Read()
    {
        ReadRight();
        ReadLeft();
        return this;
    }

    private void ReadRight()
    {
        var next = Skip(End);
        if (At(next) == '%')
            End = next + 1;
        else if (char.GetUnicodeCategory(At(next)) == UnicodeCategory.CurrencySymbol && At(next) != '$')
            End = next + 1;

        var c = At(End);
        if (c is '\u2030' or '\u2031')
            Fail("is not a percentage");
        else if (NumberWords.ScaleSuffix().Match(text, End, Math.Min(text.Length - End, 20)) is { Success: true } suffix)
            Fail($"has the suffix '{suffix.Value}', which may multiply it");

        next = Skip(End);
        while (At(next) is '{' or '}' or ')' && next - End < 20)
            next = Skip(next + 1);
        c = At(next);
        var rest = Math.Min(text.Length - next, 40);

        if (c == '\\' && NumberWords.LatexCommand().Match(text, next, rest) is { Success: true } command && !NumberWords.CanIgnore(command))
            Fail($"is part of an expression ({command.Value})");
        else if (c is '\u03C0' or '\u221A' or '\u00D7' or '\u00F7' or '\u22C5' or '\u00B7' or '^' or '\u221E' || c == '+' && next > End && At(next + 1) != '\n')
            Fail("is part of an expression");
        else if (c == '*' && !IsInsideStars() && (char.IsLetterOrDigit(At(AfterStars(next))) || At(AfterStars(next)) is '(' or '\\'))
            Fail("is part of an expression");
        else if (NumberWords.Multiplier().Match(text, next, rest) is { Success: true } multiplier)
        {
            if (NumberWords.MultiplierAgain().Match(text, next + multiplier.Length, Math.Min(text.Length - next - multiplier.Length, 40)).Success)
                Fail("has more than one word that multiplies it");
            PowerOfTen = char.ToLowerInvariant(multiplier.Value[0]) switch { 't' when multiplier.Value.StartsWith("th", StringComparison.OrdinalIgnoreCase) => 3, 'm' => 6, 'b' => 9, _ => 12 };
            End = next + multiplier.Length;
        }
        else if (NumberWords.WordThatChanges().Match(text, next, rest) is { Success: true } word)
            Fail($"is followed by '{word.Value.Trim()}'");
    }

    private int AfterStars(int at)
    {
        while (At(at) == '*')
            at++;
        return Skip(at);
    }

    private bool IsInsideStars()
    {
        var at = SkipCurrency(Start);
        if (IsMinus(At(at - 1)))
            at--;
        return At(at - 1) == '*';
    }

    private void ReadLeft()
    {
        var at = Start;
        var opened = -1;
        at = SkipCurrency(at);
        Start = at;

        if (IsMinus(At(at - 1)))
        {
            var outside = At(at - 2);
            if (char.IsLetter(outside))
            {
                // The hyphen of "covid-19" joins; it is no sign. "x-5" calculates.
                if (!char.IsLetter(At(at - 3)))
                    Fail("is part of an expression");
                return;
            }
            if (char.IsAsciiDigit(outside) || ")]}%".Contains(outside) || IsMinus(outside) || outside is '+' or '\u00B1' or '.')
            {
                Fail("is part of an expression or a range");
                return;
            }
            IsNegative = true;
            at--;
            var beforeCurrency = SkipCurrency(at);
            at = beforeCurrency;
            Start = at;
            if (IsMinus(At(SkipBack(at) - 1)))
            {
                Fail("has two signs before it");
                return;
            }
        }
        else if (At(at - 1) == '+' && !char.IsLetterOrDigit(At(at - 2)))
        {
            at--;
            Start = at;
        }
        else if (InlineSpaces.Contains(At(at - 1)) && SkipBack(at) is var gap && IsMinus(At(gap - 1)))
        {
            ReadSpacedMinus(gap - 1);
            return;
        }

        if (At(at - 1) is '(' or '[' or '{')
            opened = at - 1;
        if (At(at - 1) == '(' && At(Skip(End)) == ')')
        {
            ReadBrackets(at - 1, Skip(End));
            return;
        }
        ReadBefore(opened >= 0 ? opened : at, opened);
    }

    // "- 5" alone is minus five; after a word or at the beginning of a line it may be a dash or the mark of a list item.
    private void ReadSpacedMinus(int minus)
    {
        var previous = SkipBack(minus);
        var isAlone = text.AsSpan(0, minus).Trim().IsEmpty && text.AsSpan(End).Trim().Trim('.').IsEmpty;
        if (isAlone || At(previous - 1) is '=' or ':' or '(' or '[' or '{' or ',' && previous > 0)
        {
            IsNegative = true;
            Start = minus;
            if (At(previous - 1) is '(' && !isAlone)
                Fail("is in brackets with a sign that may be a dash");
        }
        else
        {
            Start = minus;
            Fail(char.IsAsciiDigit(At(previous - 1)) || ")]}".Contains(At(previous - 1))
                ? "is part of an expression or a range"
                : "has a dash before it that may be a minus sign or the mark of a list item");
        }
    }

    // ($5) alone is an accountant's minus five; in a sentence the brackets may be brackets.
    private void ReadBrackets(int open, int close)
    {
        var hasCurrency = char.GetUnicodeCategory(At(Skip(open + 1))) == UnicodeCategory.CurrencySymbol
            || End > run.End && char.GetUnicodeCategory(At(End - 1)) == UnicodeCategory.CurrencySymbol;
        var isAlone = text.AsSpan(0, open).Trim().IsEmpty && text.AsSpan(close + 1).Trim().Trim('.').IsEmpty;
        if (hasCurrency && isAlone && !IsNegative)
        {
            IsNegative = true;
            Start = open;
            End = close + 1;
        }
        else if (IsNegative && !hasCurrency)
        {
            ReadBefore(open, open);
        }
        else if (hasCurrency || isAlone)
        {
            Fail("is in brackets, which mean a negative amount for some readers");
        }
        else
        {
            ReadBefore(open, open);
        }
    }

    private void ReadBefore(int at, int opened)
    {
        var attached = At(at - 1);
        if (opened >= 0 && (char.IsLetterOrDigit(attached) || attached is '}' or ')' or '_' or '^' || IsCommandBefore(at)))
        {
            Fail("is the argument of an expression");
            return;
        }
        if (attached is '^' or '\u221A' || attached == '_' && (char.IsLetterOrDigit(At(at - 2)) || At(at - 2) is '}' or ')'))
        {
            Fail("is part of an expression");
            return;
        }
        if (char.IsLetter(attached))
        {
            var word = at - 1;
            while (word > 0 && char.IsLetter(text[word - 1]) && at - word < 20)
                word--;
            if (char.IsAsciiDigit(At(word - 1)))
                Fail("is part of a code of letters and digits");
        }

        var left = SkipBack(at);
        var c = At(left - 1);
        if (text[run.Start] == '\\' && (char.IsAsciiDigit(c) || left == at && (char.IsLetter(c) || c is ')' or '}')))
        {
            Fail("may be a mixed number or a product");
        }
        else if (c == '*')
        {
            ReadStars(left, at);
        }
        else if (c is '\u00D7' or '\u00F7' or '\u00B7' or '\u22C5' or '\u221A' or '\u00B1' or '\u2213' or '<' or '\u2264' or '\u2265' or '\u2260' or '/' or '^'
            && !(c == '/' && left == at && char.IsLetter(At(left - 2))))
        {
            Fail("is part of an expression");
        }
        else if (c == '>' && !IsArrowTagOrQuote(left - 1))
        {
            Fail("is part of a comparison");
        }
        else if (c == '+')
        {
            if (char.IsLetterOrDigit(At(SkipBack(left - 1) - 1)) || At(SkipBack(left - 1) - 1) is ')' or ']' or '}' or '%')
                Fail("is part of an expression");
        }
        else if (c is 'x' or 'X' && left < at && before is { } previous && SkipBack(left - 1) == previous.End)
        {
            Fail("is part of an expression");
        }
        else if (NumberWords.LatexCommandBefore().Match(text, Math.Max(0, left - 30), left - Math.Max(0, left - 30)) is { Success: true } command
            && !NumberWords.CanIgnore(command))
        {
            Fail($"is part of an expression ({command.Value.Trim()})");
        }
        else if (NumberWords.WordBefore().Match(text, Math.Max(0, left - 30), left - Math.Max(0, left - 30)) is { Success: true } word)
        {
            ReadWordBefore(word.Value.Trim(), left - word.Length);
        }
    }

    private void ReadWordBefore(string word, int wordStart)
    {
        if (word.Equals("negative", StringComparison.OrdinalIgnoreCase) || word.Equals("minus", StringComparison.OrdinalIgnoreCase))
        {
            var previous = At(SkipBack(wordStart) - 1);
            if (IsNegative || char.IsAsciiDigit(previous) || previous is ')' or '%')
                Fail("is part of an expression");
            IsNegative = true;
            Start = Math.Max(0, wordStart);
            while (Start < text.Length && char.IsWhiteSpace(text[Start]))
                Start++;
        }
        else
        {
            Fail($"comes after '{word}'");
        }
    }

    // Stars make bold text and list items; after a digit, a closing bracket or a letter they multiply.
    private void ReadStars(int left, int at)
    {
        var stars = left;
        while (stars > 0 && text[stars - 1] == '*')
            stars--;
        var outside = At(stars - 1);
        var spaced = At(SkipBack(stars) - 1);
        if (char.IsLetterOrDigit(outside) || outside is ')' or ']' or '}' || char.IsAsciiDigit(spaced) && left < at || spaced is ')' or ']' && left < at)
            Fail("is part of an expression");
    }

    // "-> 18", "=> 18", "> 18" at the beginning of a line, and <b>18</b>.
    private bool IsArrowTagOrQuote(int at)
    {
        if (At(at - 1) is '-' or '=' or '>' || text.AsSpan(0, at).TrimEnd(InlineSpaces) is [] or [.., '\n'])
            return true;
        var open = text.LastIndexOf('<', at - 1, Math.Min(at, 200));
        return open >= 0 && (char.IsLetter(At(open + 1)) || At(open + 1) is '/' or '|' or '!') && !text.AsSpan(open + 1, at - open - 1).Contains('>');
    }

    private bool IsCommandBefore(int brace) =>
        NumberWords.LatexCommandBefore().Match(text, Math.Max(0, brace - 30), brace - Math.Max(0, brace - 30)) is { Success: true } command
        && !NumberWords.CanIgnore(command);

    private int SkipCurrency(int at)
    {
        var left = SkipBack(at);
        return left > 0 && char.GetUnicodeCategory(text[left - 1]) == UnicodeCategory.CurrencySymbol ? left - 1 : at;
    }

    private int Skip(int at)
    {
        while (at < text.Length && InlineSpaces.Contains(text[at]))
            at++;
        return at;
    }

    private int SkipBack(int at)
    {
        while (at > 0 && InlineSpaces.Contains(text[at - 1]))
            at--;
        return at;
    }

    private char At(int index) => index >= 0 && index < text.Length ? text[index] : '\n';

    private static bool IsMinus(char c) => Minuses.Contains(c);

    private void Fail(string problem) => Problem ??= problem;
}

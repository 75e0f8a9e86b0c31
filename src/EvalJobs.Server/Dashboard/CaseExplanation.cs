using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Execution.Scoring;

namespace EvalJobs.Server.Dashboard;

/// <summary>The explanation of a case's verdict: what was found and where the texts first differ, in words and as marks in the texts.</summary>
/// <param name="Sentences">Sentences in addition to the scorer's remark; empty when the remark is enough.</param>
/// <param name="Expected">The expected text in parts, with the parts marked that the reply lacks; null shows plain text.</param>
/// <param name="Actual">The reply in parts; null shows plain text.</param>
/// <param name="IsFound">Whether the marked parts of the reply are matches, not differences.</param>
internal sealed record CaseExplanation(IReadOnlyList<string> Sentences, IReadOnlyList<DiffPart>? Expected = null, IReadOnlyList<DiffPart>? Actual = null, bool IsFound = false)
{
    private const int MaxNamed = 20;

    private static readonly CaseExplanation Nothing = new([]);

    /// <summary>Whether something in the texts is marked, so that a link can lead to it.</summary>
    public bool HasMark => Actual?.Any(part => !part.IsCommon) == true || Expected?.Any(part => !part.IsCommon) == true;

    /// <returns>The explanation; only the available part of a cut text is compared.</returns>
    public static CaseExplanation Of(CasePreview each)
    {
        if (each.Verdict is not { } verdict || each.Output is not { } output)
            return Nothing;
        try
        {
            var found = each switch
            {
                { Scorer: "contains", Scoring: { } scoring } => OfPhrases(each, ScoringSpec.Parse(scoring), output),
                { Scorer: "numeric", Scoring: { } scoring } => OfNumbers(each, ScoringSpec.Parse(scoring), output),
                { Scorer: "regex" } => new CaseExplanation(verdict == CaseVerdict.Passed ? ["The pattern matches."] : []),
                { Scorer: "numeric" or "contains" } or { ExpectedOutput: null } => Nothing,
                { Scoring: { } scoring } when AnswerList.IsList(ScoringSpec.Parse(scoring)) => OfAnswers(each.Scorer, verdict),
                _ => OfTexts(each, verdict, each.ExpectedOutput, output),
            };
            IEnumerable<string> sentences = output.Length == 0 ? ["The reply is empty.", .. found.Sentences]
                : output.AsSpan().Trim().IsEmpty ? ["The reply is white space only.", .. found.Sentences] : found.Sentences;
            return found with
            {
                // The scorer's remark says it already, about the whole texts.
                Sentences = [.. sentences.Distinct(StringComparer.Ordinal).Where(sentence => each.Error?.Contains(sentence, StringComparison.Ordinal) != true), .. IsCut(each) && found.HasMark ? ["Only the part shown is marked."] : Array.Empty<string>()],
            };
        }
        catch (InvalidInputException)
        {
            // Settings that are no longer valid: only the scorer's remark is shown.
            return Nothing;
        }
    }

    // The most similar answer is not known here. The remark of a wrong reply says what it was compared with.
    private static CaseExplanation OfAnswers(string? scorer, CaseVerdict verdict) => verdict != CaseVerdict.Passed ? Nothing
        : new CaseExplanation([scorer == "exact_match" ? "Equals one of the expected answers." : "Similar enough to one of the expected answers."]);

    private static CaseExplanation OfPhrases(CasePreview each, ScoringSpec spec, string output)
    {
        var (phrases, missing) = ContainsScorer.Find(spec, each.ExpectedOutput, output, CancellationToken.None);
        var there = phrases.Except(missing, StringComparer.Ordinal).ToList();
        var words = missing.Count == 0
            ? $"Found: {Named(there)}."
            : $"Found {there.Count} of {DisplayText.Many(phrases.Count, "phrase")}{(there.Count == 0 ? "" : $": {Named(there)}")}.{(each.Error?.Contains("Not found:", StringComparison.Ordinal) == true ? "" : $" Not found: {Named(missing)}.")}";
        return new CaseExplanation([words], null, Marked(output, there.Take(100)), IsFound: true);
    }

    private static CaseExplanation OfNumbers(CasePreview each, ScoringSpec spec, string output)
    {
        // The last number counts, so the end of the reply is needed.
        if (IsCut(each) || NumericScorer.Find(spec, each.ExpectedOutput, output) is not { } found)
            return Nothing;
        if (found.Read is not { } read)
            return new CaseExplanation(["No number in the reply."]);
        var at = output.LastIndexOf(read, StringComparison.Ordinal);

        // The scorer's remark says why a number was found but not used, such as the 5 of "5 dozen".
        string[] words = each is { Verdict: CaseVerdict.Failed, Error: not null } ? [] : [$"Read {DisplayText.Excerpt(read, 80)}, expected {DisplayText.Excerpt(found.Expected, 80)}."];
        return new CaseExplanation(words, null, at < 0 ? null : Parts(output, [(at, at + read.Length)]), IsFound: true);
    }

    private static CaseExplanation OfTexts(CasePreview each, CaseVerdict verdict, string expected, string output)
    {
        if (VisibleText.FirstDifference(expected, output) is not { } difference)
            return new CaseExplanation([IsCut(each) ? "The parts shown are the same." : "The reply is exactly the expected text."]);
        if (verdict == CaseVerdict.Passed)
            return new CaseExplanation([each.Scorer == "exact_match" ? $"Equal by the scorer's rules, but not exactly. {difference}" : difference]);
        if (VisibleText.LooksEqual(expected, output))
        {
            return new CaseExplanation(
                [difference, "The texts look the same but differ. Invisible characters are marked."], AtFirstDifference(expected, output, VisibleText.MarkInvisible), AtFirstDifference(output, expected, VisibleText.MarkInvisible));
        }

        // For JSON, the scorer's remark names the relevant place; in the text, only white space may differ before it.
        string[] first = each.Error is not null && (each.Scorer == "json" || each.Error.Contains("Compared as JSON.", StringComparison.Ordinal)) ? [] : [difference];
        if (TextDiff.Compare(expected, output, out var isLong) is var (inExpected, inActual))
            return new CaseExplanation(first, inExpected, inActual);
        return new CaseExplanation(
            each.Scorer is "exact_match" or "similarity" && isLong ? [.. first, "Not compared word by word because the texts are too long. The first difference is marked."] : first,
            isLong ? AtFirstDifference(expected, output, Plain) : Middle(expected, output), isLong ? AtFirstDifference(output, expected, Plain) : Middle(output, expected));
    }

    private static bool IsCut(CasePreview each) => each.OutputLength > each.Output?.Length || each.ExpectedLength > each.ExpectedOutput?.Length;

    private static string Plain(string text) => DisplayText.WithoutHalf(text);

    /// <returns>The text with its first differing character marked.</returns>
    private static List<DiffPart> AtFirstDifference(string text, string other, Func<string, string> render)
    {
        var at = VisibleText.CommonLength(text, other);
        var end = at >= text.Length ? at : at + (char.IsHighSurrogate(text[at]) && at + 1 < text.Length ? 2 : 1);
        return [.. new[] { new DiffPart(render(text[..at]), true), new DiffPart(render(text[at..end]), false), new DiffPart(render(text[end..]), true) }.Where(part => part.Text.Length > 0)];
    }

    /// <returns>The text with everything marked between the common beginning and the common end, for texts that differ within one word.</returns>
    private static List<DiffPart> Middle(string text, string other)
    {
        var begin = VisibleText.CommonLength(text, other);
        var end = 0;
        while (end < Math.Min(text.Length, other.Length) - begin && text[^(end + 1)] == other[^(end + 1)])
            end++;
        if (end > 0 && char.IsLowSurrogate(text[^end]))
            end--;
        return Parts(text, [(begin, text.Length - end)]);
    }

    private static List<DiffPart> Marked(string text, IEnumerable<string> phrases)
    {
        var places = new List<(int Start, int End)>();
        foreach (var phrase in phrases)
        {
            for (var at = text.IndexOf(phrase, StringComparison.OrdinalIgnoreCase); at >= 0 && places.Count < 1000; at = text.IndexOf(phrase, at + phrase.Length, StringComparison.OrdinalIgnoreCase))
                places.Add((at, at + phrase.Length));
        }

        return Parts(text, places);
    }

    /// <returns>The text in parts; those within the places, which may overlap, are marked.</returns>
    private static List<DiffPart> Parts(string text, List<(int Start, int End)> places)
    {
        var parts = new List<DiffPart>();
        var at = 0;
        foreach (var (start, end) in places.Order())
        {
            if (end <= at)
                continue;
            var begin = Math.Max(start, at);
            if (begin > at)
                parts.Add(new DiffPart(text[at..begin], true));
            if (start < at && parts is [.., { IsCommon: false } last])
                parts[^1] = last with { Text = last.Text + text[begin..end] };
            else
                parts.Add(new DiffPart(text[begin..end], false));
            at = end;
        }

        if (at < text.Length)
            parts.Add(new DiffPart(DisplayText.WithoutHalf(text[at..]), true));
        return parts;
    }

    private static string Named(IReadOnlyCollection<string> phrases) =>
        string.Join(", ", phrases.Take(MaxNamed).Select(phrase => $"“{DisplayText.Excerpt(phrase, 80)}”")) + (phrases.Count > MaxNamed ? $" and {phrases.Count - MaxNamed} more" : "");
}

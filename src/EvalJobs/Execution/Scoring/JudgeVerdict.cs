using System.Text;
using System.Text.Json;
using EvalJobs.Domain;
using EvalJobs.Execution.Agents.Chat;

namespace EvalJobs.Execution.Scoring;

/// <summary>
/// Reads a judge's verdict. It accepts the usual answers of judges: the object alone, in a fence, after its thinking, or once in prose.
/// An answer that is incomplete or ambiguous is not a verdict. docs/guide/scoring.md lists both.
/// </summary>
internal static class JudgeVerdict
{
    private const int MaxReasonLength = 1000;

    private static readonly string[] ThinkingEnds = ["</think>", "</thinking>", "</reasoning>"];
    private static readonly string[] ThinkingStarts = ["<think>", "<thinking>", "<reasoning>"];
    private static readonly ExactNumber Half = ExactNumber.FromJson("0.5")!;

    /// <exception cref="ScoringException">There is no verdict.</exception>
    public static Score Read(ChatReply reply)
    {
        var verdicts = reply.Choices.Select(Read).ToList();
        return verdicts.TrueForAll(verdict => verdict.Value == verdicts[0].Value)
            ? verdicts[0]
            : throw new ScoringException($"The judge gave {verdicts.Count} verdicts that differ.");
    }

    private static Score Read(ChatChoice choice)
    {
        if (choice.IsCut)
            throw new ScoringException("The judge's answer was cut at its length limit.");
        if (choice.IsFiltered)
            throw new ScoringException("A content filter changed or ended the judge's answer.");
        if (choice.IsAborted)
            throw new ScoringException("The judge's server ended its answer early.", null, UnscoredReason.JudgeUnavailable);
        if (!string.IsNullOrWhiteSpace(choice.Refusal))
            throw new ScoringException($"The judge refused: {Excerpt.Of(choice.Refusal)}");
        if (choice.ToolCalls.Count > 0 || choice.FinishReason is "tool_calls" or "function_call")
            throw new ScoringException("The judge called a tool instead of giving a verdict.");
        if (choice.OtherParts.Count > 0)
            throw new ScoringException($"The judge's answer has parts that are not text: {Excerpt.Of(string.Join(", ", choice.OtherParts), 100)}.");
        return Read(choice.Text);
    }

    /// <summary>Reads the text of one answer.</summary>
    /// <exception cref="ScoringException">There is no verdict in it.</exception>
    internal static Score Read(string text)
    {
        using var verdict = ObjectIn(WithoutThinking(text), text);
        var root = verdict.RootElement;
        if (!root.TryGetProperty("score", out var score) || score.ValueKind != JsonValueKind.Number)
            throw new ScoringException($"The judge's verdict contains no score: {Excerpt.Of(text)}");
        if (root.EnumerateObject().FirstOrDefault(property => property.Name is not ("score" or "reason")) is { Value.ValueKind: not JsonValueKind.Undefined } other)
            throw new ScoringException($"The judge's verdict contains more than score and reason ('{Excerpt.Of(other.Name, 50)}'): {Excerpt.Of(text)}");

        // Exact: 1.00000000000000000001 is above 1, though no double shows it.
        if (ExactNumber.FromJson(score.GetRawText()) is not { } exact || !exact.IsWithin(Half, relative: false, Half))
            throw new ScoringException($"The judge's score ({Excerpt.Of(score.GetRawText(), 50)}) is not within 0 to 1.");

        var reason = root.TryGetProperty("reason", out var given) ? given : default;
        if (reason.ValueKind is not (JsonValueKind.String or JsonValueKind.Null or JsonValueKind.Undefined))
            throw new ScoringException($"The judge's reason is not a text: {Excerpt.Of(text)}");
        return new Score(score.GetDouble(), reason.ValueKind == JsonValueKind.String ? Excerpt.Of(JsonPath.TextOf(reason), MaxReasonLength) : null);
    }

    private static string WithoutThinking(string text)
    {
        var end = ThinkingEnds.Select(tag => (At: text.LastIndexOf(tag, StringComparison.OrdinalIgnoreCase), tag.Length)).MaxBy(found => found.At);
        if (end.At >= 0)
            text = text[(end.At + end.Length)..];
        else if (ThinkingStarts.Any(tag => text.AsSpan().TrimStart().StartsWith(tag, StringComparison.OrdinalIgnoreCase)))
            throw new ScoringException($"The judge's answer ends within its thinking: {Excerpt.Of(text)}");
        return text;
    }

    /// <summary>The one object in the text. A brace outside it, or a second object, is ambiguous.</summary>
    private static JsonDocument ObjectIn(string text, string whole)
    {
        var start = text.IndexOf('{');
        var end = text.LastIndexOf('}');
        if (start < 0 || end < start)
        {
            throw new ScoringException(text.AsSpan().Trim() is ['[', ..] or ['"', ..] or [>= '0' and <= '9', ..]
                ? $"The judge's verdict contains no score: {Excerpt.Of(whole)}"
                : $"The judge's verdict is not JSON: {Excerpt.Of(whole)}");
        }
        if (text.AsSpan(0, start).Trim() is [.., '[' or ','] || text.AsSpan(end + 1).Trim() is [']' or ',', ..])
            throw new ScoringException($"The judge's verdict is not one object with a score: {Excerpt.Of(whole)}");

        try
        {
            // Two scores in one verdict are ambiguous.
            return JsonDocument.Parse(text.AsMemory(start, end - start + 1), new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (JsonException error)
        {
            var isTooDeep = JsonErrorText.IsTooDeep(Encoding.UTF8.GetBytes(text[start..(end + 1)]));
            throw new ScoringException($"The judge's verdict is {(isTooDeep ? JsonErrorText.TooDeep : "not JSON")}: {Excerpt.Of(whole)}", error);
        }
    }
}

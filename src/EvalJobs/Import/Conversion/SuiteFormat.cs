using EvalJobs.Domain;

namespace EvalJobs.Import;

/// <summary>The format of a file of test cases. docs/guide/moving-in.md describes the conversion of each.</summary>
internal enum SuiteFormat
{
    /// <summary>EvalJobs' own form, described in docs/guide/importing.md.</summary>
    EvalJobs,

    /// <summary>A promptfoo configuration, or a list of its tests.</summary>
    Promptfoo,

    /// <summary>OpenAI Evals: records of <c>input</c> and <c>ideal</c>, or of <c>item</c> with testing criteria.</summary>
    OpenAiEvals,

    /// <summary>Samples of inspect.</summary>
    Inspect,

    /// <summary>Goldens of DeepEval.</summary>
    DeepEval,

    /// <summary>Items of a Langfuse dataset.</summary>
    Langfuse,

    /// <summary>Examples of a LangSmith dataset.</summary>
    LangSmith,

    /// <summary>Records of a Braintrust dataset.</summary>
    Braintrust,
}

/// <summary>The names of the formats.</summary>
internal static class SuiteFormats
{
    private static readonly Dictionary<string, SuiteFormat> ByName = new(StringComparer.Ordinal)
    {
        ["evaljobs"] = SuiteFormat.EvalJobs,
        ["promptfoo"] = SuiteFormat.Promptfoo,
        ["openai-evals"] = SuiteFormat.OpenAiEvals,
        ["inspect"] = SuiteFormat.Inspect,
        ["deepeval"] = SuiteFormat.DeepEval,
        ["langfuse"] = SuiteFormat.Langfuse,
        ["langsmith"] = SuiteFormat.LangSmith,
        ["braintrust"] = SuiteFormat.Braintrust,
    };

    /// <summary>All names.</summary>
    public static IReadOnlyCollection<string> All => ByName.Keys;

    /// <summary>All names, separated by commas.</summary>
    public static string Names => string.Join(", ", ByName.Keys);

    /// <returns>The name, such as <c>openai-evals</c>.</returns>
    public static string NameOf(SuiteFormat format) => ByName.First(pair => pair.Value == format).Key;

    /// <exception cref="InvalidInputException">Another name; the message lists the right ones.</exception>
    public static SuiteFormat Parse(string name) =>
        ByName.TryGetValue(name, out var format) ? format : throw new InvalidInputException($"Unknown format '{name}'; expected one of {Names}.");
}

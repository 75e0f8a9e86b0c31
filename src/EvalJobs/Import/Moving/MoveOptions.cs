using System.Text.Json;

namespace EvalJobs.Import;

/// <summary>How a file of another tool becomes test cases.</summary>
internal sealed record MoveOptions
{
    /// <summary>Whose form the file has; null finds out by its content.</summary>
    public SuiteFormat? Format { get; init; }

    /// <summary>Whether cases that cannot be moved are left out. Otherwise one of them rejects the file.</summary>
    public bool SkipUnsupported { get; init; }

    /// <summary>Settings of <c>llm_judge</c> for cases that a model judges, such as <c>model</c> and <c>apiKeyRef</c>; null when none are given.</summary>
    public JsonElement? Judge { get; init; }

    /// <summary>OpenAI Evals: the eval whose <c>testing_criteria</c> judge the items; null when none is given.</summary>
    public JsonElement? Criteria { get; init; }

    /// <summary>promptfoo: the number of the prompt that makes the inputs, from 1; 0 takes the vars alone; null takes the only prompt.</summary>
    public int? Prompt { get; init; }

    /// <summary>Collects what was left out and what else is worth knowing.</summary>
    public MoveReport Report { get; init; } = new();
}

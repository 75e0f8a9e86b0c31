using System.Text.Json;

namespace EvalJobs.Import;

/// <summary>How a file of another tool is converted to test cases.</summary>
internal sealed record ConversionOptions
{
    /// <summary>The tool whose format the file has; null detects it by the content.</summary>
    public SuiteFormat? Format { get; init; }

    /// <summary>Whether cases that cannot be converted are left out. Otherwise the whole file is rejected because of one of them.</summary>
    public bool SkipUnsupported { get; init; }

    /// <summary>Settings of <c>llm_judge</c> for cases that a model judges, such as <c>model</c> and <c>apiKeyRef</c>; null when none are given.</summary>
    public JsonElement? Judge { get; init; }

    /// <summary>OpenAI Evals: the eval whose <c>testing_criteria</c> judge the items; null when none is given.</summary>
    public JsonElement? Criteria { get; init; }

    /// <summary>promptfoo: the number of the prompt for the inputs, from 1; 0 uses only the vars; null uses the only prompt.</summary>
    public int? Prompt { get; init; }

    /// <summary>Collects the cases that were left out, and notes.</summary>
    public ConversionReport Report { get; init; } = new();
}

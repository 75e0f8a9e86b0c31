using System.Text.Json;
using System.Text.Json.Nodes;
using EvalJobs.Domain;

namespace EvalJobs.Import;

/// <summary>The scoring of cases that a model judges. Other tools leave the model's key, and often the model, to where they run.</summary>
internal static class JudgeScoring
{
    /// <param name="judge">Settings of <c>llm_judge</c> that the user gives; they win.</param>
    /// <param name="rubric">What a good reply is.</param>
    /// <param name="model">The model that the file names; null when it names none.</param>
    /// <param name="threshold">The score from which the case passes; null takes the scorer's own.</param>
    /// <exception cref="UnsupportedCaseException">The user gives no settings.</exception>
    public static JsonObject Of(JsonElement? judge, string rubric, string? model, double? threshold)
    {
        if (judge is not { } settings)
            throw new UnsupportedCaseException("a model judges it, and no settings of that judge are given, such as its model.", new(RemedyKind.NameJudge));

        var scoring = new JsonObject { ["type"] = "llm_judge", ["rubric"] = rubric };
        if (model is not null)
            scoring["model"] = model;
        if (threshold is not null)
            scoring["threshold"] = threshold;
        foreach (var setting in settings.EnumerateObject())
            scoring[setting.Name] = JsonNode.Parse(setting.Value.GetRawText());
        return scoring;
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using EvalJobs.Domain;

namespace EvalJobs.Import;

/// <summary>The scoring of cases that a model judges. Files of other tools do not contain the model's key, and often not the model.</summary>
internal static class JudgeScoring
{
    /// <param name="judge">Settings of <c>llm_judge</c> from the user, which override the file's.</param>
    /// <param name="rubric">The description of a good reply.</param>
    /// <param name="model">The model that the file names; null when it names none.</param>
    /// <param name="threshold">The score from which the case passes; null means the scorer's default.</param>
    /// <exception cref="UnsupportedCaseException">The user has given no settings.</exception>
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

using System.Text.Json.Nodes;
using EvalJobs.Domain;
using EvalJobs.Execution.Agents.Chat;
using EvalJobs.Execution.Scoring;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Execution.Scoring;

/// <summary>The descriptions of scorers' settings agree with what the scorers read and with the documents.</summary>
public sealed class ScorerDescriptionTests
{
    private static readonly IScorer[] Scorers =
    [
        new ExactMatchScorer(), new ContainsScorer(), new SimilarityScorer(), new RegexScorer(), new NumericScorer(), new JsonScorer(), new CustomScorer(), new LlmJudgeScorer(null!, null!),
    ];

    private static IEnumerable<TestCaseData> Settings() =>
        from scorer in Scorers
        from setting in scorer.Description!.Settings
        select new TestCaseData(scorer, setting).SetName($"{scorer.Name} {setting.Name}");

    [Test]
    public void Description_OfEveryBuiltInScorer_Exists() => ProductScorers().Should().BeEquivalentTo(Scorers.Select(scorer => scorer.GetType()), "each kind of setting is tested here");

    [TestCaseSource(nameof(Settings))]
    public void Setting_WithAValueOfAnotherKind_IsRejectedByItsName(IScorer scorer, ScorerSetting setting)
    {
        JsonNode wrong = setting.Kind is ScorerSettingKind.Json ? setting.Name == "schema" ? 5 : "x" : new JsonObject { ["a"] = 1 };

        var validating = () => scorer.Validate(ScoringSpec.Parse(Complete(scorer, setting, wrong)), "1");

        validating.Should().Throw<InvalidInputException>().Which.Message.Should().Contain($"scoring.{setting.Name}");
    }

    [TestCaseSource(nameof(Settings))]
    public void Setting_WithEachOfItsChoicesAndBounds_IsAccepted(IScorer scorer, ScorerSetting setting)
    {
        JsonNode[] right = setting.Kind switch
        {
            ScorerSettingKind.Choice or ScorerSettingKind.Choices => [.. setting.Choices.Select(choice => (JsonNode)choice)],
            ScorerSettingKind.Number => [.. new[] { setting.Minimum, setting.Maximum }.OfType<double>().Select(bound => (JsonNode)bound)],
            _ => [],
        };

        foreach (var value in right)
        {
            var expected = setting.Name == "list" ? "[\"1\",\"2\"]" : "1";
            FluentActions.Invoking(() => scorer.Validate(ScoringSpec.Parse(Complete(scorer, setting, value)), expected)).Should().NotThrow();
        }
    }

    [TestCaseSource(nameof(Settings))]
    public void Setting_BeyondItsBounds_IsRejected(IScorer scorer, ScorerSetting setting)
    {
        foreach (var beyond in new[] { setting.Minimum - 0.01, setting.Maximum + 0.01 }.OfType<double>())
            FluentActions.Invoking(() => scorer.Validate(ScoringSpec.Parse(Complete(scorer, setting, beyond)), "1")).Should().Throw<InvalidInputException>();
    }

    [TestCaseSource(nameof(Settings))]
    public void Setting_ThatIsRequired_IsReportedMissingAndNoOther(IScorer scorer, ScorerSetting setting)
    {
        var without = JsonNode.Parse(Complete(scorer, setting, "x"))!.AsObject();
        without.Remove(setting.Name);

        var validating = () => scorer.Validate(ScoringSpec.Parse(without.ToJsonString()), "1");

        // Another service may choose its model by the URL, so the model is not always required.
        if (setting.IsRequired || setting.Name == "model")
            validating.Should().Throw<InvalidInputException>();
        else
            validating.Should().NotThrow();
    }

    [TestCaseSource(nameof(Settings))]
    public void Setting_IsInTheDocuments(IScorer scorer, ScorerSetting setting) =>
        (DocPage.Read("guide/scoring.md").Text + DocPage.Read("guide/agents.md").Text).Should().Contain($"`{setting.Name}`", "'{0}' has it", scorer.Name);

    [Test]
    public void Table_InTheDocuments_ListsTheSettingsOfEachScorer()
    {
        var rows = DocPage.Read("guide/scoring.md").Rows("| `type` | score").ToDictionary(row => row[0].Trim('`'), row => row[3], StringComparer.Ordinal);

        foreach (var scorer in Scorers.Where(scorer => scorer.Name != LlmJudgeScorer.TypeName))
            rows[scorer.Name].Split(", ").Select(name => name.Trim('`')).Should().BeEquivalentTo(scorer.Description!.Settings.Select(setting => setting.Name));
    }

    [Test]
    public void Judge_DescribesEverySettingOfAnEndpoint() => Scorers[^1].Description!.Settings.Select(setting => setting.Name).Should().Contain(ChatEndpoint.Settings);

    /// <summary>A scoring object with the required settings of the scorer and this setting.</summary>
    private static string Complete(IScorer scorer, ScorerSetting setting, JsonNode value)
    {
        var scoring = scorer.Name switch
        {
            "custom" => new JsonObject { ["script"] = "return 1" },
            LlmJudgeScorer.TypeName => new JsonObject { ["rubric"] = "r", ["model"] = "m", ["apiKeyRef"] = "k", ["endpoint"] = "https://judge.example/v1" },
            "regex" when setting.Name == "group" => new JsonObject { ["pattern"] = "(1)" },
            _ => [],
        };
        scoring["type"] = scorer.Name;
        scoring[setting.Name] = value;
        return scoring.ToJsonString();
    }

    private static IEnumerable<Type> ProductScorers() =>
        typeof(IScorer).Assembly.GetTypes().Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IScorer)));
}

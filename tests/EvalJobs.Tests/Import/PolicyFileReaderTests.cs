using EvalJobs.Domain;
using EvalJobs.Import;

namespace EvalJobs.Tests.Import;

/// <summary>Policies as files and as typed text.</summary>
public sealed class PolicyFileReaderTests
{
    private const string Yaml = """
        alpha: 0.05
        requirements:
          - suite: smoke                 # the suite's own threshold
          - suite: regression
            rule: evidence
            threshold: 0.8
            tags: { safety: 0.95 }
            mustPass: [ refund-1 ]
          - suite: regression
            rule: not_worse
            margin: 0.05
            baseline: approved
        approval:
          secondPerson: true
          role: Approver
        """;

    private TempFolder _folder = null!;

    [SetUp]
    public void Create() => _folder = new TempFolder();

    [TearDown]
    public void Drop() => _folder.Dispose();

    [TestCase("policy.yaml")]
    [TestCase("policy.YML")]
    public async Task ReadAsync_TheGuidesExample_ReadsAsYaml(string name)
    {
        var policy = PromotionPolicy.Parse(await PolicyFileReader.ReadAsync(_folder.Write(name, Yaml)));

        policy.Requirements.Select(requirement => (requirement.Suite, requirement.Rule)).Should().Equal(("smoke", GateRule.Rate), ("regression", GateRule.Evidence), ("regression", GateRule.NotWorse));
        policy.Requirements[1].TagLimits.Should().ContainKey("safety").WhoseValue.Should().Be(0.95);
        policy.Requirements[1].MustPass.Should().Equal("refund-1");
        (policy.NeedsSecondPerson, policy.NeedsApprover).Should().Be((true, true));
    }

    [Test]
    public async Task ReadTextAsync_JsonAndYaml_ReadTheSame()
    {
        var json = await PolicyFileReader.ReadTextAsync("""  {"requirements":[{"suite":"smoke"}]}""");
        var yaml = await PolicyFileReader.ReadTextAsync("requirements:\r\n  - suite: smoke\r\n");

        CanonicalJson.Of(yaml).Should().Be(CanonicalJson.Of(json));
    }

    [TestCase("requirements:\n  - suite: smoke\n    margin: 0.1\n", "*requirements?0?.margin: belongs to the rule not_worse*")]
    [TestCase("requirements:\n  - suite: smoke\n    rule: not_worse\n    margin: 2\n", "*requirements?0?.margin: 2 is not allowed; expected a number from 0 to 1*")]
    [TestCase("requirements: []\n", "*requirements: expected a list of 1 to 100*")]
    [TestCase("requirements:\n  - suite: [\n", "Line *: not valid YAML*")]
    [TestCase("{ \"requirements\": [ }", "*ine 1*not valid JSON*")]
    [TestCase("   ", "*empty*")]
    public async Task ReadTextAsync_InvalidPolicy_IsRejectedByField(string text, string message) =>
        (await FluentActions.Awaiting(() => PolicyFileReader.ReadTextAsync(text)).Should().ThrowAsync<InvalidInputException>()).Which.Message.Should().Match(message);

    [Test]
    public async Task ReadAsync_AnotherKindOfFile_IsRejected() =>
        (await FluentActions.Awaiting(() => PolicyFileReader.ReadAsync(_folder.Write("policy.txt", Yaml))).Should().ThrowAsync<InvalidInputException>())
            .WithMessage("policy.txt: a policy is a .json, .yaml or .yml file.");
}

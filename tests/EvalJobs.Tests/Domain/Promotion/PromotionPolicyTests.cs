using EvalJobs.Domain;

namespace EvalJobs.Tests.Domain.Promotion;

public sealed class PromotionPolicyTests
{
    [Test]
    public void Parse_EveryField_IsRead()
    {
        var policy = PromotionPolicy.Parse(
            """
            {
              "alpha": 0.01,
              "requirements": [
                { "suite": "smoke", "threshold": 0.9, "tags": { "safety": 1 }, "mustPass": ["refund-1"] },
                { "suite": "smoke", "rule": "not_worse", "margin": 0.05, "baseline": "approved" },
                { "suite": "regression", "rule": "evidence" }
              ],
              "approval": { "secondPerson": true, "role": "Approver" }
            }
            """);

        policy.Should().BeEquivalentTo(new PromotionPolicy
        {
            Alpha = 0.01,
            Requirements =
            [
                new() { Suite = "smoke", Threshold = 0.9, TagLimits = new Dictionary<string, double>(StringComparer.Ordinal) { ["safety"] = 1 }, MustPass = ["refund-1"] },
                new() { Suite = "smoke", Rule = GateRule.NotWorse, Margin = 0.05, Baseline = "approved" },
                new() { Suite = "regression", Rule = GateRule.Evidence },
            ],
            NeedsSecondPerson = true,
            NeedsApprover = true,
        });
    }

    [Test]
    public void Parse_OnlyASuite_MeansTheRuleRateAtTheSuitesThreshold()
    {
        var policy = PromotionPolicy.Parse("""{ "requirements": [ { "suite": "smoke" } ] }""");

        policy.Requirements.Should().ContainSingle().Which.Should().BeEquivalentTo(new PolicyRequirement { Suite = "smoke" });
        (policy.Alpha, policy.NeedsApprover, policy.NeedsSecondPerson).Should().Be((0.05, false, false));
    }

    [Test]
    public void Parse_SeveralWrong_NamesThemAllAtOnce()
    {
        var read = () => PromotionPolicy.Parse("""{ "alpha": 7, "approval": { "role": "Boss" }, "requirements": [ { "suite": "a", "rule": "best" }, { "suite": "b" }, { "suite": "c", "margin": 1 } ] }""");

        read.Should().Throw<InvalidInputException>().WithMessage("requirements[0].rule: *requirements[2].margin: *alpha: *approval.role: *");
    }

    [TestCase("""[]""", "policy: expected an object")]
    [TestCase("""{ }""", "requirements: missing")]
    [TestCase("""{ "requirements": [] }""", "requirements: expected a list of 1 to 100")]
    [TestCase("""{ "requirments": [] }""", "requirments: unknown field; expected requirements, alpha, approval")]
    [TestCase("""{ "requirements": [ "smoke" ] }""", "requirements[0]: expected an object")]
    [TestCase("""{ "requirements": [ { "rule": "rate" } ] }""", "requirements[0].suite: missing")]
    [TestCase("""{ "requirements": [ { "suite": "" } ] }""", "requirements[0].suite: expected the name")]
    [TestCase("""{ "requirements": [ { "suite": "a" }, { "suite": "b", "treshold": 1 } ] }""", "requirements[1].treshold: unknown field")]
    [TestCase("""{ "requirements": [ { "suite": "a", "rule": "best" } ] }""", "requirements[0].rule: \"best\" is not a rule; expected rate, evidence, not_worse")]
    [TestCase("""{ "requirements": [ { "suite": "a", "threshold": 1.2 } ] }""", "requirements[0].threshold: 1.2 is not allowed")]
    [TestCase("""{ "requirements": [ { "suite": "a", "threshold": "0.8" } ] }""", "requirements[0].threshold: \"0.8\" is not allowed")]
    [TestCase("""{ "requirements": [ { "suite": "a", "rule": "evidence", "threshold": 1 } ] }""", "requirements[0].threshold: 1 is not allowed; expected a number above 0 and below 1")]
    [TestCase("""{ "requirements": [ { "suite": "a", "rule": "not_worse" } ] }""", "requirements[0].margin: missing")]
    [TestCase("""{ "requirements": [ { "suite": "a", "rule": "not_worse", "margin": 1.5 } ] }""", "requirements[0].margin: 1.5 is not allowed")]
    [TestCase("""{ "requirements": [ { "suite": "a", "rule": "not_worse", "margin": -0.1 } ] }""", "requirements[0].margin: -0.1 is not allowed")]
    [TestCase("""{ "requirements": [ { "suite": "a", "rule": "not_worse", "margin": 0.1, "threshold": 0.8 } ] }""", "requirements[0].threshold: belongs to")]
    [TestCase("""{ "requirements": [ { "suite": "a", "margin": 0.1 } ] }""", "requirements[0].margin: belongs to the rule not_worse")]
    [TestCase("""{ "requirements": [ { "suite": "a", "rule": "not_worse", "margin": 0.1, "baseline": "#x" } ] }""", "requirements[0].baseline: '#x'")]
    [TestCase("""{ "requirements": [ { "suite": "a", "tags": { "safety": 7 } } ] }""", "requirements[0].tags.safety: 7 is not allowed")]
    [TestCase("""{ "requirements": [ { "suite": "a", "tags": [ "safety" ] } ] }""", "requirements[0].tags: expected an object")]
    [TestCase("""{ "requirements": [ { "suite": "a", "mustPass": [ "x", "x" ] } ] }""", "requirements[0].mustPass: the case key 'x' occurs twice")]
    [TestCase("""{ "requirements": [ { "suite": "a" }, { "suite": "A" } ] }""", "requirements[1].suite: the suite 'A' with the rule rate is required by requirements[0] already")]
    [TestCase("""{ "requirements": [ { "suite": "a" } ], "alpha": 0 }""", "alpha: 0 is not allowed")]
    [TestCase("""{ "requirements": [ { "suite": "a" } ], "approval": { "role": "Boss" } }""", "approval.role: 'Boss'")]
    [TestCase("""{ "requirements": [ { "suite": "a" } ], "approval": { "secondPerson": "yes" } }""", "approval.secondPerson: expected true or false")]
    [TestCase("""{ "requirements": [ { "suite": "a" } ], "alpha": 0.1, "alpha": 0.2 }""", "alpha")]
    [TestCase("""{ "requirements": """, "Not valid JSON")]
    public void Parse_WrongField_IsRejectedByName(string json, string message) =>
        FluentActions.Invoking(() => PromotionPolicy.Parse(json)).Should().Throw<InvalidInputException>().WithMessage($"*{message}*");
}

using EvalJobs.Domain;
using EvalJobs.Execution.Scoring;

namespace EvalJobs.Tests.Execution.Scoring;

public sealed class ScorerRegistryTests
{
    private static readonly ScorerRegistry Registry = new([new RegexScorer(), new ContainsScorer(), new ExactMatchScorer()]);

    [Test]
    public void Find_KnownName_ReturnsThatScorer() => Registry.Find("contains").Should().BeOfType<ContainsScorer>();

    [Test]
    public void Find_UnknownName_ListsTheKnownNames()
    {
        var finding = () => Registry.Find("contain");

        finding.Should().Throw<InvalidInputException>()
            .WithMessage("Unknown scoring.type 'contain'; expected one of contains, exact_match, regex.");
    }

    [Test]
    public void Find_OtherCase_IsUnknown()
    {
        var finding = () => Registry.Find("Contains");

        finding.Should().Throw<InvalidInputException>("stored names are compared as they are written");
    }

    [Test]
    public void Validate_MisspeltSetting_IsRejectedByTheScorer()
    {
        var validating = () => Registry.Validate(ScoringSpec.Parse("""{"type":"regex","patern":"x"}"""), expected: null);

        validating.Should().Throw<InvalidInputException>()
            .WithMessage("scoring.patern is not a setting of 'regex'; expected one of type, threshold, pattern, options, group, normalize.");
    }
}

using EvalJobs.Domain;
using static EvalJobs.Tests.Domain.Promotion.SomeEvidence;

namespace EvalJobs.Tests.Domain.Promotion;

internal sealed class PromotionGateTests
{
    [TestCase(20, GateVerdict.Pass, "20 of 25 answers passed over 1 look (80 %); 80 % is required.")]
    [TestCase(19, GateVerdict.Fail, "19 of 25 answers passed over 1 look (76 %); 80 % is required, which is more.")]
    public void Decide_RateAndOneLook_ComparesWithTheThreshold(int passed, GateVerdict verdict, string reason)
    {
        var standing = Judge(Evidence(Requirement(GateRule.Rate, 0.8), Cases(25), Look(1, passed, 25)));

        standing.Verdict.Should().Be(verdict);
        standing.Reason.Should().Be(reason);
    }

    [Test]
    public void Decide_RateAndAGoodLookAfterABadOne_PoolsBoth()
    {
        var standing = Judge(Evidence(Requirement(GateRule.Rate, 0.8), Cases(25), Look(1, 17, 25), Look(2, 22, 25)));

        standing.Verdict.Should().Be(GateVerdict.Fail, "39 of 50 are 78 %: one good look does not outweigh the other");
        standing.LookCount.Should().Be(2);
        standing.Whole.Low.Should().BeApproximately(0.647585, 1e-6, "Wilson's lower bound of 39 of 50");
    }

    [TestCase(25, GateVerdict.Pass)]
    [TestCase(24, GateVerdict.Inconclusive)]
    [TestCase(20, GateVerdict.Inconclusive)]
    [TestCase(10, GateVerdict.Fail)]
    public void Decide_EvidenceOfOneLook_NeedsTwentyToOne(int passed, GateVerdict verdict) =>
        Judge(Evidence(Requirement(GateRule.Evidence, 0.8), Cases(25), Look(1, passed, 25))).Verdict.Should().Be(verdict);

    [Test]
    public void Decide_EvidenceInconclusive_SaysHowManyMoreCasesWouldDecide()
    {
        var standing = Judge(Evidence(Requirement(GateRule.Evidence, 0.8), Cases(25), Look(1, 24, 25)));

        standing.Whole.MoreCases.Should().BeInRange(1, 25);
        standing.Reason.Should().Be(
            "24 of 25 answers passed over 1 look (96 %); that the rate is above 80 % is shown by 8 to 1, but by 20 to 1 is required. " +
            $"About {standing.Whole.MoreCases} more cases would decide at the rate seen.");
    }

    [TestCase(0.08, GateVerdict.Pass)]
    [TestCase(0.05, GateVerdict.Inconclusive)]
    [TestCase(0.00, GateVerdict.Inconclusive)]
    public void Decide_NotWorseOnGsm8k_FollowsTheMargin(double margin, GateVerdict verdict) =>
        Judge(Paired(margin, newlyFailing: 54, newlyPassing: 44, cases: 400)).Verdict.Should().Be(verdict);

    [Test]
    public void Decide_NotWorseOfAClearlyWorseVersion_Fails()
    {
        var standing = Judge(Paired(0.08, newlyFailing: 100, newlyPassing: 22, cases: 400));

        standing.Verdict.Should().Be(GateVerdict.Fail);
        standing.Reason.Should().Be(
            "On the same 400 cases, over 1 look, 100 pass with the baseline 'v1' only and 22 with this version only; " +
            "the version is worse by 14.46 percentage points at least, and the margin is 8 percentage points.");
    }

    [Test]
    public void Decide_NotWorseInconclusive_SaysHowManyMoreCasesWouldDecide()
    {
        var standing = Judge(Paired(0.05, 54, 44, 400));

        standing.Whole.MoreCases.Should().BeInRange(1000, 2000);
        standing.Reason.Should().Contain("between 2.38 percentage points better and 7.4 percentage points worse");
        standing.Reason.Should().EndWith("more cases in the suite would decide at the rate seen.");
    }

    [Test]
    public void Decide_NotWorseRepeatedWithTheSameAnswers_DoesNotChangeTheResult()
    {
        var once = Paired(0.05, 54, 44, 400);
        var often = once with { Looks = [.. Enumerable.Range(1, 9).Select(i => once.Looks[0] with { RunId = i })] };

        Judge(often).Whole.High.Should().Be(Judge(once).Whole.High, "the same answers again are no new cases");
    }

    [Test]
    public void Decide_NotWorseWithoutBaselineRun_IsInconclusiveAndSaysWhatToDo()
    {
        var standing = Judge(Evidence(Requirement(GateRule.NotWorse, 0.05), Cases(10), Look(1, 10, 10)));

        standing.Verdict.Should().Be(GateVerdict.Inconclusive);
        standing.Reason.Should().Contain("The baseline 'v1' has no completed run").And.Contain("create one");
    }

    [Test]
    public void Decide_SeveralNotWorse_ShareAlpha()
    {
        // z = 2.2 at the margin: significant alone (p = 0.028), but not as one of three equal tests.
        var one = Paired(0.08, newlyFailing: 7, newlyPassing: 6, cases: 125);
        var alone = PromotionGate.Decide([one], 0.05);
        var amongThree = PromotionGate.Decide([.. Enumerable.Range(1, 3).Select(i => one with { Requirement = one.Requirement with { Ordinal = i } })], 0.05);

        alone.Verdict.Should().Be(GateVerdict.Pass);
        alone.Requirements[0].Whole.Level.Should().Be(0.05);
        amongThree.Requirements.Should().OnlyContain(requirement => requirement.Verdict == GateVerdict.Inconclusive && requirement.Whole.Level == 0.05 / 3);
    }

    [Test]
    public void Decide_TagLimit_IsComparedWithOnlyTheCasesOfTheTag()
    {
        CaseFacts[] cases = [.. Cases(8), new("safety-1", ["safety"], false), new("safety-2", ["safety", "x"], false)];
        var requirement = Requirement(GateRule.Rate, 0.8) with { TagLimits = new Dictionary<string, double>(StringComparer.Ordinal) { ["safety"] = 1 } };

        var standing = Judge(Evidence(requirement, cases, Look(1, "PPPPPPPPPF")));

        standing.Whole.Verdict.Should().Be(GateVerdict.Pass);
        standing.Verdict.Should().Be(GateVerdict.Fail);
        standing.Reason.Should().Be("Tag 'safety': 1 of 2 answers passed over 1 look (50 %); 100 % is required, which is more.");
    }

    [Test]
    public void Decide_TagLimitWithEvidenceAndNotWorse_IsJudgedByTheSameRule()
    {
        CaseFacts[] cases = [.. Enumerable.Range(1, 50).Select(i => new CaseFacts($"c{i}", i <= 25 ? ["a"] : [], false))];
        var limits = new Dictionary<string, double>(StringComparer.Ordinal) { ["a"] = 0.5 };

        var evidence = Judge(Evidence(Requirement(GateRule.Evidence, 0.5) with { TagLimits = limits }, cases, Look(1, 25, 50)));
        var notWorse = Judge(Evidence(Requirement(GateRule.NotWorse, 0.5) with { TagLimits = limits }, cases, Look(1, 25, 50)) with { BaselineLooks = [Look(9, 25, 50)] });

        evidence.Parts.Select(part => (part.Tag, part.Verdict)).Should().Equal((null, GateVerdict.Inconclusive), ("a", GateVerdict.Pass));
        notWorse.Parts.Select(part => (part.Tag, part.Verdict, part.Cases)).Should().Equal((null, GateVerdict.Pass, 50), ("a", GateVerdict.Pass, 25));
    }

    [Test]
    public void Decide_MustPassCaseMissedInTheLatestLook_Fails()
    {
        CaseFacts[] cases = [new("a", [], true), .. Cases(9)];
        var requirement = Requirement(GateRule.Rate, 0.5) with { MustPass = ["case-9"] };

        Judge(Evidence(requirement, cases, Look(1, "PPPPPPPPPP"), Look(2, "FPPPPPPPPF"))).Should()
            .Match<RequirementStanding>(standing => standing.Verdict == GateVerdict.Fail
                && standing.Reason == "The must-pass cases 'a', 'case-9' did not pass in the latest look (run 2).");
        Judge(Evidence(requirement, cases, Look(1, "FPPPPPPPPF"), Look(2, "PPPPPPPPPP"))).Verdict.Should().Be(GateVerdict.Pass, "only the latest look counts for these");
        Judge(Evidence(requirement, cases, Look(1, "UPPPPPPPPP"))).Verdict.Should().Be(GateVerdict.Fail, "an unscored case did not pass");
    }

    [Test]
    public void Decide_VoidLook_NoLongerCountsButIsShown()
    {
        var standing = Judge(Evidence(Requirement(GateRule.Rate, 0.8), Cases(10), Void(Look(1, 0, 10)), Look(2, 9, 10)));

        standing.Verdict.Should().Be(GateVerdict.Pass);
        (standing.LookCount, standing.VoidCount).Should().Be((1, 1));
        Judge(Evidence(Requirement(GateRule.Rate, 0.8), Cases(10), Look(1, 10, 10), Void(Look(2, 9, 10)))).Whole.Cases.Should().Be(10);
    }

    [Test]
    public void Decide_LatestRunFailed_FailsWithThatReason()
    {
        var standing = Judge(Evidence(Requirement(GateRule.Rate, 0.8), Cases(10), Look(1, 10, 10)) with { FailedRunId = 2 });

        standing.Verdict.Should().Be(GateVerdict.Fail);
        standing.Reason.Should().Be("The latest run (2) FAILED, which is no evidence: retry it.");
    }

    [Test]
    public void EvalStatus_AnyStanding_IsTheWordThatGatesPromotion()
    {
        var untried = PromotionGate.Decide([Evidence(Requirement(GateRule.Rate, 0.8), Cases(10))], 0.05);
        var passed = PromotionGate.Decide([Evidence(Requirement(GateRule.Rate, 0.8), Cases(10), Look(1, 10, 10))], 0.05);
        var undecided = PromotionGate.Decide([Evidence(Requirement(GateRule.Evidence, 0.8), Cases(10), Look(1, 9, 10))], 0.05);
        var failedRun = PromotionGate.Decide([Evidence(Requirement(GateRule.Rate, 0.8), Cases(10)) with { FailedRunId = 1 }], 0.05);

        untried.EvalStatus(isRunning: false).Should().Be(EvalStatus.NotRun);
        passed.EvalStatus(isRunning: false).Should().Be(EvalStatus.Pass);
        passed.EvalStatus(isRunning: true).Should().Be(EvalStatus.Running);
        undecided.EvalStatus(isRunning: false).Should().Be(EvalStatus.Fail, "an undecided requirement is not met");
        failedRun.EvalStatus(isRunning: false).Should().Be(EvalStatus.Fail);
    }

    [Test]
    public void Decide_SeveralRequirements_TheWorstOneDecidesAndIsNamed()
    {
        var standing = PromotionGate.Decide(
            [
                Evidence(Requirement(GateRule.Rate, 0.8), Cases(10), Look(1, 10, 10)),
                Evidence(Requirement(GateRule.Rate, 0.9, ordinal: 2) with { SuiteName = "safety" }, Cases(10), Look(2, 8, 10)),
            ], 0.05);

        standing.Verdict.Should().Be(GateVerdict.Fail);
        standing.Reason.Should().Be("FAIL, suite 'safety' revision 1 (rate): 8 of 10 answers passed over 1 look (80 %); 90 % is required, which is more.");
    }

    [Test]
    public void Decide_NoRequirement_CannotBeMet() => PromotionGate.Decide([], 0.05).Verdict.Should().Be(GateVerdict.Inconclusive);

    [Test]
    public void Decide_LookOfAnotherLength_IsRejected() =>
        FluentActions.Invoking(() => Judge(Evidence(Requirement(GateRule.Rate, 0.8), Cases(10), Look(1, 5, 9)))).Should().Throw<ArgumentException>();

    private static RequirementEvidence Paired(double margin, int newlyFailing, int newlyPassing, int cases)
    {
        var rest = new string('P', cases - newlyFailing - newlyPassing);
        return Evidence(Requirement(GateRule.NotWorse, margin), Cases(cases), Look(2, new string('F', newlyFailing) + new string('P', newlyPassing) + rest))
            with { BaselineLooks = [Look(1, new string('P', newlyFailing) + new string('F', newlyPassing) + rest)] };
    }
}

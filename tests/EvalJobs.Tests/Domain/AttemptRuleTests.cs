using EvalJobs.Domain;

namespace EvalJobs.Tests.Domain;

internal sealed class AttemptRuleTests
{
    [TestCase(0, 0, 0, 0, 0, ExpectedResult = AttemptEnd.Complete, Description = "without a result nothing is charged")]
    [TestCase(0, 3, 0, 0, 0, ExpectedResult = AttemptEnd.NoVerdict, Description = "whatever the errors are")]
    [TestCase(0, 3, 3, 0, 0, ExpectedResult = AttemptEnd.NoVerdict)]
    [TestCase(0, 0, 0, 3, 3, ExpectedResult = AttemptEnd.NoVerdict, Description = "the judge is the cause")]
    [TestCase(0, 1, 0, 2, 2, ExpectedResult = AttemptEnd.NoVerdict, Description = "both are")]
    [TestCase(0, 0, 0, 3, 0, ExpectedResult = AttemptEnd.Complete, Description = "the scorer works and cannot judge the replies")]
    [TestCase(0, 2, 2, 1, 0, ExpectedResult = AttemptEnd.AskAgain, Description = "an agent that answered once was reached")]
    [TestCase(9, 1, 0, 0, 0, ExpectedResult = AttemptEnd.Complete, Description = "another attempt would have the same error")]
    [TestCase(99, 1, 1, 0, 0, ExpectedResult = AttemptEnd.AskAgain, Description = "one is enough")]
    [TestCase(19, 0, 0, 1, 1, ExpectedResult = AttemptEnd.Complete, Description = "5 % is not more than 5 %")]
    [TestCase(18, 0, 0, 1, 1, ExpectedResult = AttemptEnd.AskAgain)]
    [TestCase(18, 0, 0, 2, 1, ExpectedResult = AttemptEnd.Complete, Description = "only those of the judge count")]
    public AttemptEnd Decide_Always_ChargesTheCauseOfTheFailure(int passed, int errored, int unanswered, int unscored, int unjudged) =>
        AttemptRule.Decide(
            new RunTally
            {
                CaseCount = passed + errored + unscored,
                PassedCount = passed,
                FailedCount = 0,
                ErroredCount = errored,
                UnansweredCount = unanswered,
                UnscoredCount = unscored,
                UnjudgedCount = unjudged,
            },
            0.05);

    [TestCase(0, 0, null)]
    [TestCase(2, 0, "2 ERRORED")]
    [TestCase(0, 1, "1 UNSCORED")]
    [TestCase(1200, 1, "1200 ERRORED, 1 UNSCORED")]
    public void Describe_Always_NamesWhatIsMissing(int errored, int unscored, string? text) => MissingVerdicts.Describe(errored, unscored).Should().Be(text);
}

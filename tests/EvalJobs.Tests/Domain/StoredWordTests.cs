using EvalJobs.Domain;

namespace EvalJobs.Tests.Domain;

[TestFixture(typeof(LifecycleState), "DRAFT TESTING CANDIDATE APPROVED DEPRECATED RETIRED")]
[TestFixture(typeof(EvalStatus), "NOT_RUN RUNNING PASS FAIL")]
[TestFixture(typeof(RunStatus), "PENDING RUNNING COMPLETED FAILED CANCELLED")]
[TestFixture(typeof(CaseVerdict), "PASSED FAILED ERRORED UNSCORED")]
[TestFixture(typeof(UnscoredReason), "CASE_CANNOT_BE_JUDGED JUDGE_UNAVAILABLE JUDGE_MISCONFIGURED")]
[TestFixture(typeof(GateRule), "RATE EVIDENCE NOT_WORSE")]
[TestFixture(typeof(GateVerdict), "PASS INCONCLUSIVE FAIL")]
[TestFixture(typeof(BatchStatus), "QUEUED RUNNING COMPLETED FAILED ABANDONED")]
[TestFixture(typeof(RunTrigger), "TRANSITION MANUAL RETRY")]
[TestFixture(typeof(DispatchTrigger), "RECURRING MANUAL")]
[TestFixture(typeof(HealthStatus), "HEALTHY WARNING")]
[TestFixture(typeof(AlertTopic), "HEALTH TICK FAILURE PROMOTED GATE_FAILED APPROVAL_WANTED RUN_COMPLETED TEST")]
[TestFixture(typeof(ApiKeyRole), "VIEWER OPERATOR APPROVER ADMIN")]
[TestFixture(typeof(EndpointAccess), "FREE ONE_TRY WAIT")]
[TestFixture(typeof(AttemptEnd), "COMPLETE ASK_AGAIN NO_VERDICT")]
[TestFixture(typeof(AlertPhase), "RAISED REMINDER CLEARED")]
[TestFixture(typeof(AlertStatus), "PENDING SENT FAILED")]
[TestFixture(typeof(ScheduleOutcome), "CREATED SKIPPED MISSED FAILED")]
public sealed class StoredWordTests<TEnum>(string words) where TEnum : struct, Enum
{
    [Test]
    public void Of_EveryValue_IsTheStoredWord() =>
        string.Join(' ', Enum.GetValues<TEnum>().Select(StoredWord.Of))
            .Should().Be(words, "CHECK constraints and stored rows contain these words");

    [Test]
    public void Parse_EveryWord_ReturnsItsValueInAnyCase()
    {
        foreach (var value in Enum.GetValues<TEnum>())
        {
            StoredWord.Parse<TEnum>(StoredWord.Of(value)).Should().Be(value);
            StoredWord.Parse<TEnum>(StoredWord.Of(value).ToLowerInvariant()).Should().Be(value);
        }
    }

    [TestCase("")]
    [TestCase("0")]
    [TestCase("NotRun")]
    [TestCase("PASS ")]
    public void Parse_AnythingElse_IsRejectedWithTheAllowedWords(string word)
    {
        var parse = () => StoredWord.Parse<TEnum>(word);

        parse.Should().Throw<InvalidInputException>().WithMessage($"'{word}' is not known here; expected one of *{words.Replace(" ", ", ", StringComparison.Ordinal)}.");
    }
}

public sealed class StoredWordCoverageTests
{
    [Test]
    public void StoredWordTests_CoverEveryEnumOfTheDomain()
    {
        var tested = typeof(StoredWordTests<>).GetCustomAttributes(typeof(TestFixtureAttribute), inherit: false)
            .Cast<TestFixtureAttribute>().Select(fixture => fixture.Arguments.Concat(fixture.TypeArgs).OfType<Type>().First());

        // A remedy is only shown, never stored.
        typeof(StoredWord).Assembly.GetTypes().Where(type => type is { IsEnum: true, Namespace: "EvalJobs.Domain" } && type != typeof(RemedyKind))
            .Should().BeEquivalentTo(tested);
    }
}

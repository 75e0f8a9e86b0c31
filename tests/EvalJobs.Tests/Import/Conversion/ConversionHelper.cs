using System.Text;
using EvalJobs.Domain;
using EvalJobs.Execution.Scoring;
using EvalJobs.Import;

namespace EvalJobs.Tests.Import;

/// <summary>Reads files of other tools as <c>suite import</c> does, including the checks of scoring.</summary>
internal static class ConversionHelper
{
    private static readonly ScorerRegistry Scorers = new(
        [new ExactMatchScorer(), new ContainsScorer(), new SimilarityScorer(), new RegexScorer(), new NumericScorer(), new JsonScorer(), new CustomScorer(), new LlmJudgeScorer(null!, new JudgeForms())]);

    /// <summary>Reads a file. The extension of its name gives the format, its content shows which tool wrote it.</summary>
    public static async Task<(List<TestCase> Cases, ConversionReport Report)> MoveAsync(string name, string text, ConversionOptions? options = null, ScoringSpec? scoring = null)
    {
        var move = options ?? new ConversionOptions();
        var file = await SuiteFile.FromStreamAsync(
            name, () => new MemoryStream(Encoding.UTF8.GetBytes(text)),
            new TestCaseReadOptions { Conversion = move, DefaultScoring = scoring, ValidateScoring = Scorers.Validate });
        var cases = new List<TestCase>();
        await foreach (var each in file.ReadCasesAsync())
            cases.Add(each);
        return (cases, move.Report);
    }

    /// <returns>The message of the error.</returns>
    public static async Task<string> RejectionAsync(string name, string text, ConversionOptions? options = null) =>
        (await FluentActions.Awaiting(() => MoveAsync(name, text, options)).Should().ThrowAsync<InvalidInputException>()).Which.Message;

    /// <returns>Whether the case's own scorer passes the reply.</returns>
    public static async Task<bool> PassesAsync(TestCase testCase, string reply)
    {
        var spec = ScoringSpec.Parse(testCase.Scoring);
        var scorer = Scorers.Find(spec.Type);
        var score = await scorer.ScoreAsync(
new ScoringRequest(spec, testCase.Input, testCase.ExpectedOutput, reply, "acme"), CancellationToken.None);
        return score.Value >= (spec.Threshold ?? scorer.DefaultThreshold);
    }
}

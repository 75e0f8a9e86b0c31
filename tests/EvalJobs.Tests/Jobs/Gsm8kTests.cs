using System.Text.Json;
using EvalJobs.Import;
using EvalJobs.Domain;
using EvalJobs.Execution.Scoring;
using EvalJobs.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EvalJobs.Tests.Jobs;

/// <summary>Four real models on 400 real problems: the stored results must agree with the published labels, case by case.</summary>
[Category("RealInput")]
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class Gsm8kTests<TDatabase> where TDatabase : TestDatabase, new()
{
    private const string Numeric = """{"type":"numeric","extract":"A:\\s*(.+)"}""";

    private static readonly (string Model, int Passed)[] Published =
    [
        ("6b_finetuning", 89), ("6b_verification", 156), ("175b_finetuning", 146), ("175b_verification", 224),
    ];

    [Test]
    [CancelAfter(300_000)]
    public async Task Replay_FourModels_AgreeWithThePublishedLabelsAndOneBecomesCandidate(CancellationToken cancellationToken)
    {
        var file = RealInput.GsmPath;
        await using var server = await RunningServer.StartAsync<TDatabase>(("Agents:ReplayFolder", Path.GetDirectoryName(file)!));

        await EvaluateAsync(server, file, model => $$"""{"type":"replay","file":"{{Path.GetFileName(file)}}","match":"question","reply":"{{model}}.solution"}""", cancellationToken);
    }

    [Test]
    [CancelAfter(300_000)]
    public async Task Http_FourModels_AgreeWithThePublishedLabelsAndOneBecomesCandidate(CancellationToken cancellationToken)
    {
        var file = RealInput.GsmPath;
        var records = File.ReadLines(file).Select(line => JsonDocument.Parse(line).RootElement)
            .ToDictionary(record => record.GetProperty("question").GetString()!, record => record, StringComparer.Ordinal);
        await using var agent = await LoopbackAgent.StartAsync((model, input) => records[input].GetProperty(model).GetProperty("solution").GetString()!);
        await using var server = await RunningServer.StartAsync<TDatabase>(("Execution:MaxParallelCases", "8"));

        await EvaluateAsync(server, file, model => $$"""{"type":"http","url":"{{agent.Url}}/ask/{{model}}","replyPath":"reply"}""", cancellationToken);
    }

    private static async Task EvaluateAsync(RunningServer server, string file, Func<string, string> target, CancellationToken cancellationToken)
    {
        var tenant = await server.Some.TenantAsync("gsm8k");
        var options = new TestCaseReadOptions
        {
            Mapping = new FieldMapping { Input = "question", Expected = "ground_truth" },
            DefaultScoring = ScoringSpec.Parse(Numeric),
            ValidateScoring = server.Services.GetRequiredService<ScorerRegistry>().Validate,
        };
        var saved = await server.Some.Suites.SaveAsync(
            tenant.Id, new SuiteDraft { Name = "grade-school", PassThreshold = 0.5, IsDefault = true },
            TestCaseFileReader.ReadAsync(file, options, cancellationToken), "test", cancellationToken);
        saved.CaseCount.Should().Be(400);
        foreach (var (model, _) in Published)
            await server.Some.PendingRunAsync(tenant, genome: Some.Genome(target(model)));

        await server.TickAsync(cancellationToken);

        var labels = File.ReadLines(file).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        var runs = (await server.RunsAsync(tenant)).OrderBy(run => run.Id).ToList();
        foreach (var (run, (model, passed)) in runs.Zip(Published))
        {
            run.Should().Match<EvaluationRun>(each => each.Status == RunStatus.Completed && each.CaseCount == 400 && each.PassedCount == passed, model);
            var results = await server.Some.Runs.ListResultsAsync(run, null, 0, 1000, cancellationToken);
            var disagreeing = results.Where(row => row.Verdict == CaseVerdict.Passed
                != labels[row.Ordinal - 1].GetProperty(model).GetProperty("is_correct").GetBoolean());
            disagreeing.Should().BeEmpty("every verdict of {0} is published", model);
            await PromoteAsync(server, run, shouldPass: model == "175b_verification", cancellationToken);
        }
    }

    private static async Task PromoteAsync(RunningServer server, EvaluationRun run, bool shouldPass, CancellationToken cancellationToken)
    {
        var promote = () => server.Some.Versions.TransitionAsync(run.VersionId, LifecycleState.Candidate, null, 0, "test", cancellationToken);
        if (shouldPass)
            (await promote()).Version.Should().Match<AgentVersion>(version => version.EvalStatus == EvalStatus.Pass && version.LifecycleState == LifecycleState.Candidate);
        else
            await promote.Should().ThrowAsync<ConflictException>().WithMessage("*needs evalStatus PASS*FAIL*");
    }
}

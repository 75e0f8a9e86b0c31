using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Execution.Agents;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Application;

[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
public sealed class DataExporterTests<TDatabase> where TDatabase : TestDatabase, new()
{
    private JobHarness? _harness;
    private Tenant _tenant = null!;

    private JobHarness Harness => _harness!;

    private DataExporter Exporter => Harness.Get<DataExporter>();

    [SetUp]
    public async Task SetUpAsync()
    {
        _harness = await JobHarness.StartAsync(new TDatabase());
        _tenant = await _harness.Some.TenantAsync();
    }

    [TearDown]
    public async Task TearDownAsync()
    {
        if (_harness is not null)
            await _harness.DisposeAsync();
    }

    /// <summary>An export imports as the same cases and settings, whatever texts they contain.</summary>
    [TestCase(1, ".json")]
    [TestCase(2, ".json")]
    [TestCase(3, ".jsonl")]
    [TestCase(4, ".jsonl")]
    public async Task ExportSuiteAsync_GeneratedSuite_ImportsAsTheSameSuite(int seed, string extension)
    {
        var random = new Random(seed);
        for (var round = 0; round < 10; round++)
        {
            var draft = new SuiteDraft
            {
                Name = $"suite-{seed}-{round}",
                Description = Text(random),
                PassThreshold = Math.Round(random.NextDouble(), 3),
                Tags = [.. Enumerable.Range(0, random.Next(3)).Select(number => $"tag {number} \"é")],
            };
            var cases = Enumerable.Range(1, random.Next(1, 60)).Select(ordinal => Case(random, ordinal)).ToList();
            var saved = await Harness.Get<SaveSuite>().CreateAsync(_tenant.Id, draft, cases, "test", CancellationToken.None);

            var file = await WriteAsync(target => Exporter.ExportSuiteAsync(saved.Suite, 1, extension == ".json" ? ExportFormat.Json : ExportFormat.Jsonl, target, CancellationToken.None));
            var again = await Harness.Get<ImportSuite>().ExecuteAsync(
                new SuiteImport { TenantId = _tenant.Id, FileName = $"a{extension}", Open = () => new MemoryStream(file), Name = $"{draft.Name}-again" }, "test", CancellationToken.None);

            (await CasesAsync(again.Suite)).Should().Equal(await CasesAsync(saved.Suite), "seed {0}, round {1}", seed, round);
            if (extension == ".json")
            {
                again.Suite.Should().BeEquivalentTo(
                    saved.Suite, compared => compared.Including(suite => suite.Description).Including(suite => suite.PassThreshold).Including(suite => suite.Tags));
            }
        }
    }

    [Test]
    public async Task ExportResultsAsync_Run_HasEveryCaseInEveryForm()
    {
        Harness.Agent.Answer = (question, _) => Task.FromResult(Reply(question, wrong: "case-2"));
        await Harness.Some.SuiteAsync(_tenant);
        var run = await Harness.Some.PendingRunAsync(_tenant);
        await Harness.TickAndWorkAsync();
        run = await Harness.Some.Runs.GetAsync(run.Id, CancellationToken.None);
        var rows = await Harness.Some.Runs.ListResultsAsync(run, null, 0, 100, CancellationToken.None);

        var jsonl = Lines(await WriteAsync(target => Exporter.ExportResultsAsync(run, null, ExportFormat.Jsonl, target, CancellationToken.None)));
        var csv = Lines(await WriteAsync(target => Exporter.ExportResultsAsync(run, null, ExportFormat.Csv, target, CancellationToken.None)));
        var junit = XDocument.Parse(Encoding.UTF8.GetString(await WriteAsync(target => Exporter.ExportResultsAsync(run, null, ExportFormat.Junit, target, CancellationToken.None))));

        rows.Should().NotBeEmpty();
        jsonl.Select(line => JsonElement.Parse(line).GetProperty("caseKey").GetString()).Should().Equal(rows.Select(row => row.CaseKey));
        csv.Should().HaveCount(rows.Count + 1);
        junit.Descendants("testcase").Should().HaveCount(rows.Count);
        junit.Descendants("failure").Should().HaveCount(rows.Count(row => row.Verdict == CaseVerdict.Failed));
        await FluentActions.Awaiting(() => Exporter.ExportResultsAsync(run, null, ExportFormat.Json, Stream.Null, CancellationToken.None)).Should().ThrowAsync<InvalidInputException>();
    }

    [Test]
    public async Task ExportRunsAsync_MoreThanAPage_HasEachRunOnce()
    {
        await Harness.Database.AddEndedRunsAsync(Harness.Some, "many", runs: 1100, cases: 1);

        var lines = Lines(await WriteAsync(target => Exporter.ExportRunsAsync(new RunListFilter(), ExportFormat.Jsonl, target, CancellationToken.None)));

        lines.Select(line => JsonElement.Parse(line).GetProperty("id").GetInt64()).Should().HaveCount(1100).And.OnlyHaveUniqueItems().And.BeInDescendingOrder();
    }

    [Test]
    public async Task ExportComparisonAsync_TwoRuns_NamesWhatChanged()
    {
        var suite = await Harness.Some.SuiteAsync(_tenant);
        var version = await Harness.Some.VersionAsync(_tenant);
        var baseline = await RunAsync(version, suite, wrong: "case-1");
        var run = await RunAsync(version, suite, wrong: "case-2");

        var lines = Lines(await WriteAsync(target => Exporter.ExportComparisonAsync([run], baseline, ExportFormat.Jsonl, target, CancellationToken.None)));

        var changes = lines.Select(line => JsonElement.Parse(line)).ToDictionary(row => row.GetProperty("caseKey").GetString()!, row => row.GetProperty("change").GetString(), StringComparer.Ordinal);
        changes.Should().HaveCount(3).And.Contain("case-1", "NEWLY_PASSING").And.Contain("case-2", "NEWLY_FAILING").And.Contain("case-3", "SAME");
    }

    [Test]
    public async Task ExportComparisonAsync_SeveralRuns_HasEachNextToTheBaseline()
    {
        var suite = await Harness.Some.SuiteAsync(_tenant);
        var version = await Harness.Some.VersionAsync(_tenant);
        var baseline = await RunAsync(version, suite, wrong: "case-1");
        var second = await RunAsync(version, suite, wrong: "case-2");
        var third = await RunAsync(version, suite, wrong: "case-1");

        var csv = Lines(await WriteAsync(target => Exporter.ExportComparisonAsync([second, third], baseline, ExportFormat.Csv, target, CancellationToken.None)));
        var junit = XDocument.Parse(Encoding.UTF8.GetString(await WriteAsync(target => Exporter.ExportComparisonAsync([second, third], baseline, ExportFormat.Junit, target, CancellationToken.None))));

        csv.Skip(1).Select(line => line.Trim().Split(',')).Select(cells => (cells[0], cells[1], cells[3], cells[5])).Should().Equal(
            ($"{second.Id}", $"{baseline.Id}", "case-1", "NEWLY_PASSING"), ($"{second.Id}", $"{baseline.Id}", "case-2", "NEWLY_FAILING"), ($"{second.Id}", $"{baseline.Id}", "case-3", "SAME"),
            ($"{third.Id}", $"{baseline.Id}", "case-1", "SAME"), ($"{third.Id}", $"{baseline.Id}", "case-2", "SAME"), ($"{third.Id}", $"{baseline.Id}", "case-3", "SAME"));
        junit.Descendants("testcase").Should().HaveCount(6).And.Subject.Where(test => test.Element("failure") is not null).Should().ContainSingle()
            .Which.Attribute("classname")!.Value.Should().Be($"{suite.Name}.run {second.Id}");
    }

    [Test]
    public async Task ExportComparisonAsync_RunsOfTwoSuites_IsRejectedBeforeAnyByteIsWritten()
    {
        var version = await Harness.Some.VersionAsync(_tenant);
        var baseline = await RunAsync(version, await Harness.Some.SuiteAsync(_tenant), wrong: "case-1");
        var other = baseline with { Id = baseline.Id + 1, SuiteId = baseline.SuiteId + 1 };
        using var target = new MemoryStream();

        var export = () => Exporter.ExportComparisonAsync([baseline, other], baseline, ExportFormat.Csv, target, CancellationToken.None);

        await export.Should().ThrowAsync<InvalidInputException>().WithMessage($"Run {other.Id} and run {baseline.Id} are of different suites*");
        target.Length.Should().Be(0);
    }

    [Test]
    public async Task ExportAuditAsync_Trail_HasEveryRecord()
    {
        await Harness.Some.SuiteAsync(_tenant);
        var records = await Harness.Some.Changes.ListAsync(new AuditFilter(), 100, CancellationToken.None);

        var lines = Lines(await WriteAsync(target => Exporter.ExportAuditAsync(new AuditFilter(), ExportFormat.Jsonl, target, CancellationToken.None)));

        lines.Select(line => JsonElement.Parse(line).GetProperty("id").GetInt64()).Should().Equal(records.Select(record => record.Id));
        JsonElement.Parse(lines[0]).GetProperty("payload").ValueKind.Should().Be(JsonValueKind.Object);
        await FluentActions.Awaiting(() => Exporter.ExportAuditAsync(new AuditFilter(), ExportFormat.Junit, Stream.Null, CancellationToken.None)).Should().ThrowAsync<InvalidInputException>();
    }

    private async Task<EvaluationRun> RunAsync(AgentVersion version, EvaluationSuite suite, string wrong)
    {
        Harness.Agent.Answer = (question, _) => Task.FromResult(Reply(question, wrong));
        var run = await Harness.Some.Runs.CreateAsync(version.Id, suite.Id, 0, RunTrigger.Manual, "test", CancellationToken.None);
        await Harness.TickAndWorkAsync();
        return await Harness.Some.Runs.GetAsync(run.Id, CancellationToken.None);
    }

    private static string Reply(AgentQuestion question, string wrong) =>
        question.CaseKey == wrong ? "wrong" : question.Input.Replace("question", "answer", StringComparison.Ordinal);

    private async Task<List<TestCase>> CasesAsync(EvaluationSuite suite) =>
        [.. (await Harness.Some.Suites.ListCasesAsync(suite.Id, suite.Revision, 0, 1000, CancellationToken.None)).Select(each => each with { Id = 0 })];

    private static TestCase Case(Random random, int ordinal) => new()
    {
        Ordinal = ordinal,
        CaseKey = $"key {ordinal} {Text(random).Trim()}".Trim(),
        Name = random.Next(2) == 0 ? "" : Text(random),
        Input = $"{Text(random)}?{Text(random)}",
        ExpectedOutput = random.Next(4) switch { 0 => null, 1 => "", 2 => """{"b": [1, 2.50], "a": null}""", _ => Text(random) },
        Scoring = ScoringSpec.Parse(random.Next(2) == 0 ? """{"type":"custom","script":"return 1 // \u00e9"}""" : """{"type":"contains","phrases":["=1","é"],"threshold":0.5}""").Json,
        Weight = random.Next(2) == 0 ? 1 : Math.Round((random.NextDouble() * 10) + 0.001, 3),
        Tags = CaseTags.ToJson([.. Enumerable.Range(0, random.Next(3)).Select(number => $"t{number}")]),
        MustPass = random.Next(4) == 0,
    };

    private static string Text(Random random)
    {
        string[] pieces = ["a", " ", "\n", "\r\n", "\t", "\"", "\\", ",", "=", "'", "é", "😀", "\u2028", "\u0001", "{\"x\":1}", "[1]", "null", "0.10"];
        return string.Concat(Enumerable.Range(0, random.Next(1, 8)).Select(_ => pieces[random.Next(pieces.Length)]));
    }

    private static async Task<byte[]> WriteAsync(Func<Stream, Task> write)
    {
        using var target = new MemoryStream();
        await write(target);
        return target.ToArray();
    }

    private static string[] Lines(byte[] text) => Encoding.UTF8.GetString(text).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}

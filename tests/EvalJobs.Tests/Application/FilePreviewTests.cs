using System.Text;
using EvalJobs.Application;
using EvalJobs.Domain;
using EvalJobs.Execution.Scoring;
using EvalJobs.Import;
using Microsoft.Extensions.Time.Testing;

namespace EvalJobs.Tests.Application;

/// <summary>The preview of a file before its import: it shows all errors at once and reads no more than needed.</summary>
public sealed class FilePreviewTests
{
    private readonly FakeTimeProvider _time = new();

    [Test]
    public async Task PreviewFileAsync_ValidTable_ShowsTheFirstCasesAndTheMeaningOfEachColumn()
    {
        var preview = await PreviewAsync("cases.csv", "Question;answer;tags;Spare\n" + string.Concat(Enumerable.Range(1, 7).Select(at => $"q{at};a{at};\"x, y\";-\n")));

        preview.Problems.Should().BeEmpty();
        (preview.CaseCount, preview.IsWhole).Should().Be((7, true));
        preview.Cases.Select(each => each.Input).Should().Equal("q1", "q2", "q3", "q4", "q5");
        preview.Cases[0].Should().BeEquivalentTo(new { CaseKey = "case-00001", ExpectedOutput = "a1", Weight = 1.0, Tags = """["x","y"]""", Scoring = """{"type":"exact_match"}""" });
        preview.Findings.Separator.Should().Be(";");
        preview.Findings.Fields.Should().Equal("Question", "answer", "tags", "Spare");
        preview.Findings.Taken.Should().BeEquivalentTo(new Dictionary<CaseField, string> { [CaseField.Input] = "question", [CaseField.Expected] = "answer", [CaseField.Tags] = "tags" });
    }

    [Test]
    public async Task PreviewFileAsync_ManyErrors_NamesEachWithItsLineAndASuggestion()
    {
        var preview = await PreviewAsync("cases.csv", "key,input,expected,weight,mustPass\na,q,1,\"0,5\",perhaps\nb,,2,1,yes\nc,q\nb,q,3,1,no\nd,q,4,1,no\n");

        preview.Problems.Select(each => each.Message).Should().Equal(
            "cases.csv, line 2, field 'weight': '0,5' is not a number. Did you mean 0.5?",
            "cases.csv, line 2, field 'mustPass': 'perhaps' is not true or false; write true, false, 1, 0, yes or no.",
            "cases.csv, line 3, field 'input': is empty; every test case needs an input.",
            "cases.csv, line 4: the row has 2 cells, the header 5.",
            "cases.csv, line 5, field 'key': the case key 'b' occurs twice, first on line 3.");
        preview.Cases.Should().ContainSingle("the others have errors").Which.CaseKey.Should().Be("d");
    }

    [TestCase("cases.jsonl", "{\"input\":\"a\"\n[1]\n{\"input\":\"q\",\"expected\":1,\"weight\":\"x\"}\n{\"input\":\"q\",\"expected\":1}\n", 3)]
    [TestCase("cases.json", "[1,{\"input\":\"\",\"expected\":1},{\"input\":\"q\",\"expected\":1,\"weight\":0},{\"input\":\"q\",\"expected\":1}]", 3)]
    [TestCase("cases.yaml", "- 1\n- { input: q, expected: 1, scoring: { type: psychic } }\n- { input: q, expected: 1 }\n", 2)]
    public async Task PreviewFileAsync_OtherFormats_ContinueAfterARecordWithAnError(string name, string file, int problems)
    {
        var preview = await PreviewAsync(name, file);

        preview.Problems.Should().HaveCount(problems);
        preview.Cases.Should().ContainSingle().Which.Input.Should().Be("q");
    }

    [Test]
    public async Task PreviewFileAsync_TruncatedFile_ShowsWhatCameBefore()
    {
        var preview = await PreviewAsync("cases.json", "[{\"input\":\"q\",\"expected\":1},{\"input\":\"q\"");

        preview.CaseCount.Should().Be(1);
        preview.End.Should().NotBeNull();
        preview.Problems.Should().Contain(preview.End!);
    }

    [Test]
    public async Task PreviewFileAsync_NoColumnIsTheInput_ListsTheColumnsAndTheRemedy()
    {
        var preview = await PreviewAsync("cases.csv", "frage,antwort\nq,a\n");

        preview.Findings.Fields.Should().Equal("frage", "antwort");
        preview.Problems.Should().ContainSingle().Which.Remedies.Should().Equal(new Remedy(RemedyKind.MapField, "input"));
    }

    [Test]
    public async Task PreviewFileAsync_MoreErrorsThanTheLimit_StopsThere()
    {
        var preview = await PreviewAsync("cases.csv", "input,weight\n" + string.Concat(Enumerable.Repeat("q,x\n", 100_000)));

        preview.Problems.Should().HaveCount(ImportFindings.MaxProblems);
        preview.IsWhole.Should().BeFalse();
    }

    [Test]
    public async Task PreviewFileAsync_FileOf200Megabytes_ReadsOnlyItsBeginning()
    {
        var opened = new List<EndlessCases>();

        var preview = await PreviewAsync("cases.jsonl", Open, PreviewLimits.Head);

        (preview.CaseCount, preview.IsWhole).Should().Be((1000, false));
        opened.Sum(each => each.Given).Should().BeLessThan(1024 * 1024, "a preview must read less than an import");

        EndlessCases Open()
        {
            opened.Add(new EndlessCases(200L * 1024 * 1024));
            return opened[^1];
        }
    }

    [Test]
    public async Task PreviewFileAsync_SlowScoring_EndsInTime()
    {
        var registry = new ScorerRegistry([new SlowScorer(_time)]);
        var file = string.Concat(Enumerable.Repeat("{\"input\":\"q\",\"expected\":\"a\",\"scoring\":\"slow\"}\n", 40));

        var preview = await new ImportSuite(null!, registry, _time).PreviewFileAsync(Import("cases.jsonl", () => new MemoryStream(Encoding.UTF8.GetBytes(file))), PreviewLimits.Head, default);

        (preview.CaseCount, preview.IsWhole).Should().Be((3, false));
    }

    private Task<FilePreview> PreviewAsync(string name, string file) => PreviewAsync(name, () => new MemoryStream(Encoding.UTF8.GetBytes(file)), PreviewLimits.Head);

    private Task<FilePreview> PreviewAsync(string name, Func<Stream> open, PreviewLimits limits) =>
        new ImportSuite(null!, new ScorerRegistry([new ExactMatchScorer(), new NumericScorer()]), _time).PreviewFileAsync(Import(name, open), limits, default);

    private static SuiteImport Import(string name, Func<Stream> open) => new() { TenantId = 1, FileName = name, Open = open };

    /// <summary>The same case again and again.</summary>
    private sealed class EndlessCases(long length) : MemoryStream
    {
        private static readonly byte[] Line = Encoding.UTF8.GetBytes("{\"input\":\"What is 2 + 2?\",\"expected\":\"4\"}\n");

        public long Given { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = (int)Math.Min(buffer.Length, length - Given);
            for (var at = 0; at < count; at++)
                buffer.Span[at] = Line[(int)((Given + at) % Line.Length)];
            Given += count;
            return new(count);
        }
    }

    private sealed class SlowScorer(FakeTimeProvider time) : IScorer
    {
        public string Name => "slow";

        public double DefaultThreshold => 1;

        public void Validate(ScoringSpec spec, string? expected) => time.Advance(TimeSpan.FromSeconds(2));

        public ValueTask<Score> ScoreAsync(ScoringRequest request, CancellationToken cancellationToken) => new(Score.Right);
    }
}

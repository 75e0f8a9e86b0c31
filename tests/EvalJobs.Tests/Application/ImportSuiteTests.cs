using System.Text;
using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Application;

[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
public sealed class ImportSuiteTests<TDatabase> where TDatabase : TestDatabase, new()
{
    private JobHarness? _harness;
    private Tenant _tenant = null!;

    [SetUp]
    public async Task SetUpAsync()
    {
        _harness = await JobHarness.StartAsync(new TDatabase());
        _tenant = await _harness.Some.TenantAsync();
    }

    [TearDown]
    public async Task TearDownAsync()
    {
        // Null where the setup skipped the test because no SQL Server is configured.
        if (_harness is not null)
            await _harness.DisposeAsync();
    }

    [Test]
    public async Task ExecuteAsync_FirstSuiteWithoutSettings_TakesTheDefaultsAndIsTheDefaultSuite()
    {
        var saved = await ImportAsync(new() { TenantId = 0, FileName = "a.jsonl", Open = Jsonl, Name = "first" });

        saved.CaseCount.Should().Be(2);
        saved.Suite.Should().Match<EvaluationSuite>(suite => suite.Name == "first" && suite.Revision == 1 && suite.IsDefault);
        saved.Suite.PassThreshold.Should().Be(PassRule.DefaultThreshold);
    }

    [Test]
    public async Task ExecuteAsync_SecondSuite_IsNotTheDefaultSuite()
    {
        await ImportAsync(new() { TenantId = 0, FileName = "a.jsonl", Open = Jsonl, Name = "first" });

        var saved = await ImportAsync(new() { TenantId = 0, FileName = "a.jsonl", Open = Jsonl, Name = "second" });

        saved.Suite.IsDefault.Should().BeFalse();
    }

    [Test]
    public async Task ExecuteAsync_RequestAndFileDiffer_UsesTheRequest()
    {
        var saved = await ImportAsync(new() { TenantId = 0, FileName = "a.json", Open = WithSettings, Name = "mine", PassThreshold = 0.5, Tags = ["own"] });

        saved.Suite.Name.Should().Be("mine");
        saved.Suite.PassThreshold.Should().Be(0.5);
        saved.Suite.Tags.Should().Be("""["own"]""");
        saved.Suite.Description.Should().Be("from the file", "the request says nothing about it");
    }

    [Test]
    public async Task ExecuteAsync_NextRevisionWithoutSettings_KeepsThoseOfTheSuite()
    {
        await ImportAsync(new() { TenantId = 0, FileName = "a.json", Open = WithSettings });

        var saved = await ImportAsync(new() { TenantId = 0, FileName = "a.jsonl", Open = Jsonl, Name = "filed" });

        saved.Suite.Should().Match<EvaluationSuite>(
            suite => suite.Revision == 2 && suite.PassThreshold == 0.9 && suite.Description == "from the file" && suite.Tags == """["file"]""" && suite.IsDefault);
    }

    [Test]
    public async Task ExecuteAsync_NoName_IsRejected()
    {
        var import = () => ImportAsync(new() { TenantId = 0, FileName = "a.jsonl", Open = Jsonl });

        await import.Should().ThrowAsync<InvalidInputException>().WithMessage("The file does not name the suite. Give the suite a name.");
    }

    [TestCase(" suite")]
    [TestCase("a\u001b[31mb", TestName = "{m}(a terminal's colour)")]
    [TestCase("")]
    public async Task ExecuteAsync_InvalidName_StoresNothing(string name)
    {
        var import = () => ImportAsync(new() { TenantId = 0, FileName = "a.jsonl", Open = Jsonl, Name = name });

        await import.Should().ThrowAsync<InvalidInputException>();
        (await _harness!.Some.Suites.ListAsync(_tenant.Id, CancellationToken.None)).Should().BeEmpty();
    }

    [Test]
    public async Task ExecuteAsync_UnknownDefaultScorer_IsRejectedEvenWhereEveryCaseHasItsOwn()
    {
        var import = () => ImportAsync(new()
        {
            TenantId = 0, FileName = "a.jsonl", Name = "suite", DefaultScoring = ScoringSpec.Parse("no_such_scorer"),
            Open = () => Text("""{"input":"a","expected":"b","scoring":"contains"}"""),
        });

        await import.Should().ThrowAsync<InvalidInputException>().WithMessage("*no_such_scorer*");
    }

    [Test]
    public async Task ExecuteAsync_WithProgress_CountsEveryCase()
    {
        var counts = new List<int>();

        await ImportAsync(new() { TenantId = 0, FileName = "a.jsonl", Open = Jsonl, Name = "suite", CaseRead = counts.Add });

        counts.Should().Equal(1, 2);
    }

    private Task<SavedSuite> ImportAsync(SuiteImport import) =>
        _harness!.Get<ImportSuite>().ExecuteAsync(import with { TenantId = _tenant.Id }, "test", CancellationToken.None);

    private static MemoryStream Jsonl() => Text("{\"input\":\"a\",\"expected\":\"b\"}\n{\"input\":\"c\",\"expected\":\"d\"}");

    private static MemoryStream WithSettings() => Text(
        """{"name":"filed","description":"from the file","passThreshold":0.9,"tags":["file"],"cases":[{"input":"a","expected":"b"}]}""");

    private static MemoryStream Text(string text) => new(Encoding.UTF8.GetBytes(text));
}

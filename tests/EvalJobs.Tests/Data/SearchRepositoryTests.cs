using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Data;

/// <summary>What a search text finds, literally and within the given tenants, and which cases of a run a filter returns.</summary>
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class SearchRepositoryTests<TDatabase> : DatabaseFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    private SearchRepository Search => new(Database.Database, new VersionListRepository(Database.Database));

    private CasePreviewRepository Cases => new(Database.Database);

    [Test]
    public async Task Find_AText_FindsTenantsVersionsSuitesAndCasesOfTheGivenTenants()
    {
        var (mine, other) = (await Some.TenantAsync("mine-quux"), await Some.TenantAsync("other-quux"));
        foreach (var tenant in new[] { mine, other })
        {
            await Some.Suites.SaveAsync(tenant.Id, new SuiteDraft { Name = "Suite QuuX" }, Texts("a quuX question", "nothing"), "test", default);
            await Some.Versions.CreateAsync(tenant.Id, "quux-bot", "1.2", Some.Genome(), null, "test", default);
        }

        (await Search.FindTenantsAsync("QUUX", 10, default)).Select(tenant => tenant.Slug).Should().Equal("mine-quux", "other-quux");
        (await Search.FindVersionsAsync("bot 1.2", null, 10, default)).Select(version => version.TenantId).Should().Equal(other.Id, mine.Id);
        (await Search.FindVersionsAsync("QUUX", [mine.Id], 10, default)).Should().ContainSingle().Which.TenantId.Should().Be(mine.Id);
        (await Search.FindSuitesAsync("quux", [mine.Id], 10, default)).Should().ContainSingle().Which.TenantSlug.Should().Be("mine-quux");
        (await Search.FindCasesAsync("quux q", null, 10, default)).Should().HaveCount(2).And.OnlyContain(each => each.Ordinal == 1);
        (await Search.FindCasesAsync("quux q", [other.Id], 10, default)).Should().ContainSingle().Which.SuiteName.Should().Be("Suite QuuX");
        (await Search.FindCasesAsync("quux q", [], 10, default)).Should().BeEmpty("limited to no existing tenant");
        (await Search.FindCasesAsync("quux", null, 1, default)).Should().HaveCount(1, "the limit applies to all tenants together");
    }

    [TestCase("50%", "50% off")]
    [TestCase("a_b", "a_b")]
    [TestCase("[x]", "[x]")]
    [TestCase("\\", "c:\\temp")]
    [TestCase("'; DROP", "'; DROP TABLE")]
    public async Task FindCases_AWildcardOfLike_MatchesItself(string asked, string found)
    {
        var tenant = await Some.TenantAsync();
        await Some.Suites.SaveAsync(tenant.Id, new SuiteDraft { Name = "suite" }, Texts(found, "50 off", "axb", "x", "c:/temp"), "test", default);

        (await Search.FindCasesAsync(asked, null, 10, default)).Select(each => each.Input).Should().Equal(found);
    }

    /// <summary>New texts have none; an older database may contain some.</summary>
    [TestCase("needle 50%")]
    [TestCase("NEEDLE 50%_[x]\\É")]
    [TestCase("before")]
    public async Task FindCases_ATextAfterANulCharacter_IsFound(string asked)
    {
        var run = await Some.ClaimedRunAsync(cases: 2);
        var sqlite = Database.Database.Provider == StorageProvider.Sqlite;
        var text = sqlite ? "'É before' || CHAR(0) || 'and' || CHAR(0) || 'the Needle 50%_[x]\\É'" : "N'É before' + NCHAR(0) + N'and' + NCHAR(0) + N'the Needle 50%_[x]\\É'";
        await Database.ExecuteAsync($"UPDATE {Database.Schema}TestCase SET Input = {text} WHERE SuiteId = @SuiteId AND Ordinal = 2", new { run.SuiteId });

        (await Search.FindCasesAsync(asked, null, 10, default)).Select(each => each.Ordinal).Should().Equal(2);
        (await OrdinalsAsync(run, new CaseFilter { Text = asked })).Should().Equal(2);
        (await OrdinalsAsync(run, new CaseFilter { Text = asked + "?" })).Should().BeEmpty();
    }

    [Test]
    public async Task FindCases_OfAnOldRevision_FindsTheSuitesCurrentCases()
    {
        var tenant = await Some.TenantAsync();
        await Some.Suites.SaveAsync(tenant.Id, new SuiteDraft { Name = "suite" }, Texts("old words"), "test", default);
        await Some.Suites.SaveAsync(tenant.Id, new SuiteDraft { Name = "suite" }, Texts("new words"), "test", default);

        (await Search.FindCasesAsync("words", null, 10, default)).Select(each => each.Input).Should().Equal("new words");
    }

    [Test]
    public async Task FindAsync_CasesOfARun_FiltersSortsAndCounts()
    {
        var run = await Some.ClaimedRunAsync(cases: 5);
        var cases = await Some.UnansweredAsync(run.Id);
        TestCaseResult[] results =
        [
            Some.Result(cases[0].Id) with { Score = 1, DurationMs = 10, Cost = 0.5, Output = "the Needle" },
            Some.Result(cases[1].Id, CaseVerdict.Failed) with { Score = 0.2, DurationMs = 300, Cost = 0.1, Output = "hay" },
            Some.Result(cases[2].Id, CaseVerdict.Failed) with { Score = 0.4, DurationMs = 200, Cost = null, Output = "hay" },
            Some.Result(cases[3].Id, CaseVerdict.Errored) with { Score = null, DurationMs = 100, Cost = null, Output = null, Error = "needle lost" },
        ];
        await Some.Claims.SaveResultsAsync(run, results, default);

        (await OrdinalsAsync(run, new CaseFilter { Text = "NEEDLE" })).Should().Equal(1, 4);
        (await OrdinalsAsync(run, new CaseFilter { Text = "question 5" })).Should().Equal([5], "a case that waits is found by its input");
        (await OrdinalsAsync(run, new CaseFilter { MinScore = 0.2, MaxScore = 0.4 })).Should().Equal(2, 3);
        (await OrdinalsAsync(run, new CaseFilter { SlowerThanMs = 100 })).Should().Equal(2, 3);
        (await OrdinalsAsync(run, new CaseFilter { Verdict = "FAILED", Sort = "SCORE_DOWN" })).Should().Equal(3, 2);
        (await OrdinalsAsync(run, new CaseFilter { Verdict = CasePreviewRepository.Waiting })).Should().Equal(5);
        (await OrdinalsAsync(run, new CaseFilter { Sort = "SCORE" })).Should().Equal([2, 3, 1, 4, 5], "cases without a score come last");
        (await OrdinalsAsync(run, new CaseFilter { Sort = "DURATION" })).Should().Equal(2, 3, 4, 1, 5);
        (await OrdinalsAsync(run, new CaseFilter { Sort = "COST" })).Should().Equal(1, 2, 3, 4, 5);
        var (page, total) = await Cases.FindAsync(run, new CaseFilter { Sort = "SCORE" }, 2, 100, 2, default);
        page.Select(each => each.Ordinal).Should().Equal(1, 4);
        total.Should().Be(5);
        (await Cases.FindAsync(run, new CaseFilter { Verdict = "FAILED" }, 10, 100, 2, default)).Should().Match<(IReadOnlyList<CasePreview> Cases, int Total)>(past => past.Cases.Count == 0 && past.Total == 2, "after the last page the total is still reported");
        (await Cases.FindAsync(run, new CaseFilter { Text = "nowhere" }, 10, 100, 2, default)).Total.Should().Be(0);
    }

    private async Task<IEnumerable<int>> OrdinalsAsync(EvaluationRun run, CaseFilter filter)
    {
        var (cases, total) = await Cases.FindAsync(run, filter, 0, 100, 10, default);
        total.Should().Be(cases.Count);
        return cases.Select(each => each.Ordinal);
    }

    private static IAsyncEnumerable<TestCase> Texts(params string[] inputs) =>
        inputs.Select((input, index) => new TestCase { Ordinal = index + 1, CaseKey = $"k{index}", Input = input }).ToAsyncEnumerable();
}

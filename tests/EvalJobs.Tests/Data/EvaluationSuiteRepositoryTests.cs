using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Data;

[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class EvaluationSuiteRepositoryTests<TDatabase> : DatabaseFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(1);

    [Test]
    public async Task SaveAsync_SlowSource_BlocksNoOtherWriter()
    {
        var tenant = await Some.TenantAsync();
        await Some.SuiteAsync(tenant);
        async IAsyncEnumerable<TestCase> Slow()
        {
            await foreach (var each in Some.Cases(700))
            {
                yield return each;
                if (each.Ordinal == 600)
                    await Some.PendingRunAsync(tenant).WaitAsync(Timeout);
            }
        }

        var saved = await Some.Suites.SaveAsync(tenant.Id, new SuiteDraft { Name = "suite", IsDefault = true }, Slow(), "test", default);

        saved.Should().Match<SavedSuite>(each => each.CaseCount == 700 && each.Suite.Revision == 2 && each.Suite.IsDefault);
        (await Some.RunsAsync(new RunListFilter { TenantIds = [tenant.Id] }, 10)).Should().ContainSingle()
            .Which.SuiteRevision.Should().Be(1, "the run was created while the file of the next revision was still being read");
    }

    [TestCase(1)]
    [TestCase(600)]
    public async Task SaveAsync_ExpectedOutputWithU0000_IsRejected(int length)
    {
        var tenant = await Some.TenantAsync();
        var testCase = new TestCase { Ordinal = 1, CaseKey = "c", Input = "q", ExpectedOutput = "a\0" + new string('b', length) };

        await FluentActions.Awaiting(() => Some.Suites.SaveAsync(tenant.Id, new SuiteDraft { Name = "suite" }, new[] { testCase }.ToAsyncEnumerable(), "test", default))
            .Should().ThrowAsync<InvalidInputException>().WithMessage("ExpectedOutput*U+0000*position 2*");
    }

    [Test]
    public async Task SaveAsync_AnyText_IsStoredAsGiven()
    {
        var tenant = await Some.TenantAsync();
        TestCase[] cases =
        [
            new() { Ordinal = 1, CaseKey = "quotes", Name = "a \"name\"", Input = "line one\r\nline two\t\\ {\"json\":1}", ExpectedOutput = "", Weight = 0.1 },
            new() { Ordinal = 2, CaseKey = "schlüssel", Input = "日本語 🙂 \u0001 \u2028 <b>&amp;</b>", ExpectedOutput = null, Weight = 1e-300 },
            new() { Ordinal = 3, CaseKey = "long", Input = new string('x', 200_000), ExpectedOutput = "null", Scoring = ScoringSpec.Parse("numeric").Json },
        ];

        var saved = await Some.Suites.SaveAsync(tenant.Id, new SuiteDraft { Name = "texts" }, cases.ToAsyncEnumerable(), "test", default);

        var stored = await Some.Suites.ListCasesAsync(saved.Suite.Id, 1, 0, 10, default);
        stored.Select(each => each with { Id = 0 }).Should().Equal(cases);
    }

    [Test]
    public async Task SaveAsync_NoCase_StoresNothing()
    {
        var tenant = await Some.TenantAsync();

        await FluentActions.Awaiting(() => Some.Suites.SaveAsync(tenant.Id, new SuiteDraft { Name = "empty" }, Some.Cases(0), "test", default))
            .Should().ThrowAsync<InvalidInputException>().WithMessage("*'empty'*no cases*");

        (await Some.Suites.ListAsync(tenant.Id, default)).Should().BeEmpty();
    }

    [Test]
    public async Task SaveAsync_SameKeyTwice_IsRejectedAndTheOldRevisionStays()
    {
        var tenant = await Some.TenantAsync();
        await Some.SuiteAsync(tenant, cases: 2);
        var doubled = Some.Cases(2).Concat(Some.Cases(1).Select(each => each with { Ordinal = 3 }));

        await FluentActions.Awaiting(() => Some.Suites.SaveAsync(tenant.Id, new SuiteDraft { Name = "suite" }, doubled, "test", default))
            .Should().ThrowAsync<ConflictException>();

        (await Some.Suites.FindAsync(tenant.Id, "suite", default)).Should().Match<EvaluationSuite>(suite => suite.Revision == 1 && suite.IsDefault);
    }

    [Test]
    public async Task SaveAsync_NewSuiteIsRejected_StoresNothing()
    {
        var tenant = await Some.TenantAsync();
        var doubled = Some.Cases(2).Concat(Some.Cases(1).Select(each => each with { Ordinal = 3 }));

        await FluentActions.Awaiting(() => Some.Suites.SaveAsync(tenant.Id, new SuiteDraft { Name = "new" }, doubled, "test", default))
            .Should().ThrowAsync<ConflictException>();
        await FluentActions.Awaiting(() => Some.Suites.SaveAsync(tenant.Id, new SuiteDraft { Name = "new", BasedOn = 3 }, Some.Cases(1), "test", default))
            .Should().ThrowAsync<ConflictException>();

        (await Some.Tenants.CountRowsAsync(tenant.Id, default)).Should().BeEquivalentTo(new TenantRows());
    }

    [Test]
    public async Task SaveAsync_FirstImportInterrupted_IsInvisibleAndContinuedByTheNextImport()
    {
        var tenant = await Some.TenantAsync();
        await Some.SuiteAsync(tenant);
        await Database.ExecuteAsync(
            $"INSERT INTO {Database.Schema}EvaluationSuite (TenantId, Name, Description, Revision, PassThreshold, IsDefault, Tags) VALUES (@Id, 'new', '', 0, 1, 0, '[]')",
            new { tenant.Id });

        (await Some.Suites.ListAsync(tenant.Id, default)).Select(suite => suite.Name).Should().Equal("suite");
        (await new SuiteListRepository(Database.Database).ListAsync(new SuiteListFilter { TenantIds = [tenant.Id] }, 10, default)).Select(suite => suite.Name).Should().Equal("suite");
        await FluentActions.Awaiting(() => Some.Suites.FindAsync(tenant.Id, "new", default)).Should().ThrowAsync<NotFoundException>();
        var suite = await Some.Suites.FindAsync(tenant.Id, "suite", default);
        await FluentActions.Awaiting(() => Some.Suites.ReviseAsync(
                suite.Id, new SuiteEdit { Draft = new SuiteDraft { Name = "new" }, FromRevision = 1 }, "test", default))
            .Should().ThrowAsync<ConflictException>().WithMessage("*was interrupted*");

        var saved = await Some.Suites.SaveAsync(tenant.Id, new SuiteDraft { Name = "new", BasedOn = 0 }, Some.Cases(2), "test", default);

        saved.Should().Match<SavedSuite>(each => each.CaseCount == 2 && each.Suite.Revision == 1);
        (await Some.Suites.FindAsync(tenant.Id, "new", default)).Should().Be(saved.Suite);
    }

    [Test]
    public async Task GetAsync_FirstImportHasNotEnded_IsNotFound()
    {
        var tenant = await Some.TenantAsync();
        await Database.ExecuteAsync(
            $"INSERT INTO {Database.Schema}EvaluationSuite (TenantId, Name, Description, Revision, PassThreshold, IsDefault, Tags) VALUES (@Id, 'new', '', 0, 1, 0, '[]')",
            new { tenant.Id });
        var id = await Database.ScalarAsync<long>($"SELECT Id FROM {Database.Schema}EvaluationSuite WHERE Name = 'new'");
        var edit = new SuiteEdit { Draft = new SuiteDraft { Name = "new" }, FromRevision = 0 };

        await FluentActions.Awaiting(() => Some.Suites.GetAsync(id, default)).Should().ThrowAsync<NotFoundException>();
        await FluentActions.Awaiting(() => Some.Suites.ReviseAsync(id, edit, "test", default)).Should().ThrowAsync<NotFoundException>();
    }

    [Test]
    public async Task SaveAsync_FirstImportsOfOneNameAtOnce_StoreOneOfThem()
    {
        var tenant = await Some.TenantAsync();

        var saves = await Task.WhenAll(Enumerable.Range(1, 6).Select(cases => Task.Run(async () =>
        {
            try
            {
                return await Some.Suites.SaveAsync(tenant.Id, new SuiteDraft { Name = "new", BasedOn = 0 }, Some.Cases(cases * 150), "test", default);
            }
            catch (ConflictException)
            {
                return null;
            }
        })));

        var saved = saves.Should().ContainSingle(each => each != null, "all others find the suite stored, or being stored").Which!;
        (await Some.Suites.ListAsync(tenant.Id, default)).Should().Equal(saved.Suite);
        (await Some.Suites.CountCasesAsync(saved.Suite.Id, 1, default)).Should().Be(saved.CaseCount);
    }

    [Test]
    public async Task SaveAsync_AnotherDefaultSuite_ReplacesTheFirst()
    {
        var tenant = await Some.TenantAsync();
        await Some.SuiteAsync(tenant);

        await Some.Suites.SaveAsync(tenant.Id, new SuiteDraft { Name = "newer", IsDefault = true }, Some.Cases(1), "test", default);

        (await Some.Suites.ListAsync(tenant.Id, default)).Where(suite => suite.IsDefault).Select(suite => suite.Name).Should().Equal("newer");
    }

    [Test]
    public async Task CountCasesBySuiteAsync_Always_CountsTheCurrentRevisions()
    {
        var tenant = await Some.TenantAsync();
        await Some.SuiteAsync(tenant, cases: 9);
        var revised = await Some.SuiteAsync(tenant, cases: 4);
        var other = await Some.Suites.SaveAsync(tenant.Id, new SuiteDraft { Name = "other" }, Some.Cases(2), "test", default);
        await Some.SuiteAsync(await Some.TenantAsync());

        var sizes = await Some.Suites.CountCasesBySuiteAsync(tenant.Id, default);

        sizes.Should().Equal(new Dictionary<long, int> { [revised.Id] = 4, [other.Suite.Id] = 2 });
    }
}

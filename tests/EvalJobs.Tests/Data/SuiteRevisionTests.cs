using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Data;

[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class SuiteRevisionTests<TDatabase> : DatabaseFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    private static SuiteDraft Draft(int basedOn, string name = "suite") => new() { Name = name, BasedOn = basedOn, PassThreshold = 0.5, IsDefault = true };

    private static TestCase Case(string key, int ordinal = 0) => new() { Ordinal = ordinal, CaseKey = key, Input = $"about {key}", ExpectedOutput = "yes" };

    private async Task<List<TestCase>> CasesAsync(EvaluationSuite suite) =>
        [.. await Some.Suites.ListCasesAsync(suite.Id, suite.Revision, 0, 100, default)];

    [Test]
    public async Task ReviseAsync_NoCaseNamed_CopiesAllCases()
    {
        var suite = await Some.SuiteAsync(await Some.TenantAsync(), 250);
        var before = await Some.Suites.ListCasesAsync(suite.Id, 1, 0, 300, default);

        var saved = await Some.Suites.ReviseAsync(suite.Id, new SuiteEdit { Draft = Draft(1), FromRevision = 1 }, "test", default);

        saved.Should().Match<SavedSuite>(each => each.CaseCount == 250 && each.Suite.Revision == 2 && each.Suite.PassThreshold == 0.5);
        (await Some.Suites.ListCasesAsync(suite.Id, 2, 0, 300, default)).Select(each => each with { Id = 0 })
            .Should().Equal(before.Select(each => each with { Id = 0 }));
        (await Some.Suites.ListCasesAsync(suite.Id, 1, 0, 300, default)).Should().Equal(before, "runs of the old revision are still read");
    }

    [Test]
    public async Task ReviseAsync_MoreCasesThanOneStatementMayChange_CopiesAllInOrder()
    {
        var suite = await Some.SuiteAsync(await Some.TenantAsync(), 8001);

        var saved = await Some.Suites.ReviseAsync(
            suite.Id, new SuiteEdit { Draft = Draft(1), FromRevision = 1, Removed = [4000], Replaced = [Case("other", 4001)] }, "test", default);

        saved.CaseCount.Should().Be(8000);
        var cases = await Some.Suites.ListCasesAsync(suite.Id, 2, 3997, 4, default);
        cases.Select(each => (each.Ordinal, each.CaseKey)).Should().Equal((3998, "case-3998"), (3999, "case-3999"), (4000, "other"), (4001, "case-4002"));
        (await Some.Suites.ListCasesAsync(suite.Id, 2, 7999, 10, default)).Should().ContainSingle().Which.CaseKey.Should().Be("case-8001");
    }

    [Test]
    public async Task ReviseAsync_RemovedReplacedAndAdded_RenumbersTheCases()
    {
        var suite = await Some.SuiteAsync(await Some.TenantAsync(), 6);
        var edit = new SuiteEdit
        {
            Draft = Draft(1),
            FromRevision = 1,
            Removed = [1, 4],
            Replaced = [Case("second", 2), Case("case-6", 6)],
            Added = [Case("new-a"), Case("new-b")],
        };

        var saved = await Some.Suites.ReviseAsync(suite.Id, edit, "test", default);

        var cases = await CasesAsync(saved.Suite);
        cases.Select(each => each.CaseKey).Should().Equal("second", "case-3", "case-5", "case-6", "new-a", "new-b");
        cases.Select(each => each.Ordinal).Should().Equal(1, 2, 3, 4, 5, 6);
        cases[3].Input.Should().Be("about case-6");
        (await Some.Changes.ListAsync(null, nameof(EvaluationSuite), suite.Id, long.MaxValue, 1, default))[0].Payload
            .Should().Contain("\"added\":2").And.Contain("\"replaced\":2").And.Contain("\"removed\":2").And.Contain("\"cases\":6");
    }

    [Test]
    public async Task ReviseAsync_AnotherUserSavedFirst_StoresNothing()
    {
        var suite = await Some.SuiteAsync(await Some.TenantAsync());
        await Some.Suites.ReviseAsync(suite.Id, new SuiteEdit { Draft = Draft(1), FromRevision = 1, Removed = [1] }, "first", default);

        await FluentActions.Awaiting(() => Some.Suites.ReviseAsync(suite.Id, new SuiteEdit { Draft = Draft(1), FromRevision = 1 }, "second", default))
            .Should().ThrowAsync<ConflictException>().WithMessage("*revision 2 by now*from revision 1*nothing was stored*");

        (await Some.Suites.GetAsync(suite.Id, default)).Revision.Should().Be(2);
        (await Some.Suites.CountCasesAsync(suite.Id, 3, default)).Should().Be(0);
    }

    [Test]
    public async Task ReviseAsync_OverAnotherUsersRevision_KeepsTheCasesItWasMadeFrom()
    {
        var suite = await Some.SuiteAsync(await Some.TenantAsync());
        await Some.Suites.ReviseAsync(suite.Id, new SuiteEdit { Draft = Draft(1), FromRevision = 1, Removed = [1] }, "first", default);

        var saved = await Some.Suites.ReviseAsync(suite.Id, new SuiteEdit { Draft = Draft(2), FromRevision = 1, Removed = [3] }, "second", default);

        saved.Suite.Revision.Should().Be(3);
        (await CasesAsync(saved.Suite)).Select(each => each.CaseKey).Should().Equal("case-1", "case-2");
    }

    [Test]
    public async Task ReviseAsync_TwoAtOnce_OneIsRejected()
    {
        var suite = await Some.SuiteAsync(await Some.TenantAsync());
        var edit = new SuiteEdit { Draft = Draft(1), FromRevision = 1 };

        var saves = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            try
            {
                return (await Some.Suites.ReviseAsync(suite.Id, edit, "test", default)).Suite.Revision;
            }
            catch (ConflictException)
            {
                return 0;
            }
        })));

        saves.Should().BeEquivalentTo([0, 2]);
    }

    [Test]
    public async Task ReviseAsync_NoCaseLeft_StoresNothing()
    {
        var suite = await Some.SuiteAsync(await Some.TenantAsync(), 1);

        await FluentActions.Awaiting(() => Some.Suites.ReviseAsync(suite.Id, new SuiteEdit { Draft = Draft(1), FromRevision = 1, Removed = [1] }, "test", default))
            .Should().ThrowAsync<InvalidInputException>().WithMessage("*no cases*");

        (await Some.Suites.GetAsync(suite.Id, default)).Revision.Should().Be(1);
    }

    [Test]
    public async Task ReviseAsync_NameAndKeys_AreUnique()
    {
        var tenant = await Some.TenantAsync();
        var suite = await Some.SuiteAsync(tenant);
        await Some.Suites.SaveAsync(tenant.Id, new SuiteDraft { Name = "other" }, Some.Cases(1), "test", default);

        await FluentActions.Awaiting(() => Some.Suites.ReviseAsync(suite.Id, new SuiteEdit { Draft = Draft(1, "other"), FromRevision = 1 }, "test", default))
            .Should().ThrowAsync<ConflictException>().WithMessage("*another suite 'other'*");
        await FluentActions.Awaiting(() => Some.Suites.ReviseAsync(suite.Id, new SuiteEdit { Draft = Draft(1), FromRevision = 1, Added = [Case("case-1")] }, "test", default))
            .Should().ThrowAsync<ConflictException>().WithMessage("*same key*");

        var renamed = await Some.Suites.ReviseAsync(suite.Id, new SuiteEdit { Draft = Draft(1, "renamed"), FromRevision = 1 }, "test", default);

        renamed.Suite.Should().Match<EvaluationSuite>(each => each.Id == suite.Id && each.Name == "renamed" && each.Revision == 2);
    }

    [Test]
    public async Task SaveAsync_BasedOnZero_NeverRevisesAnExistingSuite()
    {
        var tenant = await Some.TenantAsync();
        await Some.SuiteAsync(tenant);

        await FluentActions.Awaiting(() => Some.Suites.SaveAsync(tenant.Id, Draft(0), Some.Cases(1), "test", default))
            .Should().ThrowAsync<ConflictException>().WithMessage("*a suite 'suite' already*");
    }
}

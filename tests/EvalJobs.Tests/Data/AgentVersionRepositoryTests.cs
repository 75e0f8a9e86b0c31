using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Data;

[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class AgentVersionRepositoryTests<TDatabase> : DatabaseFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    [Test]
    public async Task TransitionAsync_ToTesting_CreatesThePendingRunOfTheDefaultSuite()
    {
        var tenant = await Some.TenantAsync();
        var suite = await Some.SuiteAsync(tenant, cases: 3);
        var version = await Some.VersionAsync(tenant);

        var moved = await Some.Versions.TransitionAsync(version.Id, LifecycleState.Testing, null, 0, "test", default);

        moved.Version.Should().Match<AgentVersion>(each => each.LifecycleState == LifecycleState.Testing && each.EvalStatus == EvalStatus.Running);
        moved.Run.Should().Match<EvaluationRun>(run => run.Status == RunStatus.Pending && run.SuiteId == suite.Id && run.SuiteRevision == 1
            && run.CaseCount == 3 && run.PreviousEvalStatus == EvalStatus.NotRun && run.Trigger == RunTrigger.Transition && run.Attempt == 0);
    }

    [Test]
    public async Task TransitionAsync_NoDefaultSuite_IsRejectedAndTheVersionStaysDraft()
    {
        var version = await Some.VersionAsync(await Some.TenantAsync());

        await FluentActions.Awaiting(() => Some.Versions.TransitionAsync(version.Id, LifecycleState.Testing, null, 0, "test", default))
            .Should().ThrowAsync<ConflictException>().WithMessage("*default suite*");

        (await Some.Versions.GetAsync(version.Id, default)).LifecycleState.Should().Be(LifecycleState.Draft, "a transition is stored completely or not at all");
    }

    [Test]
    public async Task TransitionAsync_CandidateWithoutPass_IsRejectedWithTheReason()
    {
        var run = await Some.PendingRunAsync(await Some.TenantWithRunsAsync(0));

        await FluentActions.Awaiting(() => Some.Versions.TransitionAsync(run.VersionId, LifecycleState.Candidate, null, 0, "test", default))
            .Should().ThrowAsync<ConflictException>().WithMessage("*needs evalStatus PASS*RUNNING*");
    }

    [Test]
    public async Task TransitionAsync_BackToDraft_CancelsTheRunAndRestoresEvalStatus()
    {
        var run = await Some.PendingRunAsync(await Some.TenantWithRunsAsync(0));

        var moved = await Some.Versions.TransitionAsync(run.VersionId, LifecycleState.Draft, null, 0, "test", default);

        moved.Version.EvalStatus.Should().Be(EvalStatus.NotRun);
        (await Some.Runs.GetAsync(run.Id, default)).Status.Should().Be(RunStatus.Cancelled);
    }

    [Test]
    public async Task CreateRun_VersionHasALiveRun_IsRejectedNamingIt()
    {
        var run = await Some.PendingRunAsync(await Some.TenantWithRunsAsync(0));

        await FluentActions.Awaiting(() => Some.Runs.CreateAsync(run.VersionId, null, 0, RunTrigger.Manual, "test", default))
            .Should().ThrowAsync<ConflictException>().WithMessage($"*run {run.Id} PENDING*");
    }

    [Test]
    public async Task CreateAsync_GenomeInItsAuthorsOrder_IsReadBackAsWrittenAndIntact()
    {
        var genome = Genome.Parse("""{ "target": {"type":"http","url":"https://a.example/"}, "modelConfig": {"reasoning":"é","answer":2} }""");
        var tenant = await Some.TenantAsync();

        var created = await Some.Versions.CreateAsync(tenant.Id, "agent", "1.0", genome, null, "test", default);
        var read = await Some.Versions.GetAsync(created.Id, default);

        read.Genome.Should().Be(genome.Text);
        read.GenomeHash.Should().Be(genome.Hash);
        read.IsGenomeIntact.Should().BeTrue();
        (await Database.ScalarAsync<string>($"SELECT Genome FROM {Database.Schema}AgentVersion WHERE Id = {created.Id}")).Should().Be(genome.Json, "older servers read it");
    }

    [Test]
    public async Task GetAsync_VersionFromBeforeTheTextWasKept_IsIntactAndCanonical()
    {
        var version = await Some.VersionAsync(await Some.TenantAsync());
        await Database.ExecuteAsync($"UPDATE {Database.Schema}AgentVersion SET GenomeText = NULL, GenomeTextHash = NULL");

        var read = await Some.Versions.GetAsync(version.Id, default);

        read.IsGenomeIntact.Should().BeTrue();
        read.Genome.Should().Be(Genome.Parse(version.Genome).Json);
    }

    [TestCase("Genome")]
    [TestCase("GenomeText")]
    public async Task GetAsync_EitherTextChanged_IsNotIntact(string column)
    {
        var version = await Some.VersionAsync(await Some.TenantAsync());
        await Database.ExecuteAsync(
            $"UPDATE {Database.Schema}AgentVersion SET {column} = @Text", new { Text = """{"target":{"type":"scripted","x":1}}""" });

        (await Some.Versions.GetAsync(version.Id, default)).IsGenomeIntact.Should().BeFalse();
    }

    [Test]
    public async Task CreateAsync_SameLabelTwice_IsRejected()
    {
        var tenant = await Some.TenantAsync();
        await Some.Versions.CreateAsync(tenant.Id, "agent", "1.0", Some.Genome(), null, "test", default);

        await FluentActions.Awaiting(() => Some.Versions.CreateAsync(tenant.Id, "agent", "1.0", Some.Genome(), null, "test", default))
            .Should().ThrowAsync<ConflictException>().WithMessage("*'1.0' already*");
    }

    [Test]
    public async Task CreateInTestingAsync_DefaultSuite_CreatesTheVersionAndItsPendingRun()
    {
        var tenant = await Some.TenantAsync();
        await Some.SuiteAsync(tenant, cases: 3);

        var created = await Some.Versions.CreateInTestingAsync(tenant.Id, "agent", "1.0", Some.Genome(), null, null, "test", default);

        created.Version.Should().Match<AgentVersion>(each => each.LifecycleState == LifecycleState.Testing && each.EvalStatus == EvalStatus.Running);
        created.Run.Should().Match<EvaluationRun>(run => run.Status == RunStatus.Pending && run.VersionId == created.Version.Id && run.CaseCount == 3);
    }

    [Test]
    public async Task CreateInTestingAsync_NoDefaultSuite_StoresNoVersion()
    {
        var tenant = await Some.TenantAsync();

        await FluentActions.Awaiting(() => Some.Versions.CreateInTestingAsync(tenant.Id, "agent", "1.0", Some.Genome(), null, null, "test", default))
            .Should().ThrowAsync<ConflictException>().WithMessage("*default suite*");

        (await Some.Versions.ListAsync(tenant.Id, long.MaxValue, 10, default)).Should().BeEmpty("a rejected command changes nothing");
    }

    [Test]
    public async Task ListAsync_PageByPage_ReturnsTheTenantsVersionsNewestFirst()
    {
        var tenant = await Some.TenantAsync();
        var ids = new List<long>();
        for (var index = 0; index < 5; index++)
            ids.Insert(0, (await Some.VersionAsync(tenant)).Id);
        await Some.VersionAsync(await Some.TenantAsync());

        var first = await Some.Versions.ListAsync(tenant.Id, long.MaxValue, 3, default);
        var second = await Some.Versions.ListAsync(tenant.Id, first[^1].Id, 3, default);

        first.Select(version => version.Id).Should().Equal(ids.Take(3));
        second.Select(version => version.Id).Should().Equal(ids.Skip(3));
    }

    [Test]
    public async Task SaveSuite_SameNameAgain_IsTheNextRevisionAndOldRunsKeepTheirCases()
    {
        var tenant = await Some.TenantWithRunsAsync(1, cases: 3);
        var run = (await Some.RunsAsync(new RunListFilter { TenantIds = [tenant.Id] }, 1)).Single();

        var revised = await Some.SuiteAsync(tenant, cases: 7);

        revised.Revision.Should().Be(2);
        (await Some.UnansweredAsync(run.Id)).Should().HaveCount(3, "a run uses the revision it was created with");
    }

    [Test]
    public async Task SaveSuite_SourceFailsHalfWay_StoresNothing()
    {
        var tenant = await Some.TenantAsync();
        static async IAsyncEnumerable<TestCase> Broken()
        {
            await foreach (var each in Some.Cases(700))
                yield return each;
            throw new InvalidInputException("line 701: bad");
        }

        await FluentActions.Awaiting(() => Some.Suites.SaveAsync(tenant.Id, new SuiteDraft { Name = "s" }, Broken(), "test", default))
            .Should().ThrowAsync<InvalidInputException>();

        (await Some.Suites.ListAsync(tenant.Id, default)).Should().BeEmpty();
        (await Database.ScalarAsync<long>($"SELECT COUNT(*) FROM {Database.Schema}TestCase")).Should().Be(0);
    }
}

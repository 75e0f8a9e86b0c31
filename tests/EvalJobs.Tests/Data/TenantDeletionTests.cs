using System.Data.Common;
using System.Text.RegularExpressions;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Data;

/// <summary>The deletion of a tenant: step by step, all of its rows are deleted and no others.</summary>
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed partial class TenantDeletionTests<TDatabase> : DatabaseFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    [Test]
    public async Task DeleteAsync_TenantWithEverything_KeepsItsAuditTrailAndOtherTenants()
    {
        var tenant = await TenantWithArchivedRunAsync("acme");
        var other = await TenantWithArchivedRunAsync("other");
        await FillAsync(tenant);
        await FillAsync(other);
        var found = await Some.Tenants.CountRowsAsync(tenant.Id, default);
        var others = await Some.Tenants.CountRowsAsync(other.Id, default);

        var deleted = await Some.Tenants.DeleteAsync(tenant.Id, "ann", null, default);

        deleted.Should().Be(found);
        found.Should().Be(new TenantRows { Versions = 6, Suites = 1, Cases = 5, Runs = 4, Results = 3, ArchivedRuns = 1, ArchivedResults = 2, Batches = 2, Alerts = 1 });
        await FluentActions.Awaiting(() => Some.Tenants.FindAsync("acme", default)).Should().ThrowAsync<NotFoundException>();
        foreach (var table in (string[])["Tenant WHERE Id", .. Tables.Select(table => $"{table} WHERE TenantId")])
            (await Database.ScalarAsync<int>($"SELECT COUNT(*) FROM {Database.Schema}{table} = {tenant.Id}")).Should().Be(0, table);
        (await Some.Tenants.CountRowsAsync(other.Id, default)).Should().Be(others);
        (await Some.Tenants.GetAsync(other.Id, default)).IsPaused.Should().BeFalse();
        (await Invariants.CheckAsync(Database)).Should().BeEmpty();

        var trail = await Database.ScalarAsync<string>(
            $"SELECT Payload FROM {Database.Schema}ChangeRecord WHERE TenantId = {tenant.Id} AND Type = 'TENANT_DELETED' AND Actor = 'ann'");
        trail.Should().Contain("\"slug\":\"acme\"").And.Contain("\"archivedResults\":2");
        (await Database.ScalarAsync<int>($"SELECT COUNT(*) FROM {Database.Schema}ChangeRecord WHERE TenantId = {tenant.Id} AND Type = 'RUN_CANCELLED'"))
            .Should().Be(2, "the pending and the running one");
    }

    [Test]
    public async Task DeleteAsync_RunHalfArchived_DeletesTheMovedResultsToo()
    {
        var tenant = await Some.TenantAsync("acme");
        await Some.SuiteAsync(tenant, cases: 3);
        await Some.PendingRunAsync(tenant);
        var run = (await Some.ClaimAsync(await Some.LiveBatchAsync(tenant))).Single();
        var cases = await Some.UnansweredAsync(run.Id);
        await Some.Claims.SaveResultsAsync(run, [.. cases.Select(each => Some.Result(each.Id))], default);
        await Some.Claims.CompleteAsync(run, default);
        await Database.ExecuteAsync($"""
            INSERT INTO {Database.Schema}TestCaseResultArchive (RunId, TestCaseId, Verdict, DurationMs)
            SELECT RunId, TestCaseId, Verdict, DurationMs FROM {Database.Schema}TestCaseResult WHERE TestCaseId = {cases[0].Id}
            """);
        await Database.ExecuteAsync($"DELETE FROM {Database.Schema}TestCaseResult WHERE TestCaseId = {cases[0].Id}");

        var deleted = await Some.Tenants.DeleteAsync(tenant.Id, "test", null, default);

        (deleted.Results, deleted.ArchivedResults).Should().Be((2, 1));
        (await Database.ScalarAsync<int>($"SELECT COUNT(*) FROM {Database.Schema}TestCaseResultArchive")).Should().Be(0, "replies of a deleted tenant must not stay");
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task DeleteAsync_AnotherTenantsRunRefersToIt_FailsInsteadOfRetryingWithoutEnd(CancellationToken cancellationToken)
    {
        var tenant = await Some.TenantWithRunsAsync(1, slug: "acme");
        var other = await Some.TenantWithRunsAsync(1, slug: "other");
        await Database.ExecuteAsync($"UPDATE {Database.Schema}EvaluationRun SET SuiteId = (SELECT Id FROM {Database.Schema}EvaluationSuite WHERE TenantId = {tenant.Id}) WHERE TenantId = {other.Id}");

        await FluentActions.Awaiting(() => Some.Tenants.DeleteAsync(tenant.Id, "test", null, cancellationToken)).Should().ThrowAsync<DbException>();

        (await Some.Tenants.GetAsync(tenant.Id, default)).IsPaused.Should().BeTrue();
        (await Some.Tenants.CountRowsAsync(other.Id, default)).Runs.Should().Be(1);
    }

    [Test]
    public async Task DeleteAsync_StoppedAfterEveryStep_IsFinishedByRepeating()
    {
        var tenant = await TenantWithArchivedRunAsync("acme", cases: 1500);
        await FillAsync(tenant);
        var found = await Some.Tenants.CountRowsAsync(tenant.Id, default);
        var steps = new List<TenantRows>();

        while (true)
        {
            using var stop = new CancellationTokenSource();
            var step = new LastReport(stop.Cancel);
            try
            {
                await Some.Tenants.DeleteAsync(tenant.Id, "test", step, stop.Token);
                steps.Add(step.Rows);
                break;
            }
            catch (OperationCanceledException)
            {
                steps.Add(step.Rows);
                (await Some.Tenants.GetAsync(tenant.Id, default)).IsPaused.Should().BeTrue("nobody may begin work on a half-deleted tenant");
            }
        }

        steps.Should().HaveCountGreaterThan(3).And.OnlyContain(rows => Sum(rows) <= 1000, "other writers wait for one step at most");
        steps.Sum(Sum).Should().Be(Sum(found));
        (await Some.Tenants.CountRowsAsync(tenant.Id, default)).Should().Be(new TenantRows());
    }

    [Test]
    public async Task DeleteAsync_TenantResumedWithNewWorkMidway_DeletesThatAsWell()
    {
        var tenant = await TenantWithArchivedRunAsync("acme", cases: 1500);
        await FillAsync(tenant);
        var isChanged = false;
        var disturb = new LastReport(() =>
        {
            if (isChanged)
                return;
            isChanged = true;
            Some.Tenants.SetPausedAsync(tenant.Id, false, "test", default).GetAwaiter().GetResult();
            Some.VersionAsync(tenant).GetAwaiter().GetResult();
        });

        await Some.Tenants.DeleteAsync(tenant.Id, "test", disturb, default);

        isChanged.Should().BeTrue();
        (await Some.Tenants.CountRowsAsync(tenant.Id, default)).Should().Be(new TenantRows());
    }

    [Test]
    public async Task DeleteAsync_WhileARunIsWorked_RemovesItsWorkersLease()
    {
        var claim = await Some.ClaimedRunAsync();
        var cases = await Some.UnansweredAsync(claim.Id);

        await Some.Tenants.DeleteAsync(claim.TenantId, "test", null, default);

        foreach (var write in (Func<Task>[])
                 [
                     () => Some.Claims.SaveResultsAsync(claim, [Some.Result(cases[0].Id)], default),
                     () => Some.Claims.CompleteAsync(claim, default),
                     () => Some.Claims.FailAttemptAsync(claim, "late", 3, TimeSpan.Zero, isPermanent: false, default),
                     () => Some.Claims.FailAttemptAsync(claim, "late", 3, TimeSpan.Zero, isPermanent: true, default),
                     () => Some.Claims.ReleaseAsync(claim, default),
                     () => Some.Claims.ReleaseToEndAsync(claim, default),
                 ])
            await FluentActions.Awaiting(write).Should().ThrowAsync<LeaseLostException>();
    }

    [Test]
    public async Task DeleteAsync_UnknownTenant_IsRejected() =>
        await FluentActions.Awaiting(() => Some.Tenants.DeleteAsync(99, "test", null, default)).Should().ThrowAsync<NotFoundException>();

    /// <summary>The deletion must include tables that are added later; otherwise the last step fails on their foreign keys.</summary>
    [Test]
    public void Statements_Always_DeleteFromEveryTableWithRowsOfTheTenant()
    {
        var deleted = ProductSql.SqliteQueries.Where(file => ProductSql.NameOf(file).StartsWith("DeleteTenant", StringComparison.Ordinal))
            .SelectMany(file => DeletedTable().Matches(file.Text).Select(match => match.Groups["table"].Value));
        var knowing = ProductSql.SqliteMigrations.SelectMany(file => TableWithTenant().Matches(file.Text).Select(match => match.Groups["table"].Value));

        // A migration that rebuilds a table creates it under a name with the migration's number, and then renames it.
        deleted.Should().Contain(knowing.Where(table => table != "ChangeRecord" && !Regex.IsMatch(table, "_[0-9]{4}$", RegexOptions.None, TimeSpan.FromSeconds(1))));
        knowing.Should().Contain(Tables);
    }

    private static readonly string[] Tables = ["AgentVersion", "EvaluationSuite", "EvaluationRun", "EvaluationRunArchive", "TenantBatch", "TenantHealth", "Alert", "ApiKey", "EndpointOutage", "RunSchedule"];

    private async Task<Tenant> TenantWithArchivedRunAsync(string slug, int cases = 2)
    {
        var tenant = await Some.TenantWithRunsAsync(1, cases, slug);
        var batch = await Some.LiveBatchAsync(tenant);
        await CompleteAsync(batch, cases);
        await Some.Dispatches.FinishBatchAsync(batch, BatchStatus.Completed, default, null, default);
        await Database.PassAsync(TimeSpan.FromSeconds(1));
        (await new ArchiveRepository(Database.Database).ArchiveBatchAsync(days: 0, cases + 1, default)).Should().Be(new MovedRows(1, cases));
        return tenant;
    }

    /// <summary>A second revision of the suite; runs completed, failed, running and pending; a version with a child; a live batch; its health.</summary>
    private async Task FillAsync(Tenant tenant)
    {
        await Some.SuiteAsync(tenant, cases: 3);
        for (var run = 0; run < 4; run++)
            await Some.PendingRunAsync(tenant);
        var batch = await Some.LiveBatchAsync(tenant);
        await CompleteAsync(batch, 3);
        var failed = (await Some.ClaimAsync(batch, 1)).Single();
        await Some.Claims.FailAttemptAsync(failed, "broken", 1, TimeSpan.Zero, isPermanent: true, default);
        await Some.ClaimAsync(batch, 1);

        await Some.Versions.CreateAsync(tenant.Id, "agent", "child", Some.Genome(), failed.VersionId, "test", default);
        await new ApiKeyRepository(Database.Database).AddAsync(new NewApiKey { Name = $"ci-{tenant.Slug}", TenantId = tenant.Id, Role = ApiKeyRole.Viewer }, ApiKeySecret.Create(), "test", default);
        await new RunScheduleRepository(Database.Database).AddAsync(tenant.Id, failed.SuiteId, SomeSchedule.Draft, "test", default);
        await new EndpointOutageRepository(Database.Database).OpenAsync("agents.example:443", tenant.Id, "refused", default);
        var health = new TenantHealthRepository(Database.Database);
        await health.SaveAsync(
            [.. (await health.ListLoadAsync(default)).OrderBy(load => load.TenantId).Select(load => TenantHealth.Assess(load, 20, TimeSpan.FromDays(1), isPoolWorked: true, TenantFailures.None))],
            new HealthAlertRule(TimeSpan.FromDays(1), TimeSpan.FromDays(1), TimeSpan.FromDays(1)), default);
    }

    private async Task CompleteAsync(TenantBatch batch, int cases)
    {
        var run = (await Some.ClaimAsync(batch, 1)).Single();
        var unanswered = await Some.UnansweredAsync(run.Id);
        unanswered.Should().HaveCount(cases);
        await Some.Claims.SaveResultsAsync(run, [.. unanswered.Select(each => Some.Result(each.Id))], default);
        await Some.Claims.CompleteAsync(run, default);
    }

    private static long Sum(TenantRows rows) =>
        rows.Versions + rows.Suites + rows.Cases + rows.Runs + rows.Results + rows.ArchivedRuns + rows.ArchivedResults + rows.Batches + rows.Alerts;

    [GeneratedRegex(@"DELETE FROM (?<table>\w+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex DeletedTable();

    [GeneratedRegex(@"CREATE TABLE (?<table>\w+) \((?:(?!STRICT).)*?\bTenantId INTEGER", RegexOptions.ExplicitCapture | RegexOptions.Singleline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TableWithTenant();

    private sealed class LastReport(Action afterwards) : IProgress<TenantRows>
    {
        public TenantRows Rows { get; private set; } = new();

        public void Report(TenantRows value)
        {
            Rows = value;
            afterwards();
        }
    }
}

using EvalJobs.Jobs;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Jobs;

/// <summary>A health check of more tenants than one transaction stores.</summary>
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class HealthCheckStepsTests<TDatabase> where TDatabase : TestDatabase, new()
{
    private const int Tenants = 1_001;

    private JobHarness _server = null!;

    private string Schema => _server.Database.Schema;

    [SetUp]
    public async Task Start()
    {
        _server = await JobHarness.StartAsync(new TDatabase());

        // Their names are in the reverse order of their ids: the report is ordered by name, the steps by id.
        await _server.Database.ExecuteAsync(
            $$"""
            {{BulkData.Numbers}}
            INSERT INTO {{Schema}}Tenant (Slug, Name, PendingWarningThreshold) SELECT CONCAT('tenant-', 9999 - i), 'Tenant', 0 FROM n WHERE i <= @Tenants ORDER BY i;
            INSERT INTO {{Schema}}EvaluationSuite (TenantId, Name, Description, Revision, PassThreshold, IsDefault, Tags) SELECT Id, 'suite', '', 1, 0.8, 1, '[]' FROM {{Schema}}Tenant;
            INSERT INTO {{Schema}}AgentVersion (TenantId, AgentName, VersionLabel, Genome, GenomeHash, LifecycleState, EvalStatus)
            SELECT Id, 'agent', 'v1', '{}', '', 'TESTING', 'RUNNING' FROM {{Schema}}Tenant;
            INSERT INTO {{Schema}}EvaluationRun (TenantId, SuiteId, SuiteRevision, VersionId, Status, PreviousEvalStatus, [Trigger], CaseCount)
            SELECT v.TenantId, s.Id, 1, v.Id, 'PENDING', 'NOT_RUN', 'TRANSITION', 1 FROM {{Schema}}AgentVersion v JOIN {{Schema}}EvaluationSuite s ON s.TenantId = v.TenantId;
            """,
            new { Tenants });
    }

    [TearDown]
    public async Task Stop()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [Test]
    public async Task RunAsync_MoreThanAStep_StoresEveryTenantAndAlertsOnceOfEach()
    {
        await CheckAsync();
        await CheckAsync();

        (await CountStoredAsync()).Should().Be(Tenants);
        (await CountAlertedAsync("1 = 1")).Should().Be(Tenants);
        (await AlertsAsync()).Should().Be(Tenants);
    }

    [Test]
    public async Task RunAsync_AStepFails_StoresAndAlertsOfTheOthersAndFails()
    {
        await _server.Database.BreakInsertAsync("TenantHealth", "TenantId", 501);

        (await FluentActions.Awaiting(CheckAsync).Should().ThrowAsync<AggregateException>())
            .Which.InnerExceptions.Should().ContainSingle().Which.Message.Should().ContainEquivalentOf("broken");

        (await CountStoredAsync()).Should().Be(501, "the step from 501 to 1000 is stored completely or not at all");
        (await CountAlertedAsync("TenantId <= 500 OR TenantId = 1001")).Should().Be(501);
        (await AlertsAsync()).Should().Be(501, "no alert is raised for what was not stored");

        await _server.Database.RepairAsync("TenantHealth");
        await CheckAsync();
        (await CountStoredAsync()).Should().Be(Tenants);
        (await AlertsAsync()).Should().Be(Tenants);
    }

    private Task<HealthReport> CheckAsync() => _server.Get<HealthCheckJob>().RunAsync(default);

    private Task<long> CountStoredAsync() => _server.Database.ScalarAsync<long>($"SELECT COUNT(*) FROM {Schema}TenantHealth WHERE Status = 'WARNING'");

    private Task<long> CountAlertedAsync(string where) =>
        _server.Database.ScalarAsync<long>($"SELECT COUNT(DISTINCT TenantId) FROM {Schema}Alert WHERE Topic = 'HEALTH' AND Phase = 'RAISED' AND ({where})");

    private Task<long> AlertsAsync() => _server.Database.ScalarAsync<long>($"SELECT COUNT(*) FROM {Schema}Alert");
}

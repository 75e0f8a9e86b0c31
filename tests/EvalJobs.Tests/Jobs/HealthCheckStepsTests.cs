using EvalJobs.Jobs;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Jobs;

/// <summary>A health check of more tenants than one transaction keeps.</summary>
public sealed class HealthCheckStepsTests
{
    private const int Tenants = 1_001;

    private JobHarness _server = null!;

    [SetUp]
    public async Task Start()
    {
        _server = await JobHarness.StartAsync(new SqliteTestDatabase());

        // Their names run against their ids: the report is by name, the steps are by id.
        await _server.Database.ExecuteAsync(
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @Tenants)
            INSERT INTO Tenant (Slug, Name, PendingWarningThreshold) SELECT 'tenant-' || (9999 - i), 'Tenant', 0 FROM n;
            INSERT INTO EvaluationSuite (TenantId, Name, Description, Revision, PassThreshold, IsDefault, Tags) SELECT Id, 'suite', '', 1, 0.8, 1, '[]' FROM Tenant;
            INSERT INTO AgentVersion (TenantId, AgentName, VersionLabel, Genome, GenomeHash, LifecycleState, EvalStatus)
            SELECT Id, 'agent', 'v1', '{}', '', 'TESTING', 'RUNNING' FROM Tenant;
            INSERT INTO EvaluationRun (TenantId, SuiteId, SuiteRevision, VersionId, Status, PreviousEvalStatus, [Trigger], CaseCount)
            SELECT v.TenantId, s.Id, 1, v.Id, 'PENDING', 'NOT_RUN', 'TRANSITION', 1 FROM AgentVersion v JOIN EvaluationSuite s ON s.TenantId = v.TenantId;
            """,
            new { Tenants });
    }

    [TearDown]
    public async Task Stop() => await _server.DisposeAsync();

    [Test]
    public async Task RunAsync_MoreThanAStep_KeepsEveryoneAndAlertsOnceOfEach()
    {
        await CheckAsync();
        await CheckAsync();

        (await KeptAsync()).Should().Be(Tenants);
        (await AlertedAsync("1 = 1")).Should().Be(Tenants);
        (await AlertsAsync()).Should().Be(Tenants);
    }

    [Test]
    public async Task RunAsync_AStepFails_KeepsAndAlertsOfTheOthersAndEndsAsFailed()
    {
        await _server.Database.ExecuteAsync(
            """
            CREATE TRIGGER Broken BEFORE INSERT ON TenantHealth WHEN NEW.TenantId = 501
            BEGIN SELECT RAISE(ABORT, 'broken tenant'); END
            """);

        (await FluentActions.Awaiting(CheckAsync).Should().ThrowAsync<AggregateException>())
            .Which.InnerExceptions.Should().ContainSingle().Which.Message.Should().Contain("broken tenant");

        (await KeptAsync()).Should().Be(501, "the step from 501 to 1000 is all or nothing");
        (await AlertedAsync("TenantId <= 500 OR TenantId = 1001")).Should().Be(501);
        (await AlertsAsync()).Should().Be(501, "no alert is raised of what was not kept");

        await _server.Database.ExecuteAsync("DROP TRIGGER Broken");
        await CheckAsync();
        (await KeptAsync()).Should().Be(Tenants);
        (await AlertsAsync()).Should().Be(Tenants);
    }

    private Task<HealthReport> CheckAsync() => _server.Get<HealthCheckJob>().RunAsync(default);

    private Task<long> KeptAsync() => _server.Database.ScalarAsync<long>("SELECT COUNT(*) FROM TenantHealth WHERE Status = 'WARNING'");

    private Task<long> AlertedAsync(string where) =>
        _server.Database.ScalarAsync<long>($"SELECT COUNT(DISTINCT TenantId) FROM Alert WHERE Topic = 'HEALTH' AND Phase = 'RAISED' AND ({where})");

    private Task<long> AlertsAsync() => _server.Database.ScalarAsync<long>("SELECT COUNT(*) FROM Alert");
}

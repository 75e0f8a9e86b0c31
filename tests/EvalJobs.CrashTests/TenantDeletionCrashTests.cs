using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Crash;

/// <summary>A large tenant is deleted by a command that is killed repeatedly, while a server works for another tenant on the same database.</summary>
[Category("Crash")]
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class TenantDeletionCrashTests<TDatabase> where TDatabase : TestDatabase, new()
{
    private const int Kills = 3;

    [Test]
    [CancelAfter(180_000)]
    public async Task TenantDelete_KilledInTheMiddle_IsFinishedByRepeatingAndDelaysNoOtherTenant(CancellationToken cancellationToken)
    {
        await using var database = new TDatabase();
        await database.CreateAsync();
        var some = new Some(database.Database);
        await using var agent = await TestAgentServer.StartAsync(Behave.After(TimeSpan.FromMilliseconds(50), Behave.RightAnswer));
        var doomed = await some.TenantAsync("doomed");
        await some.Tenants.SetPausedAsync(doomed.Id, true, "test", cancellationToken);
        await some.SuiteAsync(doomed, cases: 3000);
        for (var run = 0; run < 20; run++)
            await some.PendingRunAsync(doomed);
        await database.ExecuteAsync($"""
            INSERT INTO {database.Schema}TestCaseResult (RunId, TestCaseId, Verdict, DurationMs)
            SELECT r.Id, c.Id, 'UNSCORED', 1 FROM {database.Schema}EvaluationRun r JOIN {database.Schema}TestCase c ON c.SuiteId = r.SuiteId
            """);
        var other = await some.TenantWithRunsAsync(1, cases: 200, slug: "other", genome: Some.HttpGenome(agent));
        await using var server = ServerProcess.Start("server", database, [("Execution:MaxParallelCases", "2")]);
        await agent.WaitForRequestsAsync(1);
        using var cli = new Cli();
        cli.Environment["EvalJobs__Storage__Provider"] = $"{database.Options.Provider}";
        cli.Environment["EvalJobs__Storage__ConnectionString"] = database.Options.ConnectionString;

        var left = (await some.Tenants.CountRowsAsync(doomed.Id, cancellationToken)).Results;
        for (var kill = 0; kill < Kills; kill++)
        {
            using var deletion = cli.Start("tenant", "delete", "doomed", "--yes");
            var before = left;
            while ((left = (await some.Tenants.CountRowsAsync(doomed.Id, cancellationToken)).Results) > before - 2000)
                await Task.Delay(10, cancellationToken);
            deletion.Kill();
            await deletion.WaitForExitAsync(cancellationToken);
        }

        left.Should().BePositive("each kill must come in the middle");
        (await some.Tenants.GetAsync(doomed.Id, cancellationToken)).IsPaused.Should().BeTrue();
        (await cli.RunProcessAsync("tenant", "delete", "doomed", "--yes")).Should().Match<CliAnswer>(answer => answer.ExitCode == 0 && answer.Output.Contains("20 runs"));

        (await some.Tenants.CountRowsAsync(doomed.Id, cancellationToken)).Should().Be(new TenantRows());
        while ((await some.RunsAsync(new RunListFilter { TenantIds = [other.Id] }, 1)).Single().Status != RunStatus.Completed)
            await Task.Delay(50, cancellationToken);
        agent.Requests.Should().HaveCount(200, "the other tenant's run was neither interrupted nor repeated");
        (await Invariants.CheckAsync(database)).Should().BeEmpty();
    }
}

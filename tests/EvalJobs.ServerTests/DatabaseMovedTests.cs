using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;
using EvalJobs.Tests.Support;
using Hangfire;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace EvalJobs.Tests.Server;

/// <summary>The SQLite file is moved, deleted or replaced while the server runs: the server reports it, and no run completes in a file that is not the database.</summary>
[Platform(Exclude = "Win", Reason = "Windows does not allow a file that SQLite has open to be moved, deleted or replaced")]
public sealed class DatabaseMovedTests
{
    [TestCase("moved")]
    [TestCase("deleted")]
    [TestCase("replaced by a copy")]
    [TestCase("replaced by a copy, its log kept")]
    [CancelAfter(120_000)]
    public async Task Server_DatabaseFileMovedOrReplaced_ReportsItAndStoresNothing(string what, CancellationToken cancellationToken)
    {
        var mayAnswer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var agent = await TestAgentServer.StartAsync(async (context, request) =>
        {
            await mayAnswer.Task.WaitAsync(context.RequestAborted);
            await Behave.RightAnswer(context, request);
        });
        await using var server = await RunningServer.StartAsync(("Execution:Lease", "00:10:00"));
        using var http = new HttpClient { BaseAddress = server.Url };
        var tenant = await server.Some.TenantWithRunsAsync(1, cases: 3, genome: Some.HttpGenome(agent));
        var waiting = await server.Some.TenantWithRunsAsync(1, cases: 1, genome: Some.HttpGenome(agent));
        await server.Some.Tenants.SetPausedAsync(waiting.Id, true, "test", cancellationToken);
        await server.WaitUntilAsync(async () => await DatabaseWordAsync(http, cancellationToken) == "ok", cancellationToken);
        server.Services.GetRequiredService<IRecurringJobManager>().Trigger(JobSchedule.ProcessEvaluations);
        await agent.WaitForRequestsAsync(1);
        await server.Some.Tenants.SetPausedAsync(waiting.Id, false, "test", cancellationToken);

        var file = ((SqliteTestDatabase)server.Database).File;
        var aside = $"{file}-aside";
        Act(what, file, aside);
        mayAnswer.SetResult();

        await server.WaitUntilAsync(async () => await DatabaseWordAsync(http, cancellationToken) == "moved or replaced", cancellationToken);
        var hangfire = server.Services.GetRequiredService<JobStorage>().GetMonitoringApi();
        await server.WaitUntilAsync(() => Task.FromResult(hangfire.FailedCount() > 0), cancellationToken);
        hangfire.FailedJobs(0, 10).Should().Contain(job => job.Value.ExceptionMessage.Contains("while this process used it"), "a write must fail with an error");
        await FluentActions.Awaiting(() => server.Services.GetRequiredService<DispatchPendingEvaluationsJob>().RunAsync(cancellationToken))
            .Should().ThrowAsync<DatabaseMovedException>("no more runs are claimed");

        File.Exists(file).Should().Be(what.StartsWith("replaced", StringComparison.Ordinal), "no new file is created");
        if (what == "deleted")
            return;

        // A new file next to the log of the old one cannot even be read.
        foreach (var each in what == "replaced by a copy" ? new[] { file, aside } : [])
            (await CompletedAsync(each)).Should().Be(0, $"no run completes in a file that is not the database; {each}");
        Restore(what, file, aside);
        await server.WaitUntilAsync(async () => await DatabaseWordAsync(http, cancellationToken) == "ok", cancellationToken);
        (await server.RunsAsync(tenant)).Should().OnlyContain(run => run.Status == RunStatus.Running || run.Status == RunStatus.Pending, "nothing was stored while the file was missing");
        await server.Database.PassAsync(TimeSpan.FromHours(1));
        await server.TickAsync(cancellationToken);
        foreach (var owner in new[] { tenant, waiting })
            (await server.RunsAsync(owner)).Should().OnlyContain(run => run.Status == RunStatus.Completed && run.FailedAttempts == 0, "the file is restored, so the work continues");
    }

    [Test]
    public async Task Watch_DatabaseSetBackToAnEarlierState_StopsAllWork()
    {
        await using var server = await JobHarness.StartAsync(new SqliteTestDatabase());
        var watch = server.Get<DatabaseWatch>();
        await watch.CheckAsync(default);
        var earlier = await server.Database.ScalarAsync<string>("SELECT Token FROM DatabaseMarker");
        await watch.CheckAsync(default);
        await server.TickAsync();

        await server.Database.ExecuteAsync("UPDATE DatabaseMarker SET Token = @earlier", new { earlier });

        await FluentActions.Awaiting(() => watch.CheckAsync(default)).Should().ThrowAsync<DatabaseMovedException>().WithMessage("*set back to an earlier state*");
        await FluentActions.Awaiting(() => server.TickAsync()).Should().ThrowAsync<DatabaseMovedException>();
    }

    private static void Act(string what, string file, string aside)
    {
        switch (what)
        {
            case "deleted":
                File.Delete(file);
                break;
            case "moved":
                Move(file, aside, withLog: true);
                break;
            case "replaced by a copy":
                Move(file, aside, withLog: true);
                foreach (var part in Directory.GetFiles(Path.GetDirectoryName(file)!, Path.GetFileName(aside) + "*"))
                    File.Copy(part, part.Replace("-aside", "", StringComparison.Ordinal));
                break;
            default:
                // SQLite would read the old log into the new file: its content looks like the database this process has written.
                Move(file, aside, withLog: false);
                File.Copy(aside, file);
                break;
        }
    }

    private static void Restore(string what, string file, string aside)
    {
        foreach (var part in what == "moved" ? [] : Directory.GetFiles(Path.GetDirectoryName(file)!, Path.GetFileName(file) + "*").Where(part => !part.Contains("-aside", StringComparison.Ordinal)))
        {
            if (part == file || what == "replaced by a copy")
                File.Delete(part);
        }

        Move(aside, file, withLog: File.Exists($"{aside}-wal"));
    }

    private static void Move(string from, string to, bool withLog)
    {
        File.Move(from, to);
        foreach (var log in withLog ? new[] { "-wal", "-shm" } : [])
        {
            if (File.Exists(from + log))
                File.Move(from + log, to + log);
        }
    }

    private static async Task<string?> DatabaseWordAsync(HttpClient http, CancellationToken cancellationToken)
    {
        var answer = await http.GetAsync("/health/ready", cancellationToken);
        var word = (await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)).GetProperty("checks").GetProperty("database").GetString();
        (answer.StatusCode == HttpStatusCode.OK && word != "ok").Should().BeFalse();
        return word;
    }

    private static async Task<long> CompletedAsync(string file)
    {
        await using var connection = new SqliteConnection($"Data Source={file};Pooling=False;Mode=ReadOnly");
        return await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM EvaluationRun WHERE Status = 'COMPLETED'");
    }
}

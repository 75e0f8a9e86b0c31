using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;
using EvalJobs.Server.Cli;
using Hangfire;

namespace EvalJobs.Server.Demo;

/// <summary>The demo: the real server on a fresh database, with everything pending processed at once.</summary>
internal static class DemoRun
{
    public static async Task<int> RunAsync(bool exit, int port, Dictionary<string, string?> settings, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("evaljobs-demo-");
        try
        {
            await using var agent = await DemoAgent.StartAsync(cancellationToken);
            await using var app = ServerApp.Build(Defaults(folder, agent, port).Concat(settings));
            await app.Services.GetRequiredService<SchemaMigrator>().MigrateAsync(cancellationToken);
            await ActivatorUtilities.CreateInstance<DemoData>(app.Services).SeedAsync(agent.Url, cancellationToken);
            await ServerApp.StartAsync(app, cancellationToken);

            CommandContext.Line("A fresh database with three tenants. Before the first tick:");
            WorkCommands.Show(await app.Services.GetRequiredService<HealthCheckJob>().RunAsync(cancellationToken));
            await ProcessAsync(app.Services, cancellationToken);
            await ShowOutcomesAsync(app.Services, cancellationToken);
            CommandContext.Line("Globex waits a minute, then two, before it is tried again and given up: its trouble kept nobody waiting.");

            if (!exit)
            {
                CommandContext.Line($"Dashboard: {app.Urls.First()}{HangfireSetup.DashboardPath} (Ctrl+C ends the demo and removes its database)");
                await using var stop = cancellationToken.Register(app.Lifetime.StopApplication);
                await app.WaitForShutdownAsync(CancellationToken.None);
            }
            else
            {
                await app.StopAsync(CancellationToken.None);
            }

            return ExitCode.Ok;
        }
        finally
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            folder.Delete(recursive: true);
        }
    }

    private static Dictionary<string, string?> Defaults(DirectoryInfo folder, DemoAgent agent, int port) => new(StringComparer.OrdinalIgnoreCase)
    {
        ["Urls"] = $"http://127.0.0.1:{port}",
        ["Logging:LogLevel:Default"] = "Warning",
        ["Logging:LogLevel:EvalJobs.Jobs"] = "Error",
        ["EvalJobs:Storage:Provider"] = nameof(StorageProvider.Sqlite),
        ["EvalJobs:Storage:ConnectionString"] = $"Data Source={Path.Combine(folder.FullName, "demo.db")}",
        ["EvalJobs:Agents:AllowedHosts:0"] = "127.0.0.1",
        ["EvalJobs:Agents:MaxRetries"] = "1",
        ["EvalJobs:Agents:RetryDelay"] = "00:00:00.2",
    };

    /// <summary>Triggers the recurring job as the dashboard does and waits until no batch is left.</summary>
    private static async Task ProcessAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        CommandContext.Line("Processing pending evaluations...");
        services.GetRequiredService<IRecurringJobManager>().Trigger(JobSchedule.ProcessEvaluations);

        var dispatches = services.GetRequiredService<DispatchRepository>();
        while ((await dispatches.ListAsync(1, cancellationToken)) is not [{ FinishedAt: not null }]
            || await dispatches.CountLiveBatchesAsync(cancellationToken) > 0
            || (await dispatches.ListTenantsDueAsync(cancellationToken)).Count > 0)
            await Task.Delay(100, cancellationToken);
    }

    private static async Task ShowOutcomesAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var runs = services.GetRequiredService<EvaluationRunRepository>();
        var total = 0;
        foreach (var tenant in await services.GetRequiredService<TenantRepository>().ListAsync(cancellationToken))
        {
            var own = await runs.ListAsync(new RunFilter { TenantId = tenant.Id }, 1000, cancellationToken);
            var completed = own.Count(run => run.Status == RunStatus.Completed);
            var passed = own.Count(run => run.Status == RunStatus.Completed && run.PassRate >= PassRule.DefaultThreshold);
            var waiting = own.FirstOrDefault(run => run.Status == RunStatus.Pending);
            CommandContext.Line($"Processed {completed} runs for tenant: {tenant.Name}: {passed} PASS, {completed - passed} FAIL"
                + (waiting is null ? "" : $"; {own.Count - completed} to be retried: {waiting.Error}"));
            total += completed;
        }

        CommandContext.Line($"Complete: {total} total runs processed");
    }
}

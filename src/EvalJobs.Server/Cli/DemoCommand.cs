using System.CommandLine;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;
using EvalJobs.Server.Demo;
using EvalJobs.Server.Hosting;
using EvalJobs.Server.Web;
using Hangfire;

namespace EvalJobs.Server.Cli;

/// <summary><c>demo</c>: the real server on a new database, which processes all pending runs at once.</summary>
internal static class DemoCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static Command Create()
    {
        var exit = new Option<bool>("--exit") { Description = "End after the first tick instead of staying up." };
        var port = new Option<int>("--port") { Description = "Port of the dashboard; 0 takes a free one.", DefaultValueFactory = _ => 5080 };
        var command = new Command("demo", "Run a demo on a fresh database: three tenants, one whose agent does not answer, one with a backlog.") { exit, port };
        command.SetAction((parsed, cancellationToken) => CommandLine.GuardAsync(
            () => parsed.GetValue(port) is >= 0 and <= 65_535 and var chosen
                ? RunAsync(parsed.GetValue(exit), chosen, CommandLine.Settings(parsed), cancellationToken)
                : throw new InvalidInputException($"--port {parsed.GetValue(port)}: expected 0 to 65535."),
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(bool exit, int port, IReadOnlyDictionary<string, string?> settings, CancellationToken cancellationToken)
    {
        if (settings.Keys.Any(name => name.StartsWith("EvalJobs:Storage:", StringComparison.OrdinalIgnoreCase)))
            throw new InvalidInputException("The demo creates and fills its own database: --database and the settings in Storage cannot be used with it.");

        var folder = Directory.CreateTempSubdirectory("evaljobs-demo-");
        try
        {
            await using var agent = await DemoAgent.StartAsync(cancellationToken);
            await using var app = ServerApp.Build(Settings(folder, agent, port, settings));
            await app.Services.GetRequiredService<SchemaMigrator>().MigrateAsync(cancellationToken);
            var versions = await ActivatorUtilities.CreateInstance<DemoData>(app.Services).SeedAsync(agent.Url, cancellationToken);
            await ServerApp.StartAsync(app, cancellationToken);
            try
            {
                await ShowAsync(app, versions, exit, cancellationToken);
            }
            finally
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

    private static async Task ShowAsync(WebApplication app, DemoVersions versions, bool exit, CancellationToken cancellationToken)
    {
        var health = app.Services.GetRequiredService<HealthCheckJob>();
        CommandContext.Line("A fresh database with three tenants. Before the first tick:");
        WorkCommands.Show(await health.RunAsync(cancellationToken));
        await ProcessAsync(app.Services, cancellationToken);
        await ShowOutcomesAsync(app.Services, cancellationToken);
        CommandContext.Line("The runs of Globex wait for its agent, which the server asks from time to time; that costs them no attempt. No other tenant waited for it:");
        WorkCommands.Show(await health.RunAsync(cancellationToken));
        await PromoteAsync(app.Services.GetRequiredService<AgentVersionRepository>(), versions, cancellationToken);

        var pages = $"{app.Urls.First()}{DashboardPaths.Root}/evaluations";
        CommandContext.Line($"Dashboard: {pages}" + (exit ? "" : " (Ctrl+C ends the demo and removes its database)"));
        CommandContext.Line($"Compare 1.1.0 with its parent, case by case: {pages}/versions/{versions.Child.Id}");
        if (exit)
            return;

        await using var stop = cancellationToken.Register(app.Lifetime.StopApplication);
        await app.WaitForShutdownAsync(CancellationToken.None);
    }

    /// <summary>Tries to promote both versions of Acme Corp: the gate promotes one and says what is missing for the other.</summary>
    private static async Task PromoteAsync(AgentVersionRepository versions, DemoVersions demo, CancellationToken cancellationToken)
    {
        foreach (var version in (AgentVersion[])[demo.Child, demo.Parent])
        {
            try
            {
                var moved = await versions.TransitionAsync(version.Id, LifecycleState.Candidate, null, 0, "demo", cancellationToken);
                CommandContext.Line($"Acme Corp, {version.AgentName} {version.VersionLabel}: promoted to {StoredWord.Of(moved.Version.LifecycleState)}, evalStatus {StoredWord.Of(moved.Version.EvalStatus)}.");
            }
            catch (ConflictException error)
            {
                CommandContext.Line($"Acme Corp, {version.AgentName} {version.VersionLabel}: not promoted. {error.Message}");
            }
        }
    }

    /// <summary>The settings of the demo. Those of the command line override them.</summary>
    private static Dictionary<string, string?> Settings(DirectoryInfo folder, DemoAgent agent, int port, IReadOnlyDictionary<string, string?> given)
    {
        var settings = Defaults(folder, agent, port);
        foreach (var (name, value) in given)
            settings[name] = value;
        return settings;
    }

    private static Dictionary<string, string?> Defaults(DirectoryInfo folder, DemoAgent agent, int port) => new(StringComparer.OrdinalIgnoreCase)
    {
        ["Urls"] = $"http://127.0.0.1:{port}",
        ["Logging:LogLevel:Default"] = "Error",
        ["Logging:LogLevel:Microsoft"] = "Error",
        ["Logging:LogLevel:Hangfire"] = "Error",
        ["Logging:LogLevel:Polly"] = "None",
        ["EvalJobs:Storage:Provider"] = nameof(StorageProvider.Sqlite),
        ["EvalJobs:Storage:ConnectionString"] = $"Data Source={Path.Combine(folder.FullName, "demo.db")}",
        ["EvalJobs:Agents:AllowedHosts:0"] = "127.0.0.1",
        ["EvalJobs:Agents:MaxRetries"] = "1",
        ["EvalJobs:Agents:RetryDelay"] = "00:00:00.2",
    };

    /// <summary>Triggers the recurring job, as the dashboard does, and waits until no batch is left.</summary>
    private static async Task ProcessAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        CommandContext.Line("Processing pending evaluations...");
        services.GetRequiredService<IRecurringJobManager>().Trigger(JobSchedule.ProcessEvaluations);

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await WaitForWorkAsync(services.GetRequiredService<DispatchRepository>(), patience.Token);
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"The demo's work did not end within {Patience}; see the log above.", error);
        }
    }

    private static async Task WaitForWorkAsync(DispatchRepository dispatches, CancellationToken cancellationToken)
    {
        while ((await dispatches.ListAsync(1, cancellationToken)) is not [{ FinishedAt: not null }]
            || await dispatches.CountLiveBatchesAsync(cancellationToken) > 0
            || (await dispatches.ListTenantsDueAsync(cancellationToken)).Count > 0)
            await Task.Delay(100, cancellationToken);
    }

    private static async Task ShowOutcomesAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var runs = services.GetRequiredService<RunListRepository>();
        var total = 0;
        foreach (var tenant in await services.GetRequiredService<TenantRepository>().ListAsync("", 10, cancellationToken))
        {
            var own = await runs.ListAsync(new RunListFilter { TenantIds = [tenant.Id] }, 1000, cancellationToken);
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

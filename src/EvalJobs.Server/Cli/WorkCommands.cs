using System.Collections.Concurrent;
using System.CommandLine;
using EvalJobs.Data;
using EvalJobs.DependencyInjection;
using EvalJobs.Domain;
using EvalJobs.Jobs;
using Spectre.Console;

namespace EvalJobs.Server.Cli;

/// <summary>Commands that do the work of the recurring jobs at once: migrate, process, health, cleanup.</summary>
internal static class WorkCommands
{
    public static Command Migrate()
    {
        var script = new Option<string?>("--script")
        {
            Description = "Only print SQL: data (T-SQL of EvalJobs' tables) or hangfire (of Hangfire's), for administrators to run; queries (every query as it is sent to the configured provider).",
            HelpName = "data|hangfire|queries",
        };
        var command = new Command("migrate", "Bring the database to this program's schema, Hangfire's tables included.") { script };
        return command.Runs(
            (parsed, context) => parsed.GetValue(script) is { } part ? PrintScriptAsync(context, part) : MigrateAsync(context), prepare: false);
    }

    public static Command Process()
    {
        var all = new Option<bool>("--all") { Description = "Continue with further batches until no due work is left." };
        var workers = new Option<int>("--workers") { Description = "Tenants worked at the same time.", DefaultValueFactory = _ => HangfireOptions.DefaultWorkers };
        var command = new Command("process", "One tick in this process: every tenant with due work gets its batch.") { all, workers };
        return command.Runs((parsed, context) => ProcessAsync(context, parsed.GetValue(all), parsed.GetValue(workers)));
    }

    public static Command Health() =>
        new Command("health", "Check every tenant; exit code 1 on WARNING.").Runs(async (_, context) =>
        {
            var report = await context.Get<HealthCheckJob>().RunAsync(context.CancellationToken);
            context.Answer(report, () => Show(report));
            return report.Overall == StoredWord.Of(HealthStatus.Healthy) ? ExitCode.Ok : ExitCode.Attention;
        });

    public static Command Cleanup() =>
        new Command("cleanup", "Move ended runs past retention to the archive; delete permanently what is past its age.").Runs(async (_, context) =>
        {
            var summary = await context.Get<ArchiveOldRunsJob>().RunAsync(context.CancellationToken);
            context.Answer(summary, () =>
            {
                CommandContext.Line($"Archived {CommandContext.Many(summary.ArchivedRuns, "run")} with {CommandContext.Many(summary.ArchivedResults, "result")}.");
                CommandContext.Line($"Deleted {CommandContext.Many(summary.PurgedRuns, "archived run")} with {CommandContext.Many(summary.PurgedResults, "result")}.");
                CommandContext.Line($"Deleted {CommandContext.Many(summary.PurgedBatches, "old batch", "old batches")}, {CommandContext.Many(summary.PurgedDispatches, "old tick")}, {CommandContext.Many(summary.PurgedChangeRecords, "old change record")}.");
            });
            return ExitCode.Ok;
        });

    public static void Show(HealthReport report)
    {
        CommandContext.Line($"Overall: {report.Overall}");
        foreach (var reason in report.Reasons)
            CommandContext.Line($"  {reason}");
        foreach (var paused in report.Paused)
            CommandContext.Line($"  Paused: {paused}");
        CommandContext.Table(
            ["Tenant", "Status", "Pending", "Running", "Oldest due", "Reasons"],
            report.Tenants.Select(tenant => new[]
            {
                tenant.TenantName, tenant.Status + (tenant.IsPaused ? " (paused)" : ""), $"{tenant.PendingCount}", $"{tenant.RunningCount}",
                tenant.OldestPendingSeconds is { } seconds ? $"{seconds:0} s" : "–", string.Join(" ", tenant.Reasons),
            }));
    }

    private static async Task<int> MigrateAsync(CommandContext context)
    {
        var done = await context.Get<EvalJobsDatabases>().MigrateAsync(context.CancellationToken);
        context.Answer(done, () =>
        {
            CommandContext.Line(done.Scripts.Count == 0 ? "The schema is current." : $"Ran {string.Join(", ", done.Scripts)}.");
            if (done.HangfireVersion is { } version)
                CommandContext.Line($"Hangfire's schema {done.HangfireSchema} is at version {version}.");
        });
        return ExitCode.Ok;
    }

    private static async Task<int> PrintScriptAsync(CommandContext context, string part)
    {
        await Console.Out.WriteAsync(part switch
        {
            "data" => MigrationScript.Compose(),
            "hangfire" => HangfireSchema.InstallScript(context.Get<HangfireOptions>().SchemaName),
            "queries" => SqlCatalog.Load(context.Get<StorageOptions>().Provider).Print(),
            _ => throw new InvalidInputException($"--script {part}: expected data, hangfire or queries."),
        });
        return ExitCode.Ok;
    }

    private static async Task<int> ProcessAsync(CommandContext context, bool all, int workers)
    {
        if (workers is < 1 or > 1024)
            throw new InvalidInputException($"--workers {workers}: expected 1 to 1024.");

        // Leases are renewed while the command works, as in the server.
        var leases = context.Get<LeaseKeeper>();
        await leases.StartAsync(CancellationToken.None);
        try
        {
            var dispatch = await context.Get<DispatchPendingEvaluationsJob>().RunNowAsync(context.CancellationToken);
            using var cases = new CaseCounter();
            var outcomes = await WithProgressAsync(context, dispatch.QueuedBatchCount, cases, report => WorkAsync(context, all, workers, report));
            var left = await ListLeftAsync(context, dispatch, all);
            Report(context, dispatch, outcomes, cases.Count, await ListWaitingAsync(context), left);
            return left.Count > 0 || outcomes.Any(each => each.Error is not null || each.Counts.Failed > 0) ? ExitCode.Attention : ExitCode.Ok;
        }
        finally
        {
            await leases.StopAsync(CancellationToken.None);
        }
    }

    private static async Task<List<TenantOutcome>> WorkAsync(CommandContext context, bool all, int workers, Action batchDone)
    {
        var queue = context.Get<InlineTenantBatchQueue>();
        var outcomes = new ConcurrentDictionary<string, TenantOutcome>(StringComparer.Ordinal);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = context.CancellationToken };

        for (var batches = queue.TakeAll(); batches.Count > 0; batches = queue.TakeAll())
        {
            await Parallel.ForEachAsync(batches, parallel, async (batchId, cancellationToken) =>
            {
                var outcome = await WorkOneAsync(context, batchId, all, cancellationToken);
                outcomes.AddOrUpdate(outcome.Slug, outcome, (_, before) => before.And(outcome));
                batchDone();
            });
        }

        return [.. outcomes.Values.OrderBy(outcome => outcome.Slug, StringComparer.Ordinal)];
    }

    /// <returns>The job that works a batch in this process.</returns>
    /// <param name="context">The context of the command.</param>
    /// <param name="continues">Whether a batch that ends queues the next ones, including those of other tenants.</param>
    public static TenantBatchJob BatchJob(CommandContext context, bool continues)
    {
        var options = context.Get<DispatchOptions>() with { ContinueWhileBacklog = continues };
        var services = context.Get<IServiceProvider>();
        return ActivatorUtilities.CreateInstance<TenantBatchJob>(services, ActivatorUtilities.CreateInstance<TenantBatchContinuation>(services, options));
    }

    private static async Task<TenantOutcome> WorkOneAsync(CommandContext context, long batchId, bool all, CancellationToken cancellationToken)
    {
        try
        {
            var summary = await BatchJob(context, all).RunAsync(batchId, cancellationToken);
            return await OutcomeAsync(context, summary);
        }
        catch (NotFoundException)
        {
            return new TenantOutcome("", $"of batch {batchId}", default, "it was deleted while the command ran.");
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            var batch = await context.Get<DispatchRepository>().GetBatchAsync(batchId, CancellationToken.None);
            var tenant = await context.Get<TenantRepository>().GetAsync(batch.TenantId, CancellationToken.None);
            return new TenantOutcome(tenant.Slug, tenant.Name, default, error.Message);
        }
    }

    /// <summary>A batch without an exception may still not have worked: its lease may be lost, or another process may have it.</summary>
    private static async Task<TenantOutcome> OutcomeAsync(CommandContext context, TenantBatchSummary summary)
    {
        var batch = await context.Get<DispatchRepository>().GetBatchAsync(summary.BatchId, CancellationToken.None);
        var tenant = await context.Get<TenantRepository>().GetAsync(batch.TenantId, CancellationToken.None);
        var error = summary.TenantSlug is null
            ? $"batch {batch.Id} was not started here; it is {StoredWord.Of(batch.Status)}. Another process took it, or its lease expired while it waited."
            : batch.Status == BatchStatus.Completed ? null
            : $"batch {batch.Id} was left {StoredWord.Of(batch.Status)}: its lease was lost while it was worked, or its end could not be stored. The tick frees its tenant when the lease has expired.";
        return new TenantOutcome(tenant.Slug, tenant.Name, summary.Counts, error);
    }

    /// <returns>The runs that should have been worked but were not, in sentences.</returns>
    private static async Task<IReadOnlyList<string>> ListLeftAsync(CommandContext context, DispatchSummary dispatch, bool all)
    {
        var left = new List<string>();
        if (dispatch.TenantCount > dispatch.QueuedBatchCount)
            left.Add($"{dispatch.TenantCount - dispatch.QueuedBatchCount} of {dispatch.TenantCount} tenants with due work got no batch: another process serves them, or the log says why.");
        var due = all ? await context.Get<DispatchRepository>().ListTenantsDueAsync(context.CancellationToken) : [];
        if (due.Count > 0)
            left.Add($"Due work was left of {string.Join(", ", due.Take(5).Select(tenant => tenant.Name))}{(due.Count > 5 ? $" and {due.Count - 5} more" : "")}: it came due while the command ran, or no run could be claimed. Run 'process --all' again; 'health' says more.");
        return left;
    }

    private static void Report(
        CommandContext context, DispatchSummary dispatch, List<TenantOutcome> outcomes, int cases, IReadOnlyList<RunRow> waiting, IReadOnlyList<string> left)
    {
        var next = waiting.MinBy(run => run.DueAt);
        var total = outcomes.Sum(outcome => outcome.Counts.Completed);
        context.Answer(new { dispatch, tenants = outcomes, total, cases, waiting = waiting.Count, nextDueAt = next?.DueAt, left }, () =>
        {
            CommandContext.Line("Processing pending evaluations...");
            foreach (var outcome in outcomes)
            {
                var counts = outcome.Counts;
                var others = (counts.Failed > 0 ? $", {CommandContext.Many(counts.Failed, "attempt")} failed" : "") + (counts.Released > 0 ? $", {counts.Released} released" : "");
                CommandContext.Line(outcome.Error is null
                    ? $"Processed {counts.Completed} runs for tenant: {outcome.Name}{others}"
                    : $"Error for tenant: {outcome.Name}: {outcome.Error}");
            }

            if (dispatch.RequeuedCount + dispatch.ExhaustedCount > 0)
                CommandContext.Line($"Requeued {CommandContext.Many(dispatch.RequeuedCount, "run")} with an expired lease; {dispatch.ExhaustedCount} failed as poison.");
            CommandContext.Line($"Complete: {total} total runs processed");
            CommandContext.Line($"Asked {CommandContext.Many(cases, "case")}.");
            if (next is not null)
                CommandContext.Line($"{(waiting.Count == 1 ? "1 run waits for its" : $"{waiting.Count} runs wait for their")} next attempt; run {next.Id} of {next.TenantName} is due first, at {CommandContext.Moment(next.DueAt)} UTC.");
            foreach (var each in left)
                CommandContext.Line(each);
            if (outcomes.Any(outcome => outcome.Counts.Failed > 0))
                CommandContext.Line("'run list' shows why attempts failed.");
        });
    }

    /// <returns>The number of pending runs that are not due yet, among the latest thousand pending ones.</returns>
    private static async Task<IReadOnlyList<RunRow>> ListWaitingAsync(CommandContext context)
    {
        var now = context.Get<TimeProvider>().GetUtcNow();
        var pending = await context.Get<RunListRepository>().ListAsync(new RunListFilter { Status = RunStatus.Pending }, 1000, context.CancellationToken);
        return [.. pending.Where(run => run.DueAt > now)];
    }

    private static async Task<T> WithProgressAsync<T>(CommandContext context, int batches, CaseCounter cases, Func<Action, Task<T>> work)
    {
        if (!context.IsWatched || batches == 0)
            return await work(() => { });

        return await AnsiConsole.Progress().StartAsync(async progress =>
        {
            var task = progress.AddTask("Tenant batches", maxValue: batches);
            cases.Counted = () => task.Description = $"Tenant batches, {CommandContext.Many(cases.Count, "case")} asked";
            return await work(() => task.Increment(1));
        });
    }

    private sealed record TenantOutcome(string Slug, string Name, BatchCounts Counts, string? Error)
    {
        public TenantOutcome And(TenantOutcome other) => this with
        {
            Counts = new BatchCounts(
                Counts.Claimed + other.Counts.Claimed, Counts.Completed + other.Counts.Completed,
                Counts.Failed + other.Counts.Failed, Counts.Released + other.Counts.Released),
            Error = Error ?? other.Error,
        };
    }
}

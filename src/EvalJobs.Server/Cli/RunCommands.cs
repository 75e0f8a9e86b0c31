using System.CommandLine;
using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Cli;

/// <summary><c>run create|list|show|cancel|retry|acknowledge|void|restore</c>.</summary>
internal static class RunCommands
{
    public static Command Build() => new("run", "Create, list, show, cancel, retry, acknowledge, void and restore evaluation runs.")
    {
        Create(), List(), Show(), Cancel(), Retry(), Acknowledge(), Void(), RestoreCommand.Build(),
    };

    private static Argument<long> RunArgument() => new("run") { Description = "The run's id." };

    private static Command Create()
    {
        var tenant = TenantCommands.SlugArgument();
        var agent = VersionCommands.AgentArgument();
        var label = VersionCommands.LabelArgument();
        var suite = new Option<string?>("--suite") { Description = "Suite to run; default: the tenant's default suite." };
        var priority = new Option<int>("--priority") { Description = $"Higher starts first within the tenant; {RunPriority.Lowest} to {RunPriority.Highest}." };
        return new Command("create", "Create a pending run for an agent version.") { tenant, agent, label, suite, priority }.Runs(async (parsed, context) =>
        {
            var version = await VersionCommands.FindAsync(context, parsed.GetRequiredValue(tenant), parsed.GetRequiredValue(agent), parsed.GetRequiredValue(label));
            var suiteId = await VersionCommands.FindSuiteAsync(context, version.TenantId, parsed.GetValue(suite));
            var run = await context.Get<RequestRun>().ExecuteAsync(
                version.Id, suiteId, parsed.GetValue(priority), Actor.CommandLine(), context.CancellationToken);
            context.Answer(run, () => CommandContext.Line(VersionCommands.PendingSentence(run)));
            return ExitCode.Ok;
        });
    }

    private static Command List()
    {
        var tenant = new Option<string?>("--tenant") { Description = "Only this tenant's." };
        var status = new Option<string?>("--status") { Description = "Only PENDING, RUNNING, COMPLETED, FAILED or CANCELLED." };
        var limit = Paging.LimitOption();
        var before = Paging.BeforeOption();
        var needsAction = new Option<bool>("--needs-action") { Description = "Only runs that failed permanently and were neither acknowledged nor replaced by a later run." };
        return new Command("list", "List runs, newest first, live and archived.") { tenant, status, needsAction, limit, before }.Runs(async (parsed, context) =>
        {
            var filter = new RunListFilter
            {
                TenantIds = parsed.GetValue(tenant) is { } slug ? [(await context.Get<TenantRepository>().FindAsync(slug, context.CancellationToken)).Id] : null,
                Status = parsed.Word<RunStatus>(status),
                NeedsAction = parsed.GetValue(needsAction),
                BeforeId = parsed.Before(before),
            };
            if (filter is { NeedsAction: true, Status: not null and not RunStatus.Failed })
                throw new InvalidInputException("--needs-action lists FAILED runs only; leave --status out.");
            var count = parsed.Limit(limit);
            var runs = await context.Get<RunListRepository>().ListAsync(filter, count, context.CancellationToken);
            context.Answer(runs, () =>
            {
                CommandContext.Table(
                    ["Run", "Tenant", "Agent version", "Status", "Attempt", "Passed", "Pass rate", "evalStatus", "Created", "Ended", "Error"],
                    runs.Select(run => new[]
                    {
                        $"{run.Id}", run.TenantSlug, $"{run.AgentName} {run.VersionLabel}", CommandContext.Word(run.Status) + (run.ArchivedAt is null ? "" : " (archived)"), $"{run.Attempt}",
                        $"{(run.CompletedAt is null ? "–" : run.PassedCount)}/{run.CaseCount}",
                        CommandContext.Percent(run.PassRate) + MissingVerdictsText(run.CompletedAt, run.ErroredCount, run.UnscoredCount), CommandContext.Word(run.EvalStatus), CommandContext.Moment(run.CreatedAt), CommandContext.Moment(run.CompletedAt), FirstLine(run.Error),
                    }));
                Paging.Hint(runs, count, last => $"--before {last.Id}");
            });
            return ExitCode.Ok;
        });
    }

    private static Command Show()
    {
        var id = RunArgument();
        var verdict = new Option<string?>("--verdict") { Description = "Only cases PASSED, FAILED, ERRORED or UNSCORED." };
        var limit = Paging.LimitOption(" cases", 1000);
        var after = new Option<int>("--after") { Description = "Only cases after this number: the last of the previous page.", HelpName = "#" };
        return new Command("show", "Show a run with its case results, live or archived.") { id, verdict, limit, after }.Runs(async (parsed, context) =>
        {
            var count = parsed.Limit(limit);
            var from = parsed.GetValue(after);
            if (from < 0)
                throw new InvalidInputException($"--after {from}: expected the number of a case, 0 or more.");
            var runs = context.Get<EvaluationRunRepository>();
            var run = await runs.GetAsync(parsed.GetRequiredValue(id), context.CancellationToken);
            var only = parsed.Word<CaseVerdict>(verdict);

            // One more than requested shows whether there are more.
            var found = await runs.ListResultsAsync(run, only, from, count + 1, context.CancellationToken);
            var results = found.Take(count).ToList();
            var truncated = found.Count > count;
            var tenant = await context.Get<TenantRepository>().GetAsync(run.TenantId, context.CancellationToken);
            var version = await context.Get<AgentVersionRepository>().GetAsync(run.VersionId, context.CancellationToken);

            // The counts in the run are written only when its attempt ends.
            var soFar = run.CompletedAt is null ? await context.Get<RunClaimRepository>().TallyAsync(run.Id, context.CancellationToken) : null;
            context.Answer(new { run, results, truncated }, () =>
            {
                ShowText(run, soFar, tenant, version, results);
                if (truncated)
                    CommandContext.Line($"There are more: --after {results[^1].Ordinal}");
            });
            return ExitCode.Ok;
        });
    }

    private static Command Retry()
    {
        var id = RunArgument();
        var errored = new Option<bool>("--errored") { Description = "Of a COMPLETED run ask only the ERRORED and UNSCORED cases again; every verdict is kept." };
        return new Command("retry", "Create a run that repeats one that FAILED or was CANCELLED; with --errored one that asks a COMPLETED run's cases without a verdict again.") { id, errored }.Runs(async (parsed, context) =>
        {
            var retry = context.Get<RetryRun>();
            var run = parsed.GetValue(errored)
                ? await retry.AskAgainAsync(parsed.GetRequiredValue(id), Actor.CommandLine(), context.CancellationToken)
                : await retry.ExecuteAsync(parsed.GetRequiredValue(id), Actor.CommandLine(), context.CancellationToken);
            context.Answer(run, () => CommandContext.Line(VersionCommands.PendingSentence(run)));
            return ExitCode.Ok;
        });
    }

    private static Command Cancel()
    {
        var id = RunArgument();
        return new Command("cancel", "Cancel a run that has not ended; its version gets back its evaluation status.") { id }.Runs(async (parsed, context) =>
        {
            var runId = parsed.GetRequiredValue(id);
            await context.Get<CancelRun>().ExecuteAsync(runId, Actor.CommandLine(), context.CancellationToken);
            context.Answer(new { run = runId, status = RunStatus.Cancelled }, () => CommandContext.Line($"Run {runId} is CANCELLED."));
            return ExitCode.Ok;
        });
    }

    private static Command Acknowledge()
    {
        var id = RunArgument();
        var note = new Option<string?>("--note") { Description = "Why nothing needs to be done. It is stored in the audit record." };
        return new Command("acknowledge", "Acknowledge a run that failed permanently: it needs no action any more.") { id, note }.Runs(async (parsed, context) =>
        {
            var runId = parsed.GetRequiredValue(id);
            await context.Get<AcknowledgeRun>().ExecuteAsync(runId, parsed.GetValue(note), Actor.CommandLine(), context.CancellationToken);
            context.Answer(new { run = runId, isAcknowledged = true }, () => CommandContext.Line($"Run {runId} is acknowledged and needs no more action."));
            return ExitCode.Ok;
        });
    }

    private static Command Void()
    {
        var id = RunArgument();
        var reason = new Option<string>("--reason") { Description = "Why the run does not count. It is always shown with the standing.", Required = true };
        return new Command("void", "Exclude a completed run from the evidence.") { id, reason }.Runs(async (parsed, context) =>
        {
            var runId = parsed.GetRequiredValue(id);
            var standing = await context.Get<VoidRun>().ExecuteAsync(runId, parsed.GetRequiredValue(reason), Actor.CommandLine(), context.CancellationToken);
            context.Answer(new { run = runId, isVoid = true, evalStatus = standing?.EvalStatus }, () =>
            {
                CommandContext.Line($"Run {runId} is void. It no longer counts.");
                if (standing is not null)
                    CommandContext.Line($"Its version has evalStatus {CommandContext.Word(standing.EvalStatus)} now. {standing.Standing.Reason}");
            });
            return ExitCode.Ok;
        });
    }

    /// <summary>An outcome is always shown with its cases without a verdict.</summary>
    private static string MissingVerdictsText(DateTimeOffset? completedAt, int errored, int unscored) =>
        completedAt is not null && MissingVerdicts.Describe(errored, unscored) is { } missing ? $" ({missing})" : "";

    private static void ShowText(EvaluationRun run, RunTally? soFar, Tenant tenant, AgentVersion version, IReadOnlyList<CaseResultRow> results)
    {
        CommandContext.Line($"Run {run.Id}: {CommandContext.Word(run.Status)}, attempt {run.Attempt} ({run.FailedAttempts} failed), {tenant.Slug}, {version.AgentName} {version.VersionLabel}, suite {run.SuiteId} revision {run.SuiteRevision}");
        CommandContext.Line(soFar is null
            ? $"Passed {run.PassedCount}, failed {run.FailedCount}, errored {run.ErroredCount}, unscored {run.UnscoredCount} of {run.CaseCount}: pass rate {CommandContext.Percent(run.PassRate)}"
            : $"Until now passed {soFar.PassedCount}, failed {soFar.FailedCount}, errored {soFar.ErroredCount}, unscored {soFar.UnscoredCount} of {run.CaseCount}");
        if (run.CompletedAt is not null && MissingVerdicts.Describe(run.ErroredCount, run.UnscoredCount) is { } missing)
            CommandContext.Line($"Without a verdict: {missing}. They count as not passed{(run.Status == RunStatus.Completed ? $"; 'run retry {run.Id} --errored' asks only them again" : "")}.");
        if (run.ContinuesRunId is { } continued)
            CommandContext.Line($"Continues run {continued}: keeps its verdicts and asks only its cases without one again.");
        if ((soFar?.CutCount ?? run.CutCount) is > 0 and var cut)
            CommandContext.Line($"Replies cut by a length limit: {cut}");
        if (run.Error is not null)
            CommandContext.Line($"Last error: {run.Error}");
        CommandContext.Table(
            ["#", "Case", "Verdict", "Score", "Expected", "Actual", "ms", "Error"],
            results.Select(row => new[]
            {
                $"{row.Ordinal}", row.CaseKey, CommandContext.Word(row.Verdict), row.Score is { } score ? $"{score:0.###}" : "–",
                Short(row.ExpectedOutput), Short(row.Output), $"{row.DurationMs}", Short(row.Error),
            }));
    }

    /// <summary>The last line is the most useful one, because the answer is at the end of a solution.</summary>
    private static string Short(string? text)
    {
        var line = (text ?? "").TrimEnd().Split('\n')[^1].Trim();
        return Cut(line, 48);
    }

    /// <summary>The beginning of the error; 'run show' shows all of it.</summary>
    private static string FirstLine(string? error) => Cut((error ?? "").TrimStart().Split('\n')[0].Trim(), 100);

    private static string Cut(string line, int length) => line.Length <= length ? line : line[..(length - 1)] + "…";
}

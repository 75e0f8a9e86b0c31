using System.CommandLine;
using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Cli;

/// <summary><c>export runs|results|comparison|audit</c>.</summary>
internal static class ExportCommands
{
    public static Command Build() => new("export", "Write runs, results, comparisons or the audit trail as CSV, JSONL or JUnit XML.") { Runs(), Results(), Comparison(), Audit() };

    private static Command Runs()
    {
        var tenant = new Option<string?>("--tenant") { Description = "Only this tenant's." };
        var status = new Option<string?>("--status") { Description = "Only PENDING, RUNNING, COMPLETED, FAILED or CANCELLED." };
        var output = new ExportOutput(ExportFormat.Csv, ExportFormat.Jsonl, ExportFormat.Junit);
        var command = new Command("runs", "Runs, newest first, live and archived.") { tenant, status };
        output.AddTo(command);
        return command.Runs(async (parsed, context) =>
        {
            var filter = new RunListFilter { TenantIds = await TenantIdsAsync(context, parsed.GetValue(tenant)), Status = parsed.Word<RunStatus>(status) };
            return await output.WriteAsync(parsed, context, (format, target) => context.Get<DataExporter>().ExportRunsAsync(filter, format, target, context.CancellationToken));
        });
    }

    private static Command Results()
    {
        var id = new Argument<long>("run") { Description = "The run's id." };
        var verdict = new Option<string?>("--verdict") { Description = "Only cases PASSED, FAILED, ERRORED or UNSCORED." };
        var output = new ExportOutput(ExportFormat.Csv, ExportFormat.Jsonl, ExportFormat.Junit);
        var command = new Command("results", "The results of a run with their cases.") { id, verdict };
        output.AddTo(command);
        return command.Runs(async (parsed, context) =>
        {
            var run = await context.Get<EvaluationRunRepository>().GetAsync(parsed.GetRequiredValue(id), context.CancellationToken);
            var only = parsed.Word<CaseVerdict>(verdict);
            return await output.WriteAsync(parsed, context, (format, target) => context.Get<DataExporter>().ExportResultsAsync(run, only, format, target, context.CancellationToken));
        });
    }

    private static Command Comparison()
    {
        var ids = new Argument<long[]>("runs")
        {
            Description = "The ids of the runs in question, then that of the baseline, all of one suite.",
            Arity = new ArgumentArity(2, RunMatrix.MaxRuns),
        };
        var output = new ExportOutput(ExportFormat.Csv, ExportFormat.Jsonl, ExportFormat.Junit);
        var command = new Command("comparison", "The cases that runs share with a baseline run, with the result of each in both.") { ids };
        output.AddTo(command);
        return command.Runs(async (parsed, context) =>
        {
            var runs = new List<EvaluationRun>();
            foreach (var id in parsed.GetRequiredValue(ids))
                runs.Add(await context.Get<EvaluationRunRepository>().GetAsync(id, context.CancellationToken));
            return await output.WriteAsync(
                parsed, context, (format, target) => context.Get<DataExporter>().ExportComparisonAsync(runs[..^1], runs[^1], format, target, context.CancellationToken));
        });
    }

    private static Command Audit()
    {
        var tenant = new Option<string?>("--tenant") { Description = "Only this tenant's." };
        var actor = new Option<string?>("--actor") { Description = "Only what this person or program did." };
        var output = new ExportOutput(ExportFormat.Csv, ExportFormat.Jsonl);
        var command = new Command("audit", "The audit trail, newest first.") { tenant, actor };
        output.AddTo(command);
        return command.Runs(async (parsed, context) =>
        {
            var filter = new AuditFilter { TenantIds = await TenantIdsAsync(context, parsed.GetValue(tenant)), Actor = parsed.GetValue(actor) };
            return await output.WriteAsync(parsed, context, (format, target) => context.Get<DataExporter>().ExportAuditAsync(filter, format, target, context.CancellationToken));
        });
    }

    private static async Task<IReadOnlyCollection<long>?> TenantIdsAsync(CommandContext context, string? slug) =>
        slug is null ? null : [(await context.Get<TenantRepository>().FindAsync(slug, context.CancellationToken)).Id];
}

using System.CommandLine;
using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Import;
using Spectre.Console;

namespace EvalJobs.Server.Cli;

/// <summary><c>suite import|list|show|export</c>.</summary>
internal static class SuiteCommands
{
    private const int PreviewedCases = 20;

    public static Command Build() => new("suite", "Import, list, show and export evaluation suites.") { Import(), List(), Show(), Export() };

    private static Argument<string> NameArgument() => new("suite") { Description = "The suite's name." };

    private static Command Import()
    {
        var slug = TenantCommands.SlugArgument();
        var name = NameArgument();
        var file = new Argument<FileInfo>("file") { Description = "Test cases: .jsonl, .csv, .json or .yaml. A JSON or YAML file may also contain the suite's settings." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Read and check the file, show what would be imported, and store nothing." };
        var reading = new CaseFileOptions();
        var isDefault = new Option<bool?>("--default") { Description = "Evaluate versions with this suite when they enter TESTING.", Arity = ArgumentArity.ZeroOrOne };
        var description = new Option<string?>("--description") { Description = "What the suite is for." };
        var tags = new Option<string[]>("--tag") { Description = "A word for finding the suite. May be repeated." };
        var command = new Command("import", "Import a suite, or the next revision of one. A file with an error is rejected as a whole.")
        {
            slug, name, file, isDefault, description, tags, dryRun,
        };
        reading.AddTo(command);
        return command.Runs(async (parsed, context) =>
        {
            var tenant = await context.Get<TenantRepository>().FindAsync(parsed.GetRequiredValue(slug), context.CancellationToken);
            var import = reading.Read(parsed, context, parsed.GetRequiredValue(file), tenant.Id) with
            {
                Name = parsed.GetRequiredValue(name),
                Description = parsed.GetValue(description),
                IsDefault = parsed.GetValue(isDefault),
                Tags = parsed.GetValue(tags) is { Length: > 0 } given ? given : null,
            };
            var suites = context.Get<ImportSuite>();
            var conversion = import.Conversion.Report;
            if (parsed.GetValue(dryRun))
            {
                var preview = await WithProgressAsync(context, import, watched => suites.PreviewAsync(watched, PreviewedCases, context.CancellationToken));
                context.Answer(new { preview.Draft, preview.Revision, preview.CaseCount, preview.Cases, moved = ConversionReportText.Json(conversion) }, () => ShowPreview(preview, conversion));
                return ExitCode.Ok;
            }

            var saved = await WithProgressAsync(context, import, watched => suites.ExecuteAsync(watched, Actor.CommandLine(), context.CancellationToken));
            context.Answer(new { saved.Suite, saved.CaseCount, moved = ConversionReportText.Json(conversion) }, () =>
            {
                CommandContext.Line(
                    $"Imported {CommandContext.Many(saved.CaseCount, "case")} as revision {saved.Suite.Revision} of suite '{saved.Suite.Name}' (pass threshold {saved.Suite.PassThreshold}{(saved.Suite.IsDefault ? ", default suite" : "")}).");
                ConversionReportText.Show(conversion);
            });
            return ExitCode.Ok;
        });
    }

    private static Command List()
    {
        var slug = TenantCommands.SlugArgument();
        return new Command("list", "List a tenant's suites.") { slug }.Runs(async (parsed, context) =>
        {
            var tenant = await context.Get<TenantRepository>().FindAsync(parsed.GetRequiredValue(slug), context.CancellationToken);
            var repository = context.Get<EvaluationSuiteRepository>();
            var suites = await repository.ListAsync(tenant.Id, context.CancellationToken);
            var sizes = await repository.CountCasesBySuiteAsync(tenant.Id, context.CancellationToken);
            var rows = suites.Select(suite => (Suite: suite, Cases: sizes.GetValueOrDefault(suite.Id))).ToList();
            context.Answer(rows.Select(row => new { row.Suite, caseCount = row.Cases }), () => CommandContext.Table(
                ["Suite", "Revision", "Cases", "Pass threshold", "Default"],
                rows.Select(row => new[] { row.Suite.Name, $"{row.Suite.Revision}", $"{row.Cases}", $"{row.Suite.PassThreshold}", row.Suite.IsDefault ? "yes" : "" })));
            return ExitCode.Ok;
        });
    }

    private static Command Show()
    {
        var slug = TenantCommands.SlugArgument();
        var name = NameArgument();
        var limit = Paging.LimitOption(" cases", 20);
        return new Command("show", "Show a suite with its first cases.") { slug, name, limit }.Runs(async (parsed, context) =>
        {
            var tenant = await context.Get<TenantRepository>().FindAsync(parsed.GetRequiredValue(slug), context.CancellationToken);
            var suites = context.Get<EvaluationSuiteRepository>();
            var suite = await suites.FindAsync(tenant.Id, parsed.GetRequiredValue(name), context.CancellationToken);
            var count = await suites.CountCasesAsync(suite.Id, suite.Revision, context.CancellationToken);
            var cases = await suites.ListCasesAsync(suite.Id, suite.Revision, 0, parsed.Limit(limit), context.CancellationToken);
            context.Answer(new { suite, caseCount = count, cases }, () =>
            {
                CommandContext.Line($"{suite.Name}: revision {suite.Revision}, {CommandContext.Many(count, "case")}, pass threshold {suite.PassThreshold}{(suite.IsDefault ? ", default suite" : "")}");
                if (suite.Description.Length > 0)
                    CommandContext.Line(suite.Description);
                ShowCases(cases);
            });
            return ExitCode.Ok;
        });
    }

    private static Command Export()
    {
        var slug = TenantCommands.SlugArgument();
        var name = NameArgument();
        var revision = new Option<int?>("--revision") { Description = "Revision to export; default: the present one." };
        var output = new ExportOutput(ExportFormat.Json, ExportFormat.Jsonl);
        var command = new Command("export", "Write a suite as a file that 'suite import' reads: JSON with its settings, or its cases as JSONL.") { slug, name, revision };
        output.AddTo(command);
        return command.Runs(async (parsed, context) =>
        {
            var tenant = await context.Get<TenantRepository>().FindAsync(parsed.GetRequiredValue(slug), context.CancellationToken);
            var suite = await context.Get<EvaluationSuiteRepository>().FindAsync(tenant.Id, parsed.GetRequiredValue(name), context.CancellationToken);
            return await output.WriteAsync(parsed, context, (format, target) => context.Get<DataExporter>().ExportSuiteAsync(
                suite, parsed.GetValue(revision) ?? suite.Revision, format, target, context.CancellationToken));
        });
    }

    private static void ShowPreview(SuitePreview preview, ConversionReport conversion)
    {
        CommandContext.Line($"{CommandContext.Many(preview.CaseCount, "case")} would be revision {preview.Revision} of suite '{preview.Draft.Name}' (pass threshold {preview.Draft.PassThreshold}{(preview.Draft.IsDefault ? ", default suite" : "")}). Nothing was stored.");
        ShowCases(preview.Cases);
        if (preview.CaseCount > preview.Cases.Count)
            CommandContext.Line($"… and {preview.CaseCount - preview.Cases.Count} more.");
        ConversionReportText.Show(conversion);
    }

    private static void ShowCases(IEnumerable<TestCase> cases) => CommandContext.Table(
        ["#", "Case", "Input", "Expected", "Scoring"],
        cases.Select(each => new[] { $"{each.Ordinal}", each.CaseKey, Short(each.Input), Short(each.ExpectedOutput), Short(each.Scoring) }));

    private static async Task<T> WithProgressAsync<T>(CommandContext context, SuiteImport import, Func<SuiteImport, Task<T>> save)
    {
        if (!context.IsWatched)
            return await save(import);

        return await AnsiConsole.Status().StartAsync("Importing…", status => save(import with
        {
            CaseRead = count =>
            {
                if (count % 500 == 0)
                    status.Status($"Importing… {count} cases");
            },
        }));
    }

    private static string Short(string? text)
    {
        var line = (text ?? "").ReplaceLineEndings(" ").Trim();
        return line.Length <= 60 ? line : line[..59] + "…";
    }
}

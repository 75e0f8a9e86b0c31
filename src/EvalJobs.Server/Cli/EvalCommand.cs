using System.CommandLine;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Import;
using EvalJobs.Server.Cli.Pipeline;

namespace EvalJobs.Server.Cli;

/// <summary><c>eval</c>: from files to a verdict, without tenant, server or database.</summary>
internal static class EvalCommand
{
    public static Command Build()
    {
        var cases = new Argument<FileInfo>("cases") { Description = "Test cases, in any form that 'suite import' reads." };
        var genome = new Option<FileInfo>("--genome") { Description = "Genome file of the agent version, JSON or YAML.", Required = true, HelpName = "file" };
        var baseline = new Option<FileInfo?>("--baseline") { Description = "Genome file of a version to compare with; it is asked the same cases.", HelpName = "file" };
        var parallel = new Option<int>("--parallel") { Description = "Cases asked at the same time.", DefaultValueFactory = _ => 4 };
        var secrets = new Option<string[]>("--secret") { Description = "Environment variable that genomes may use as the secret of that name. May be repeated.", HelpName = "name" };
        var programs = new Option<string[]>("--command") { Description = "Program that a genome of type process may name, such as bot=\"python3 bot.py\". May be repeated.", HelpName = "name=program" };
        var reading = new CaseFileOptions();
        var command = new Command("eval", "From files to a verdict: ask an agent version test cases and judge the replies. No server, tenant or database needed.")
        {
            cases, genome, baseline, parallel, secrets, programs,
        };
        var files = new ReportFiles();
        reading.AddTo(command);
        files.AddTo(command);
        command.SetAction((parsed, cancellationToken) => CommandLine.GuardAsync(async () =>
        {
            var candidate = await ReadAsync(parsed.GetRequiredValue(genome), cancellationToken);
            var compared = parsed.GetValue(baseline) is { } file ? await ReadAsync(file, cancellationToken) : null;
            if (candidate.Genome.Hash == compared?.Genome.Hash)
                throw new InvalidInputException($"--baseline {compared.File.Name} is the same genome as --genome {candidate.File.Name}: there is nothing to compare.");

            var given = CommandLine.Settings(parsed);
            if (CommandLine.DatabaseFile(parsed) is null && given.Keys.Any(name => name.StartsWith("EvalJobs:Storage:", StringComparison.OrdinalIgnoreCase)))
                throw new InvalidInputException("eval works on a temporary database, or on the file that --database names: the settings in Storage cannot be used with it.");

            using var database = EvalDatabase.Open(CommandLine.DatabaseFile(parsed));
            var settings = EvalSettings.Build(
                given, database.File, candidate.File, compared is null ? [candidate.Genome] : [candidate.Genome, compared.Genome]);
            settings["EvalJobs:Execution:MaxParallelCases"] = $"{parsed.GetValue(parallel)}";
            EvalSettings.AddSecrets(settings, parsed.GetValue(secrets) ?? []);
            EvalSettings.AddCommands(settings, parsed.GetValue(programs) ?? []);

            await using var services = CommandLine.BuildServices(settings);
            await services.GetRequiredService<SchemaMigrator>().PrepareAsync(cancellationToken);
            var context = new CommandContext(services, CommandLine.IsJson(parsed), cancellationToken);
            var evaluation = new FileEvaluation(context);
            var tenant = await evaluation.FindTenantAsync();
            var import = reading.Read(parsed, context, parsed.GetRequiredValue(cases), tenant.Id);
            var saved = await evaluation.ImportAsync(import);
            await ConversionReportText.ShowOnErrorAsync(import.Conversion.Report);
            var report = await evaluation.RunAsync(tenant, saved, candidate, compared);
            context.Answer(report.Json(), () => ReportText.Show(report));
            await files.WriteAsync(parsed, context, report);
            return PipelineExit.Of(report.Verdict);
        }, cancellationToken, command));
        return command;
    }

    private static async Task<GenomeFile> ReadAsync(FileInfo file, CancellationToken cancellationToken) =>
        new(file, await GenomeFileReader.ReadAsync(file.FullName, cancellationToken));
}

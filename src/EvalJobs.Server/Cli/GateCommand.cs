using System.CommandLine;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Import;
using EvalJobs.Server.Pipeline;

namespace EvalJobs.Server.Cli;

/// <summary><c>gate</c>: evaluates a version by what is required of it, and returns the verdict to a pipeline.</summary>
internal static class GateCommand
{
    public static Command Build()
    {
        var slug = TenantCommands.SlugArgument();
        var agent = VersionCommands.AgentArgument();
        var label = new Argument<string?>("version") { Description = "The version's label; default: the beginning of the genome's hash.", Arity = ArgumentArity.ZeroOrOne };
        var genome = new Option<FileInfo?>("--genome") { Description = "Genome file: the version is created where it is not there yet.", HelpName = "file" };
        var suite = new Option<string?>("--suite") { Description = "Suite that is required where no policy says so; default: the tenant's default suite." };
        var baseline = new Option<string?>("--baseline") { Description = "Label of the version to compare with; default: the parent. A version that is created gets it as its parent." };
        var detach = new Option<bool>("--detach") { Description = "Leave the runs to the server when this command is stopped; otherwise they are cancelled." };
        var files = new ReportFiles();
        var command = new Command("gate", "Evaluate a version by what is required of it: exit code 0 pass, 1 fail, 2 wrong input, 3 not decided.")
        {
            slug, agent, label, genome, suite, baseline, detach,
        };
        files.AddTo(command);
        return command.Runs(async (parsed, context) =>
        {
            var request = new GateRequest
            {
                Tenant = await context.Get<TenantRepository>().FindAsync(parsed.GetRequiredValue(slug), context.CancellationToken),
                AgentName = parsed.GetRequiredValue(agent),
                Label = parsed.GetValue(label),
                Genome = parsed.GetValue(genome) is { } file ? await GenomeFileReader.ReadAsync(file.FullName, context.CancellationToken) : null,
                SuiteName = parsed.GetValue(suite),
                BaselineLabel = parsed.GetValue(baseline),
                IsDetached = parsed.GetValue(detach),
            };
            var report = await new LocalGate(context).RunAsync(request);
            context.Answer(report.Json(), () => ReportText.Show(report));
            await files.WriteAsync(parsed, context, report);
            return PipelineExit.Of(report.Verdict);
        });
    }
}

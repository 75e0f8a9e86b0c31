using System.CommandLine;
using EvalJobs.Domain;
using EvalJobs.Import;
using EvalJobs.Server.Cli.Pipeline;

namespace EvalJobs.Server.Cli;

/// <summary><c>gate</c>: evaluates a version by its requirements, and returns the verdict to a pipeline.</summary>
internal static class GateCommand
{
    private const string UrlVariable = "EVALJOBS_URL";
    private const string KeyVariable = "EVALJOBS_KEY";

    public static Command Build()
    {
        var slug = TenantCommands.SlugArgument();
        var agent = VersionCommands.AgentArgument();
        var label = new Argument<string?>("version") { Description = "The version's label; default: the beginning of the genome's hash.", Arity = ArgumentArity.ZeroOrOne };
        var genome = new Option<FileInfo?>("--genome") { Description = "Genome file: the version is created where it is not there yet.", HelpName = "file" };
        var suite = new Option<string?>("--suite") { Description = "Suite that is required if there is no policy; default: the tenant's default suite." };
        var baseline = new Option<string?>("--baseline") { Description = "Label of the version to compare with; default: the parent. A version that is created gets it as its parent." };
        var detach = new Option<bool>("--detach") { Description = "Leave the runs to the server when this command is stopped; otherwise they are cancelled." };
        var files = new ReportFiles();
        var command = new Command("gate", "Evaluate a version by what is required of it, on the server that EVALJOBS_URL names with the key in EVALJOBS_KEY, else on the database: exit code 0 pass, 1 fail, 2 wrong input, 3 not decided, 4 server unreachable.")
        {
            slug, agent, label, genome, suite, baseline, detach,
        };
        files.AddTo(command);
        command.SetAction((parsed, cancellationToken) => CommandLine.GuardAsync(async () =>
        {
            var request = new GateRequest
            {
                TenantSlug = parsed.GetRequiredValue(slug),
                AgentName = parsed.GetRequiredValue(agent),
                Label = parsed.GetValue(label),
                Genome = parsed.GetValue(genome) is { } file ? await GenomeFileReader.ReadAsync(file.FullName, cancellationToken) : null,
                SuiteName = parsed.GetValue(suite),
                BaselineLabel = parsed.GetValue(baseline),
                IsDetached = parsed.GetValue(detach),
            };
            return CommandLine.DatabaseFile(parsed) is null && Environment.GetEnvironmentVariable(UrlVariable) is { Length: > 0 } url
                ? await AskServerAsync(url, parsed, request, files, cancellationToken)
                : await CommandLine.OnDatabaseAsync(
                    parsed, async (_, context) => await AnswerAsync(parsed, context, files, await new LocalGate(context).RunAsync(request)), prepare: true, begins: false, cancellationToken,
                    LocalSettings(parsed));
        }, cancellationToken, command));
        return command;
    }

    /// <summary>A pipeline waits for this command, so an agent that does not answer causes a failed attempt and not a wait of a day.</summary>
    private static Dictionary<string, string?> LocalSettings(ParseResult parsed)
    {
        var settings = new Dictionary<string, string?>(CommandLine.Settings(parsed), StringComparer.OrdinalIgnoreCase);
        settings.TryAdd("EvalJobs:Agents:OutagePatience", "00:00:00");
        return settings;
    }

    private static async Task<int> AskServerAsync(string url, ParseResult parsed, GateRequest request, ReportFiles files, CancellationToken cancellationToken)
    {
        var key = Environment.GetEnvironmentVariable(KeyVariable) is { Length: > 0 } given
            ? given
            : throw new InvalidInputException($"{UrlVariable} names a server, so {KeyVariable} has to contain a key of it ('key create' makes one). --database works on a file instead.");
        await using var services = new ServiceCollection().AddSingleton(TimeProvider.System).BuildServiceProvider();
        var context = new CommandContext(services, CommandLine.IsJson(parsed), cancellationToken);
        using var api = new ApiClient(url, key, TimeProvider.System);
        try
        {
            return await AnswerAsync(parsed, context, files, await new ServerGate(context, api).RunAsync(request));
        }
        catch (ServerUnreachableException error)
        {
            await CommandContext.ErrorLineAsync($"error: {error.Message}");
            return PipelineExit.Unreachable;
        }
    }

    private static async Task<int> AnswerAsync(ParseResult parsed, CommandContext context, ReportFiles files, PipelineReport report)
    {
        context.Answer(report.Json(), () => ReportText.Show(report));
        await files.WriteAsync(parsed, context, report);
        return PipelineExit.Of(report.Verdict);
    }
}

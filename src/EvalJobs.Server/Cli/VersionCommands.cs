using System.CommandLine;
using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Import;

namespace EvalJobs.Server.Cli;

/// <summary><c>version create|transition|show|list|require|standing|certificate</c>.</summary>
internal static class VersionCommands
{
    public static Argument<string> AgentArgument() => new("agent") { Description = "The agent's name." };

    public static Argument<string> LabelArgument() => new("version") { Description = "The version's label, such as 1.4.0." };

    public static Command Build() => new("version", "Create, show and list agent versions, change their lifecycle states; say what promotion needs, and what it was based on.") { Create(), Transition(), Show(), List(), StandingCommands.Require(), StandingCommands.Standing(), CertificateCommand.Build() };

    public static async Task<AgentVersion> FindAsync(CommandContext context, string slug, string agent, string label)
    {
        var tenant = await context.Get<TenantRepository>().FindAsync(slug, context.CancellationToken);
        return await context.Get<AgentVersionRepository>().FindAsync(tenant.Id, agent, label, context.CancellationToken);
    }

    public static async Task<long?> FindSuiteAsync(CommandContext context, long tenantId, string? name) =>
        name is null ? null : (await context.Get<EvaluationSuiteRepository>().FindAsync(tenantId, name, context.CancellationToken)).Id;

    public static string PendingSentence(EvaluationRun run) =>
        $"Run {run.Id} is PENDING with {CommandContext.Many(run.CaseCount, "case")}: a server picks it up within seconds, or run 'process' now.";

    private static Command Create()
    {
        var slug = TenantCommands.SlugArgument();
        var agent = AgentArgument();
        var label = LabelArgument();
        var genome = new Option<FileInfo>("--genome") { Description = "Genome file, JSON or YAML.", Required = true, HelpName = "file" };
        var parent = new Option<string?>("--parent") { Description = "Label of the version this one was derived from." };
        var test = new Option<bool>("--test") { Description = "Enter TESTING at once, which creates the pending run." };
        var suite = new Option<string?>("--suite") { Description = "Suite to run with --test; default: the tenant's default suite." };
        var command = new Command("create", "Create a DRAFT version from a genome file.") { slug, agent, label, genome, parent, test, suite };
        return command.Runs(async (parsed, context) =>
        {
            var entersTesting = parsed.GetValue(test);
            if (parsed.GetValue(suite) is not null && !entersTesting)
                throw new InvalidInputException("--suite names the suite to run on entering TESTING: give --test as well, or leave --suite out.");
            var parsedGenome = await GenomeFileReader.ReadAsync(parsed.GetRequiredValue(genome).FullName, context.CancellationToken);
            var tenant = await context.Get<TenantRepository>().FindAsync(parsed.GetRequiredValue(slug), context.CancellationToken);
            var created = await context.Get<CreateVersion>().ExecuteAsync(
                new NewVersion
                {
                    TenantId = tenant.Id,
                    AgentName = parsed.GetRequiredValue(agent),
                    Label = parsed.GetRequiredValue(label),
                    Genome = parsedGenome,
                    ParentLabel = parsed.GetValue(parent),
                    EntersTesting = entersTesting,
                    SuiteId = await FindSuiteAsync(context, tenant.Id, parsed.GetValue(suite)),
                },
                Actor.CommandLine(), context.CancellationToken);
            var version = created.Version;
            if (created.Run is { } run)
            {
                context.Answer(created, () => CommandContext.Line($"Created version {version.VersionLabel} of {version.AgentName} (id {version.Id}), now TESTING. {PendingSentence(run)}"));
                return ExitCode.Ok;
            }

            context.Answer(version, () => CommandContext.Line($"Created version {version.VersionLabel} of {version.AgentName} (id {version.Id}), DRAFT, genome {version.GenomeHash[..12]}…"));
            return ExitCode.Ok;
        });
    }

    private static Command Transition()
    {
        var slug = TenantCommands.SlugArgument();
        var agent = AgentArgument();
        var label = LabelArgument();
        var state = new Argument<string>("state") { Description = "DRAFT, TESTING, CANDIDATE, APPROVED, DEPRECATED or RETIRED." };
        var suite = new Option<string?>("--suite") { Description = "Suite to run on entering TESTING; default: the tenant's default suite." };
        var priority = new Option<int>("--priority") { Description = $"Priority of that run, {RunPriority.Lowest} to {RunPriority.Highest}." };
        var command = new Command("transition", "Change the lifecycle state of a version.") { slug, agent, label, state, suite, priority };
        return command.Runs(async (parsed, context) =>
        {
            var to = StoredWord.Parse<LifecycleState>(parsed.GetRequiredValue(state));
            var version = await FindAsync(context, parsed.GetRequiredValue(slug), parsed.GetRequiredValue(agent), parsed.GetRequiredValue(label));
            var suiteId = await FindSuiteAsync(context, version.TenantId, parsed.GetValue(suite));
            var moved = await context.Get<TransitionVersion>().ExecuteAsync(
                new TransitionRequest
                {
                    VersionId = version.Id,
                    To = to,
                    SuiteId = suiteId,
                    Priority = parsed.GetValue(priority),
                    Actor = Actor.CommandLine(),
                    IsApprover = to == LifecycleState.Approved && context.IsApprover,
                },
                context.CancellationToken);
            context.Answer(moved, () =>
            {
                CommandContext.Line($"Version {version.VersionLabel} of {version.AgentName}: {CommandContext.Word(version.LifecycleState)} → {CommandContext.Word(moved.Version.LifecycleState)}, evalStatus {CommandContext.Word(moved.Version.EvalStatus)}.");
                foreach (var run in moved.Runs)
                    CommandContext.Line(PendingSentence(run));
            });
            return ExitCode.Ok;
        });
    }

    private static Command Show()
    {
        var slug = TenantCommands.SlugArgument();
        var agent = AgentArgument();
        var label = LabelArgument();
        return new Command("show", "Show a version with its latest runs, live and archived.") { slug, agent, label }.Runs(async (parsed, context) =>
        {
            var version = await FindAsync(context, parsed.GetRequiredValue(slug), parsed.GetRequiredValue(agent), parsed.GetRequiredValue(label));
            var runs = await context.Get<RunListRepository>().ListAsync(new RunListFilter { TenantIds = [version.TenantId], VersionId = version.Id }, 10, context.CancellationToken);
            var next = VersionLifecycle.Next(version.LifecycleState);
            context.Answer(new { version, genomeIntact = version.IsGenomeIntact, next, runs }, () =>
            {
                CommandContext.Line($"{version.AgentName} {version.VersionLabel} (id {version.Id}): {CommandContext.Word(version.LifecycleState)}, evalStatus {CommandContext.Word(version.EvalStatus)}");
                CommandContext.Line($"Genome {version.GenomeHash} ({(version.IsGenomeIntact ? "verified" : "TAMPERED: the stored genome does not match")})");
                foreach (var to in next)
                {
                    var error = VersionLifecycle.FindError(version.LifecycleState, to, version.EvalStatus);
                    CommandContext.Line($"  → {CommandContext.Word(to)}{(error is null ? "" : $": not allowed now. {error}")}");
                }

                CommandContext.Table(
                    ["Run", "Status", "Passed", "Pass rate", "Ended", "Error"],
                    runs.Select(run => new[]
                    {
                        $"{run.Id}", CommandContext.Word(run.Status), $"{run.PassedCount}/{run.CaseCount}", CommandContext.Percent(run.PassRate),
                        CommandContext.Moment(run.CompletedAt), run.Error ?? "",
                    }));
            });
            return ExitCode.Ok;
        });
    }

    private static Command List()
    {
        var slug = TenantCommands.SlugArgument();
        var limit = Paging.LimitOption();
        var before = Paging.BeforeOption();
        return new Command("list", "List a tenant's versions, newest first.") { slug, limit, before }.Runs(async (parsed, context) =>
        {
            var count = parsed.Limit(limit);
            var tenant = await context.Get<TenantRepository>().FindAsync(parsed.GetRequiredValue(slug), context.CancellationToken);
            var versions = await context.Get<AgentVersionRepository>().ListAsync(tenant.Id, parsed.Before(before), count, context.CancellationToken);
            context.Answer(versions, () =>
            {
                CommandContext.Table(
                    ["Id", "Agent", "Version", "State", "evalStatus", "Created"],
                    versions.Select(version => new[]
                    {
                        $"{version.Id}", version.AgentName, version.VersionLabel, CommandContext.Word(version.LifecycleState),
                        CommandContext.Word(version.EvalStatus), CommandContext.Moment(version.CreatedAt),
                    }));
                Paging.Hint(versions, count, last => $"--before {last.Id}");
            });
            return ExitCode.Ok;
        });
    }
}

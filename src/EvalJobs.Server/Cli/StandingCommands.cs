using System.CommandLine;
using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Cli;

/// <summary><c>version require|standing</c>.</summary>
internal static class StandingCommands
{
    public static Command Require()
    {
        var slug = TenantCommands.SlugArgument();
        var agent = VersionCommands.AgentArgument();
        var label = VersionCommands.LabelArgument();
        var again = new Option<bool>("--again") { Description = "Store the requirements again, by the policy and the suites as they are now, and create the missing runs." };
        return new Command("require", "Show what is required of a version, or store it again.") { slug, agent, label, again }.Runs(async (parsed, context) =>
        {
            var version = await VersionCommands.FindAsync(context, parsed.GetRequiredValue(slug), parsed.GetRequiredValue(agent), parsed.GetRequiredValue(label));
            if (!parsed.GetValue(again))
                return await AnswerAsync(context, version);

            var (standing, runs) = await context.Get<RequireVersion>().ExecuteAsync(version.Id, Actor.CommandLine(), context.CancellationToken);
            context.Answer(Json(version, standing, runs), () =>
            {
                Show(version, standing);
                foreach (var run in runs)
                    CommandContext.Line(VersionCommands.PendingSentence(run));
            });
            return ExitCode.Ok;
        });
    }

    public static Command Standing()
    {
        var slug = TenantCommands.SlugArgument();
        var agent = VersionCommands.AgentArgument();
        var label = VersionCommands.LabelArgument();
        return new Command("standing", "Show what the evidence says about a version, and what promotion still needs.") { slug, agent, label }.Runs(async (parsed, context) =>
            await AnswerAsync(context, await VersionCommands.FindAsync(context, parsed.GetRequiredValue(slug), parsed.GetRequiredValue(agent), parsed.GetRequiredValue(label))));
    }

    private static async Task<int> AnswerAsync(CommandContext context, AgentVersion version)
    {
        var standing = await context.Get<PromotionRepository>().FindStandingAsync(version.Id, context.CancellationToken)
            ?? throw new ConflictException($"Nothing is required of version {version.VersionLabel} of {version.AgentName}: its requirements are stored when it enters TESTING.");
        context.Answer(Json(version, standing, []), () => Show(version, standing));
        return ExitCode.Ok;
    }

    private static object Json(AgentVersion version, VersionStanding standing, IReadOnlyList<EvaluationRun> created) => new
    {
        version = new { version.Id, version.AgentName, version.VersionLabel, version.LifecycleState },
        standing.Gate,
        standing.EvalStatus,
        standing.Standing.Verdict,
        standing.Standing.Reason,
        standing.Remedy,
        requirements = standing.Standing.Requirements.Select(requirement => new
        {
            requirement.Requirement,
            requirement.Verdict,
            requirement.Reason,
            requirement.LookCount,
            requirement.VoidCount,
            requirement.MissedCases,
            requirement.FailedRunId,
            requirement.Parts,
            unfinished = standing.Unfinished[requirement.Requirement.Ordinal].Select(run => new { run.RunId, run.Status, run.CaseCount, run.AnsweredCount, run.PassedCount }),
            looks = standing.Looks[requirement.Requirement.Ordinal].Select(look => new
            {
                look.RunId,
                look.CompletedAt,
                passed = look.PassedCount,
                cases = look.Outcomes.Length,
                look.VoidedAt,
                look.VoidedBy,
                look.VoidReason,
            }),
        }),
        liveRuns = standing.LiveRuns.Select(run => run.Id),
        created,
    };

    private static void Show(AgentVersion version, VersionStanding standing)
    {
        CommandContext.Line($"{version.AgentName} {version.VersionLabel}: {CommandContext.Word(version.LifecycleState)}, evalStatus {CommandContext.Word(standing.EvalStatus)}. {standing.Standing.Reason}");
        foreach (var requirement in standing.Standing.Requirements)
        {
            CommandContext.Line($"{requirement.Requirement.Ordinal}. {CommandContext.Word(requirement.Verdict)}: {requirement.Requirement.Name}");
            foreach (var part in requirement.Parts)
                CommandContext.Line($"   {part.Reason}");
            if (requirement.Reason != requirement.Whole.Reason && requirement.Parts.All(part => part.Reason != requirement.Reason))
                CommandContext.Line($"   {requirement.Reason}");
            foreach (var look in standing.Looks[requirement.Requirement.Ordinal])
            {
                var isVoid = look.IsVoid ? $", void: {look.VoidedBy} at {CommandContext.Moment(look.VoidedAt)}, \"{look.VoidReason}\"" : "";
                CommandContext.Line($"   run {look.RunId}, {CommandContext.Moment(look.CompletedAt)}: {look.PassedCount}/{look.Outcomes.Length}{isVoid}");
            }

            foreach (var run in standing.Unfinished[requirement.Requirement.Ordinal])
                CommandContext.Line($"   {run.Sentence}");
        }

        if (standing.Remedy is { } remedy)
            CommandContext.Line(remedy);
    }
}

using System.CommandLine;
using EvalJobs.Application;
using EvalJobs.Domain;
using EvalJobs.Jobs;

namespace EvalJobs.Server.Cli;

/// <summary><c>job list|pause|resume</c>: the server's recurring jobs.</summary>
internal static class JobCommands
{
    public static Command Build() => new("job", "List, pause and resume the server's recurring jobs.") { List(), Pause(), Resume() };

    private static Argument<string> JobArgument() => new("job") { Description = $"The job's id: {string.Join(", ", RecurringJobs.All.Select(job => job.Id))}." };

    private static Command List() => new Command("list", "List the recurring jobs and whether they are paused.").Runs(async (_, context) =>
    {
        var jobs = await context.Get<ListJobs>().ExecuteAsync(context.CancellationToken);
        context.Answer(jobs, () => CommandContext.Table(
            ["Job", "Schedule (UTC)", "Next (UTC)", "State"],
            jobs.Select(job => new[]
            {
                job.Id, job.Cron, CommandContext.Moment(job.NextAt),
                job.IsPaused ? $"paused since {CommandContext.Moment(job.PausedSince)} by {job.PausedBy}: {job.Reason}" : "active",
            })));
        return ExitCode.Ok;
    });

    private static Command Pause()
    {
        var job = JobArgument();
        var reason = new Option<string>("--reason") { Description = $"Why, 1 to {JobPause.MaxReasonLength} characters; shown to the others.", Required = true };
        return new Command("pause", "Pause a recurring job on every server, within 15 seconds, until it is resumed.") { job, reason }.Runs(async (parsed, context) =>
        {
            var text = RecurringJobs.Get(parsed.GetRequiredValue(job));
            var changed = await context.Get<PauseJob>().ExecuteAsync(text.Id, parsed.GetRequiredValue(reason), Actor.CommandLine(), context.CancellationToken);
            context.Answer(new { job = text.Id, isPaused = true, changed }, () => CommandContext.Line(
                changed ? $"{text.Name} ({text.Id}) is now paused. {text.WhilePaused}" : $"{text.Name} ({text.Id}) was paused already."));
            return ExitCode.Ok;
        });
    }

    private static Command Resume()
    {
        var job = JobArgument();
        return new Command("resume", "Resume a recurring job.") { job }.Runs(async (parsed, context) =>
        {
            var text = RecurringJobs.Get(parsed.GetRequiredValue(job));
            var changed = await context.Get<PauseJob>().ExecuteAsync(text.Id, null, Actor.CommandLine(), context.CancellationToken);
            context.Answer(new { job = text.Id, isPaused = false, changed }, () => CommandContext.Line(
                changed ? $"{text.Name} ({text.Id}) is resumed." : $"{text.Name} ({text.Id}) was not paused."));
            return ExitCode.Ok;
        });
    }
}

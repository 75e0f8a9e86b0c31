using System.CommandLine;
using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;

namespace EvalJobs.Server.Cli;

/// <summary><c>schedule create|list|change|pause|resume|run|delete</c>: runs at fixed times.</summary>
internal static class ScheduleCommands
{
    public static Command Build() => new("schedule", "Run a suite at fixed times for the newest version of an agent.")
    {
        Create(), List(), Change(), Paused(true), Paused(false), Run(), Delete(),
    };

    private static Argument<long> IdArgument() => new("schedule") { Description = "The schedule's id; 'schedule list' shows it." };

    private static Command Create()
    {
        var slug = TenantCommands.SlugArgument();
        var agent = VersionCommands.AgentArgument();
        var suite = new Option<string?>("--suite") { Description = "Suite to run; default: the tenant's default suite." };
        var cron = new Option<string>("--cron") { Description = "Five fields: minute hour day month weekday, such as \"0 2 * * 1-5\" for weekdays at 02:00.", Required = true };
        var zone = new Option<string>("--time-zone") { Description = "IANA id of the zone that the fields are read in, such as Europe/Berlin.", DefaultValueFactory = _ => "UTC" };
        var priority = new Option<int>("--priority") { Description = $"Priority of the runs; {RunPriority.Lowest} to {RunPriority.Highest}." };
        return new Command("create", "Create a schedule. Its first run is made at the next due moment.") { slug, agent, suite, cron, zone, priority }.Runs(async (parsed, context) =>
        {
            var tenant = await context.Get<TenantRepository>().FindAsync(parsed.GetRequiredValue(slug), context.CancellationToken);
            var suiteId = await VersionCommands.FindSuiteAsync(context, tenant.Id, parsed.GetValue(suite)) ?? await FindDefaultAsync(context, tenant.Id);
            var draft = new ScheduleDraft
            {
                AgentName = parsed.GetRequiredValue(agent),
                Cron = parsed.GetRequiredValue(cron),
                TimeZone = parsed.GetValue(zone)!,
                Priority = parsed.GetValue(priority),
            };
            var schedule = await context.Get<CreateSchedule>().ExecuteAsync(tenant.Id, suiteId, draft, Actor.CommandLine(), context.CancellationToken);
            Answer(context, schedule, $"Schedule {schedule.Id}: {Sentence(schedule)}");
            return ExitCode.Ok;
        });
    }

    private static Command List()
    {
        var slug = TenantCommands.SlugArgument();
        return new Command("list", "List a tenant's schedules.") { slug }.Runs(async (parsed, context) =>
        {
            var tenant = await context.Get<TenantRepository>().FindAsync(parsed.GetRequiredValue(slug), context.CancellationToken);
            var rows = (await context.Get<RunScheduleRepository>().ListAsync(tenant.Id, null, context.CancellationToken)).Select(schedule => (Schedule: schedule, Status: ScheduleStatus.Of(schedule))).ToList();
            context.Answer(rows.Select(row => Json(row.Schedule)), () => CommandContext.Table(
                ["Id", "Suite", "Agent", "When", "Next due (UTC)", "Next due (its zone)", "Last time"],
                rows.Select(row => new[]
                {
                    $"{row.Schedule.Id}", row.Schedule.SuiteName, row.Schedule.AgentName, row.Status.Words,
                    row.Schedule.IsPaused ? "paused" : CommandContext.Moment(row.Status.NextDueAt), row.Status.Error ?? row.Status.NextDueLocal ?? "–", LastTime(row.Schedule),
                })));
            return ExitCode.Ok;
        });
    }

    private static Command Change()
    {
        var id = IdArgument();
        var agent = new Option<string?>("--agent") { Description = "The agent whose newest version is run." };
        var cron = new Option<string?>("--cron") { Description = "Five fields: minute hour day month weekday." };
        var zone = new Option<string?>("--time-zone") { Description = "IANA id of the zone that the fields are read in." };
        var priority = new Option<int?>("--priority") { Description = "Priority of the runs." };
        return new Command("change", "Change a schedule; what is not named stays.") { id, agent, cron, zone, priority }.Runs(async (parsed, context) =>
        {
            var before = await context.Get<RunScheduleRepository>().GetAsync(parsed.GetRequiredValue(id), context.CancellationToken);
            var draft = new ScheduleDraft
            {
                AgentName = parsed.GetValue(agent) ?? before.AgentName,
                Cron = parsed.GetValue(cron) ?? before.Cron,
                TimeZone = parsed.GetValue(zone) ?? before.TimeZone,
                Priority = parsed.GetValue(priority) ?? before.Priority,
            };
            var schedule = await context.Get<ChangeSchedule>().ExecuteAsync(before.Id, draft, before.Revision, Actor.CommandLine(), context.CancellationToken);
            Answer(context, schedule, $"Schedule {schedule.Id}: {Sentence(schedule)}");
            return ExitCode.Ok;
        });
    }

    private static Command Paused(bool isPaused)
    {
        var id = IdArgument();
        return new Command(isPaused ? "pause" : "resume", isPaused ? "Pause a schedule: it makes no runs." : "Resume a schedule; due moments while it was paused are skipped.") { id }.Runs(async (parsed, context) =>
        {
            var schedule = await context.Get<PauseSchedule>().ExecuteAsync(parsed.GetRequiredValue(id), isPaused, null, Actor.CommandLine(), context.CancellationToken);
            Answer(context, schedule, isPaused ? $"Schedule {schedule.Id} is paused." : $"Schedule {schedule.Id} is resumed: {Sentence(schedule)}");
            return ExitCode.Ok;
        });
    }

    private static Command Run()
    {
        var id = IdArgument();
        return new Command("run", "Create a schedule's run now; what is due stays due.") { id }.Runs(async (parsed, context) =>
        {
            var run = await context.Get<RunScheduleNow>().ExecuteAsync(parsed.GetRequiredValue(id), Actor.CommandLine(), context.CancellationToken);
            context.Answer(run, () => CommandContext.Line(VersionCommands.PendingSentence(run)));
            return ExitCode.Ok;
        });
    }

    private static Command Delete()
    {
        var id = IdArgument();
        return new Command("delete", "Delete a schedule. Its runs stay.") { id }.Runs(async (parsed, context) =>
        {
            var schedule = await context.Get<DeleteSchedule>().ExecuteAsync(parsed.GetRequiredValue(id), null, Actor.CommandLine(), context.CancellationToken);
            Answer(context, schedule, $"Schedule {schedule.Id} of suite '{schedule.SuiteName}' is deleted. Its runs stay.");
            return ExitCode.Ok;
        });
    }

    private static async Task<long> FindDefaultAsync(CommandContext context, long tenantId) =>
        (await context.Get<EvaluationSuiteRepository>().ListAsync(tenantId, context.CancellationToken)).FirstOrDefault(suite => suite.IsDefault)?.Id
        ?? throw new InvalidInputException("--suite: the tenant has no default suite; name one.");

    private static void Answer(CommandContext context, RunSchedule schedule, string text) => context.Answer(Json(schedule), () => CommandContext.Line(text));

    private static string Sentence(RunSchedule schedule)
    {
        var status = ScheduleStatus.Of(schedule);
        var next = schedule.IsPaused ? "it is paused" : status.Error ?? $"next at {status.NextDueLocal} ({CommandContext.Moment(status.NextDueAt)} UTC)";
        return $"suite '{schedule.SuiteName}' for the newest version of {schedule.AgentName}, {status.Words}; {next.TrimEnd('.')}.";
    }

    private static string LastTime(RunSchedule schedule) => schedule.LastOutcome switch
    {
        null => "–",
        ScheduleOutcome.Created => $"{CommandContext.Moment(schedule.LastFiredAt)} run {schedule.LastRunId}",
        { } outcome => $"{CommandContext.Moment(schedule.LastFiredAt)} {StoredWord.Of(outcome)}: {schedule.LastReason}",
    };

    private static object Json(RunSchedule schedule)
    {
        var status = ScheduleStatus.Of(schedule);
        return new
        {
            schedule.Id,
            Tenant = schedule.TenantSlug,
            schedule.SuiteId,
            Suite = schedule.SuiteName,
            Agent = schedule.AgentName,
            schedule.Cron,
            schedule.TimeZone,
            status.Words,
            schedule.Priority,
            schedule.IsPaused,
            status.NextDueAt,
            schedule.LastDueAt,
            schedule.LastFiredAt,
            schedule.LastOutcome,
            schedule.LastRunId,
            schedule.LastReason,
            schedule.CreatedAt,
            schedule.CreatedBy,
        };
    }
}

using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;
using EvalJobs.Server.Web;

namespace EvalJobs.Server.Api;

/// <summary><c>/schedules</c>: create, read, change, pause, resume, run now, delete.</summary>
internal static class ScheduleEndpoints
{
    public static void MapSchedules(this IEndpointRouteBuilder api)
    {
        api.MapGet("/schedules", ListAsync).Reads<Page<ScheduleView>>("listSchedules", "List schedules of runs, by id");
        api.MapPost("/schedules", CreateAsync).Writes<ScheduleView>("createSchedule", "Create a schedule, which creates a run of the suite at each due moment", StatusCodes.Status201Created).TakesBody();
        api.MapGet("/schedules/{id:long}", GetAsync).Reads<ScheduleView>("getSchedule", "Read a schedule").HasTag();
        api.MapPatch("/schedules/{id:long}", ChangeAsync).Writes<ScheduleView>("changeSchedule", "Change a schedule's agent, times or priority").TakesBody().HasTag();
        api.MapPost("/schedules/{id:long}/pause", (ApiCall call, long id, RunScheduleRepository schedules, PauseSchedule pause) => SetPausedAsync(call, id, schedules, pause, true))
            .Writes<ScheduleView>("pauseSchedule", "Pause a schedule, so that it creates no runs").HasTag();
        api.MapPost("/schedules/{id:long}/resume", (ApiCall call, long id, RunScheduleRepository schedules, PauseSchedule pause) => SetPausedAsync(call, id, schedules, pause, false))
            .Writes<ScheduleView>("resumeSchedule", "Resume a schedule").HasTag();
        api.MapPost("/schedules/{id:long}/run", RunAsync).Writes<RunView>("runSchedule", "Create a schedule's run now", StatusCodes.Status201Created);
        api.MapDelete("/schedules/{id:long}", DeleteAsync).Writes("deleteSchedule", "Delete a schedule; its runs stay").HasTag();
    }

    private static async Task<RunSchedule> FindAsync(ApiCall call, RunScheduleRepository schedules, long id)
    {
        var schedule = await schedules.GetAsync(id, call.Aborted);
        await call.EnsureSeesAsync(schedule.TenantId);
        return schedule;
    }

    private static async Task<Page<ScheduleView>> ListAsync(ApiCall call, RunScheduleRepository schedules, string? tenant, long? suiteId, string? cursor, int? limit)
    {
        var count = ApiCall.Limit(limit);
        var after = ApiCall.Number(cursor, 0);
        var scope = await call.ScopeAsync(tenant);
        if (scope is null && suiteId is not null)
            throw new InvalidInputException("tenant: name the suite's tenant as well.");
        var rows = new List<RunSchedule>();
        foreach (var owner in scope ?? [])
            rows.AddRange(await schedules.ListAsync(owner, suiteId, after, count, call.Aborted));
        return call.PageOf(
            scope is null ? await schedules.ListAllAsync(after, count, call.Aborted) : [.. rows.OrderBy(schedule => schedule.Id).Take(count)], count, ScheduleView.Of, schedule => schedule.Id);
    }

    private static async Task<IResult> GetAsync(ApiCall call, long id, RunScheduleRepository schedules)
    {
        var schedule = await FindAsync(call, schedules, id);
        return call.Tagged(ScheduleView.Of(schedule), EntityTag.Of(schedule));
    }

    private static async Task<IResult> CreateAsync(ApiCall call, ApiBody<NewSchedule> body, CreateSchedule create, EvaluationSuiteRepository suites)
    {
        var requested = body.Value;
        var suite = await SuiteEndpoints.FindAsync(call, suites, requested.SuiteId);
        var draft = new ScheduleDraft { AgentName = requested.Agent, Cron = requested.Cron, TimeZone = requested.TimeZone, Priority = requested.Priority };
        return await call.ExecuteAsync<RunSchedule>(
            body.Hash, null, () => create.ExecuteAsync(suite.TenantId, suite.Id, draft, call.Actor, call.Aborted),
            created => Stored(created, StatusCodes.Status201Created) with { Location = $"{ApiPaths.V1}/schedules/{created.Id}" });
    }

    private static async Task<IResult> ChangeAsync(ApiCall call, long id, ApiBody<ScheduleChange> body, RunScheduleRepository schedules, ChangeSchedule change)
    {
        var schedule = await FindAsync(call, schedules, id);
        var requested = body.Value;
        var draft = new ScheduleDraft
        {
            AgentName = requested.Agent ?? schedule.AgentName,
            Cron = requested.Cron ?? schedule.Cron,
            TimeZone = requested.TimeZone ?? schedule.TimeZone,
            Priority = requested.Priority ?? schedule.Priority,
        };

        // Based on the revision that was just read: omitted fields keep its values.
        return await ExecuteAsync(call, schedules, schedule, body.Hash, _ => change.ExecuteAsync(id, draft, schedule.Revision, call.Actor, call.Aborted), changed => Stored(changed));
    }

    private static async Task<IResult> SetPausedAsync(ApiCall call, long id, RunScheduleRepository schedules, PauseSchedule pause, bool isPaused)
    {
        var schedule = await FindAsync(call, schedules, id);
        return await ExecuteAsync(
            call, schedules, schedule, NoBody.Hash, basedOn => pause.ExecuteAsync(id, isPaused, basedOn, call.Actor, call.Aborted), changed => Stored(changed));
    }

    private static async Task<IResult> RunAsync(ApiCall call, long id, RunScheduleRepository schedules, RunScheduleNow runNow)
    {
        var schedule = await FindAsync(call, schedules, id);
        return await call.ExecuteAsync<EvaluationRun>(NoBody.Hash, null, () => runNow.ExecuteAsync(schedule.Id, call.Actor, call.Aborted), RunEndpoints.Created);
    }

    private static async Task<IResult> DeleteAsync(ApiCall call, long id, RunScheduleRepository schedules, DeleteSchedule delete)
    {
        var schedule = await FindAsync(call, schedules, id);
        return await ExecuteAsync(
            call, schedules, schedule, NoBody.Hash, basedOn => delete.ExecuteAsync(id, basedOn, call.Actor, call.Aborted),
            _ => new OperationAnswer(StatusCodes.Status204NoContent, null) { TenantId = schedule.TenantId });
    }

    private static OperationAnswer Stored(RunSchedule schedule, int status = StatusCodes.Status200OK) =>
        new(status, ApiJson.Text(ScheduleView.Of(schedule))) { Tag = EntityTag.Of(schedule), TenantId = schedule.TenantId };

    /// <summary>Executes a change for which If-Match may name the revision. If two callers change the same revision, the second one gets an error.</summary>
    private static Task<IResult> ExecuteAsync(
        ApiCall call, RunScheduleRepository schedules, RunSchedule schedule, byte[] bodyHash, Func<int?, Task> execute, Func<RunSchedule, OperationAnswer?> answer) =>
        call.ExecuteOnReadAsync(
            bodyHash, EntityTag.Of(schedule),
            async () => await schedules.FindAsync(schedule.Id, call.Aborted) is { } now ? EntityTag.Of(now) : null,
            () => execute(call.IfMatch is null ? null : schedule.Revision), answer);
}

/// <summary>A schedule of runs.</summary>
internal sealed record ScheduleView
{
    /// <summary>The schedule's id.</summary>
    public required long Id { get; init; }

    /// <summary>The slug of its tenant.</summary>
    public required string Tenant { get; init; }

    /// <summary>The suite it runs.</summary>
    public required long SuiteId { get; init; }

    /// <summary>The suite's name.</summary>
    public required string Suite { get; init; }

    /// <summary>The agent whose newest version, neither DEPRECATED nor RETIRED, it runs.</summary>
    public required string Agent { get; init; }

    /// <summary>Five fields: minute, hour, day, month, weekday.</summary>
    public required string Cron { get; init; }

    /// <summary>The IANA id of the zone that the fields are read in.</summary>
    public required string TimeZone { get; init; }

    /// <summary>When, in words.</summary>
    public required string Words { get; init; }

    /// <summary>Priority of its runs.</summary>
    public required int Priority { get; init; }

    /// <summary>Whether the schedule is paused and creates no runs.</summary>
    public required bool IsPaused { get; init; }

    /// <summary>When it is next due, UTC; null while it is paused, or when the time cannot be calculated.</summary>
    public DateTimeOffset? NextDueAt { get; init; }

    /// <summary>Why the next time cannot be calculated, so that no run is created; null when it can.</summary>
    public string? Problem { get; init; }

    /// <summary>The last due moment that was processed, UTC.</summary>
    public DateTimeOffset? LastDueAt { get; init; }

    /// <summary>When it last created a run or recorded why not, UTC.</summary>
    public DateTimeOffset? LastFiredAt { get; init; }

    /// <summary>The outcome of the last time.</summary>
    public ScheduleOutcome? LastOutcome { get; init; }

    /// <summary>The run that it created then.</summary>
    public long? LastRunId { get; init; }

    /// <summary>Why it created none.</summary>
    public string? LastReason { get; init; }

    /// <summary>When it was created, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Who created it.</summary>
    public required string CreatedBy { get; init; }

    public static ScheduleView Of(RunSchedule schedule)
    {
        var status = ScheduleStatus.Of(schedule);
        return new ScheduleView
        {
            Id = schedule.Id,
            Tenant = schedule.TenantSlug,
            SuiteId = schedule.SuiteId,
            Suite = schedule.SuiteName,
            Agent = schedule.AgentName,
            Cron = schedule.Cron,
            TimeZone = schedule.TimeZone,
            Words = status.Words,
            Priority = schedule.Priority,
            IsPaused = schedule.IsPaused,
            NextDueAt = status.NextDueAt,
            Problem = status.Error,
            LastDueAt = schedule.LastDueAt,
            LastFiredAt = schedule.LastFiredAt,
            LastOutcome = schedule.LastOutcome,
            LastRunId = schedule.LastRunId,
            LastReason = schedule.LastReason,
            CreatedAt = schedule.CreatedAt,
            CreatedBy = schedule.CreatedBy,
        };
    }
}

/// <summary>A schedule to create.</summary>
internal sealed record NewSchedule
{
    /// <summary>The suite to run.</summary>
    public required long SuiteId { get; init; }

    /// <summary>The agent of the same tenant, whose newest version is run.</summary>
    public required string Agent { get; init; }

    /// <summary>Five fields: minute, hour, day, month, weekday; at most every 15 minutes.</summary>
    public required string Cron { get; init; }

    /// <summary>The IANA id of the zone that the fields are read in. Default UTC.</summary>
    public string TimeZone { get; init; } = "UTC";

    /// <summary>A higher priority starts first within the tenant, -1000 to 1000.</summary>
    public int Priority { get; init; }
}

/// <summary>The changes to a schedule. Omitted fields stay unchanged.</summary>
internal sealed record ScheduleChange
{
    /// <summary>The agent of the same tenant, whose newest version is run.</summary>
    public string? Agent { get; init; }

    /// <summary>Five fields: minute, hour, day, month, weekday.</summary>
    public string? Cron { get; init; }

    /// <summary>The IANA id of the zone that the fields are read in.</summary>
    public string? TimeZone { get; init; }

    /// <summary>A higher priority starts first within the tenant, -1000 to 1000.</summary>
    public int? Priority { get; init; }
}

using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Dashboard.Actions;

/// <summary>The actions on one schedule of runs.</summary>
internal sealed class ScheduleActions(
    PageRequest request, RunScheduleRepository schedules, PauseSchedule pause, RunScheduleNow runNow, DeleteSchedule delete, TenantRepository tenants, OverviewCache overview)
{
    /// <summary>A schedule is shown on the page of its suite.</summary>
    public async Task<IResult> ShowAsync(long id) => Results.Redirect(request.Url(BackOf(await FindAsync(id))));

    public Task<IResult> SetPausedAsync(long id, bool isPaused) => ActAsync(id, async schedule =>
    {
        await pause.ExecuteAsync(schedule.Id, isPaused, null, request.Viewer.Actor, request.Aborted);
        return new StatusMessage(isPaused ? $"Schedule {schedule.Id} is paused." : $"Schedule {schedule.Id} is resumed; due moments while it was paused are skipped.");
    });

    public Task<IResult> RunAsync(long id) => ActAsync(id, async schedule =>
    {
        var run = await runNow.ExecuteAsync(schedule.Id, request.Viewer.Actor, request.Aborted);
        return new StatusMessage($"Run {run.Id} is created.", LinkPath: $"/evaluations/runs/{run.Id}", LinkText: "See the run");
    });

    public async Task<IResult> ConfirmDeleteAsync(long id)
    {
        var schedule = await FindAsync(id);
        return Page.Confirm(new Confirmation(
            $"Delete schedule {schedule.Id}?", $"The suite {schedule.SuiteName} is no longer run for {schedule.AgentName} automatically. Existing runs stay.", "Delete schedule", BackOf(schedule)));
    }

    public Task<IResult> DeleteAsync(long id) => ActAsync(id, async schedule =>
    {
        await delete.ExecuteAsync(schedule.Id, null, request.Viewer.Actor, request.Aborted);
        return new StatusMessage($"Schedule {schedule.Id} is deleted. Existing runs stay.");
    });

    /// <summary>Executes an action and returns to the page of the suite, which shows the message or the error.</summary>
    private async Task<IResult> ActAsync(long id, Func<RunSchedule, Task<StatusMessage>> act)
    {
        var schedule = await FindAsync(id);
        try
        {
            var message = await act(schedule);
            overview.Invalidate();
            return request.Done(BackOf(schedule), message);
        }
        catch (ConflictException error)
        {
            return request.Done(BackOf(schedule), new StatusMessage(error.Message, IsError: true));
        }
        catch (NotFoundException error)
        {
            return request.Done(BackOf(schedule), new StatusMessage(error.Message, IsError: true));
        }
    }

    private static string BackOf(RunSchedule schedule) => $"/evaluations/suites/{schedule.SuiteId}";

    private async Task<RunSchedule> FindAsync(long id)
    {
        var schedule = await schedules.GetAsync(id, request.Aborted);
        request.EnsureSees(await tenants.GetAsync(schedule.TenantId, request.Aborted));
        return schedule;
    }
}

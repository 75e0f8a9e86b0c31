using System.Globalization;
using EvalJobs.Domain;

namespace EvalJobs.Jobs;

/// <summary>The server's recurring jobs, as shown to people.</summary>
internal static class RecurringJobs
{
    /// <summary>All of them, the most important first.</summary>
    public static IReadOnlyList<RecurringJobText> All { get; } =
    [
        new(
            JobSchedule.ProcessEvaluations, "Process pending evaluations", "Requeues the runs of workers that ended, and queues a batch for each tenant with due work.",
            "No new batches are queued, by the tick or between ticks; batches that are queued or running are finished, and runs wait. Runs of workers that ended are not requeued."),
        new(
            JobSchedule.EvaluationHealthCheck, "Health check", "Assesses every tenant, the ticks and the worker pools, and raises the alerts that follow.",
            "The health of tenants is not assessed, and no alert follows from it. Alerts about ticks and failed runs continue."),
        new(
            JobSchedule.CleanupOldEvaluations, "Cleanup", "Moves ended runs past retention to the archive, and deletes what is past its age.",
            "Nothing is archived or deleted; the tables grow."),
    ];

    /// <exception cref="NotFoundException">There is no such recurring job.</exception>
    public static RecurringJobText Get(string jobId) =>
        All.FirstOrDefault(job => job.Id == jobId)
        ?? throw new NotFoundException($"There is no recurring job '{jobId}'; there are {string.Join(", ", All.Select(job => job.Id))}.");
}

/// <summary>A recurring job in words.</summary>
/// <param name="Id">Its id in Hangfire.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Does">What it does.</param>
/// <param name="WhilePaused">What does not happen while it is paused.</param>
internal sealed record RecurringJobText(string Id, string Name, string Does, string WhilePaused)
{
    /// <returns>A sentence that it is paused, and what that means.</returns>
    public string PausedText(JobPause pause) => string.Create(
        CultureInfo.InvariantCulture, $"{Name} ({Id}) is paused since {pause.At:yyyy-MM-dd HH:mm:ss} UTC by {pause.Actor} ('{pause.Reason}'). {WhilePaused}");
}

using System.Data.Common;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Stores which recurring jobs people have paused. Every change leaves an audit record.</summary>
internal sealed class JobPauseRepository(EvaluationDatabase database)
{
    /// <returns>The recurring jobs that were ever paused, by id, resumed ones too.</returns>
    public async Task<IReadOnlyDictionary<string, JobPause>> ListAsync(CancellationToken cancellationToken) =>
        (await database.QueryAsync<JobPause>(SqlQuery.ListJobPauses, null, cancellationToken)).ToDictionary(pause => pause.JobId, StringComparer.Ordinal);

    /// <returns>The ids of the recurring jobs that are paused.</returns>
    public async Task<IReadOnlySet<string>> ListPausedAsync(CancellationToken cancellationToken) =>
        (await ListAsync(cancellationToken)).Values.Where(pause => pause.IsPaused).Select(pause => pause.JobId).ToHashSet(StringComparer.Ordinal);

    /// <summary>Pauses or resumes a recurring job.</summary>
    /// <param name="jobId">Its id in Hangfire.</param>
    /// <param name="reason">Why it is paused; null to resume it.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Changes nothing when cancelled.</param>
    /// <returns>False when it was in that state already; then nothing is recorded.</returns>
    public async Task<bool> SetAsync(string jobId, string? reason, string actor, CancellationToken cancellationToken)
    {
        var isPaused = reason is not null;
        try
        {
            return await database.WriteAsync(async db =>
            {
                if (!await db.ExecuteOneAsync(SqlQuery.SetJobPaused, new { JobId = jobId, IsPaused = isPaused, Reason = reason, Actor = actor }))
                {
                    var stored = await db.QueryAsync<JobPause>(SqlQuery.ListJobPauses);
                    if (!isPaused || stored.Any(pause => pause.JobId == jobId))
                        return false;
                    await db.ExecuteExactlyAsync(SqlQuery.AddJobPause, new { JobId = jobId, Reason = reason, Actor = actor }, 1);
                }

                await db.RecordAsync(null, isPaused ? ChangeType.JobPaused : ChangeType.JobResumed, ChangeRecordRepository.ServerEntity, 0, actor, new { job = jobId, reason });
                return true;
            }, cancellationToken);
        }
        catch (DbException error) when (error.IsUniqueViolation())
        {
            // Another request paused it at the same time.
            return false;
        }
    }
}

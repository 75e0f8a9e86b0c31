using System.Collections.Concurrent;
using EvalJobs.Application;
using EvalJobs.Domain;
using EvalJobs.Server.Dashboard.Forms;

namespace EvalJobs.Server.Dashboard.Actions;

/// <summary>Changes many runs one after the other, in the background of this server, and reports the progress. Each run is a transaction and an audit record of its own.</summary>
internal sealed partial class BulkRuns(ChangeRuns changeRuns, AcknowledgeRun acknowledge, OverviewCache overview, IHostApplicationLifetime lifetime, ILogger<BulkRuns> logger)
{
    /// <summary>Finished changes that are kept for display.</summary>
    private const int MaxFinished = 100;

    private readonly ConcurrentDictionary<string, BulkProgress> _all = new(StringComparer.Ordinal);

    /// <summary>Starts the change.</summary>
    /// <param name="change">What to do with each run.</param>
    /// <param name="runIds">The runs.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="back">The address of the list that the runs were chosen in.</param>
    /// <returns>Its progress, which is updated.</returns>
    public BulkProgress Start(BulkChange change, IReadOnlyList<long> runIds, string actor, string back)
    {
        foreach (var old in _all.Values.Where(each => each.IsDone).OrderByDescending(each => each.StartedAt).Skip(MaxFinished))
            _all.TryRemove(old.Id, out _);

        var progress = new BulkProgress(Guid.NewGuid().ToString("N"), change, actor, back, runIds.Count);
        _all[progress.Id] = progress;
        _ = Task.Run(() => WorkAsync(progress, change, runIds, lifetime.ApplicationStopping), CancellationToken.None);
        return progress;
    }

    /// <returns>Its progress; null when this server has no such change, or another user started it.</returns>
    public BulkProgress? Find(string id, string actor) => _all.TryGetValue(id, out var progress) && progress.Actor == actor ? progress : null;

    private async Task WorkAsync(BulkProgress progress, BulkChange change, IReadOnlyList<long> runIds, CancellationToken stopping)
    {
        try
        {
            foreach (var runId in runIds)
                await TryAsync(progress, change, runId, stopping);
        }
        catch (OperationCanceledException)
        {
            progress.Stop("The server stopped before all runs were changed. Repeat the action for the others.");
        }
        catch (Exception error)
        {
            LogStopped(error, progress.Read().DoneCount, runIds.Count);
            progress.Stop("An error stopped the action; the server's log says which. Repeat the action for the others.");
        }
        finally
        {
            progress.End();
            overview.Invalidate();
        }
    }

    private async Task TryAsync(BulkProgress progress, BulkChange change, long runId, CancellationToken stopping)
    {
        try
        {
            long? created = null;
            if (change.Kind == BulkKind.Acknowledge)
                await acknowledge.ExecuteAsync(runId, change.Note, progress.Actor, stopping);
            else
                created = await changeRuns.ExecuteAsync(runId, change.Kind switch { BulkKind.Cancel => RunChange.Cancel, BulkKind.Retry => RunChange.Retry, _ => RunChange.Priority }, change.Priority, progress.Actor, stopping);
            progress.Change(runId, created);
        }
        catch (NotAllowedException error)
        {
            progress.Skip(runId, FormWords.Of(error.Message));
        }
    }

    [LoggerMessage(6003, LogLevel.Error, "A change of many runs stopped after {Done} of {Total}")]
    private partial void LogStopped(Exception error, int done, int total);
}

/// <summary>The changes of many runs on the dashboard.</summary>
internal enum BulkKind
{
    /// <summary>Repeats FAILED and CANCELLED runs.</summary>
    Retry,

    /// <summary>Cancels pending and running runs.</summary>
    Cancel,

    /// <summary>Sets the priority of pending runs.</summary>
    Priority,

    /// <summary>Acknowledges runs that failed permanently.</summary>
    Acknowledge,
}

/// <summary>A change of many runs.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Priority">For <see cref="BulkKind.Priority"/>.</param>
/// <param name="Note">For <see cref="BulkKind.Acknowledge"/>; null for none.</param>
internal sealed record BulkChange(BulkKind Kind, int Priority, string? Note)
{
    /// <returns>The word in addresses.</returns>
    public static string WordOf(BulkKind kind) => kind.ToString().ToLowerInvariant();

    /// <returns>What a word in an address means; null when nothing.</returns>
    public static BulkKind? KindOf(string? word) =>
        Enum.GetValues<BulkKind>().Cast<BulkKind?>().FirstOrDefault(kind => string.Equals(WordOf(kind!.Value), word, StringComparison.OrdinalIgnoreCase));

    /// <returns>The states in which a run can be changed this way.</returns>
    public static IReadOnlyList<RunStatus> StatusesFor(BulkKind kind) => kind switch
    {
        BulkKind.Retry => [RunStatus.Failed, RunStatus.Cancelled],
        BulkKind.Cancel => [RunStatus.Pending, RunStatus.Running],
        BulkKind.Priority => [RunStatus.Pending],
        _ => [RunStatus.Failed],
    };
}

/// <summary>The progress of a change of many runs.</summary>
internal sealed class BulkProgress(string id, BulkChange change, string actor, string back, int total)
{
    private readonly Lock _lock = new();
    private readonly List<(long RunId, long Repeats)> _created = [];
    private readonly List<(long RunId, string Reason)> _skipped = [];
    private int _changed;
    private string? _stopped;
    private bool _isDone;

    /// <summary>Its id in addresses.</summary>
    public string Id => id;

    /// <summary>Who started it.</summary>
    public string Actor => actor;

    /// <summary>When it started.</summary>
    public long StartedAt { get; } = Environment.TickCount64;

    /// <summary>Whether it has ended.</summary>
    public bool IsDone
    {
        get
        {
            lock (_lock)
                return _isDone;
        }
    }

    /// <returns>The progress at one moment, so that its figures are consistent.</returns>
    public BulkReading Read()
    {
        lock (_lock)
            return new BulkReading(change, total, _changed, [.. _created], [.. _skipped], _stopped, _isDone, back);
    }

    /// <summary>Records that a run was changed.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="created">The run that repeats it; null when none was created.</param>
    public void Change(long runId, long? created)
    {
        lock (_lock)
        {
            _changed++;
            if (created is { } repeating)
                _created.Add((repeating, runId));
        }
    }

    /// <summary>Records that a run was left unchanged.</summary>
    public void Skip(long runId, string reason)
    {
        lock (_lock)
            _skipped.Add((runId, reason));
    }

    /// <summary>Records that the remaining runs are left unchanged.</summary>
    public void Stop(string reason)
    {
        lock (_lock)
            _stopped = reason;
    }

    /// <summary>Records that it has ended.</summary>
    public void End()
    {
        lock (_lock)
            _isDone = true;
    }
}

/// <summary>The progress of a change of many runs at one moment.</summary>
/// <param name="Change">What is done.</param>
/// <param name="Total">Runs to change.</param>
/// <param name="ChangedCount">Runs changed.</param>
/// <param name="Created">Runs created, each with the run that it repeats.</param>
/// <param name="Skipped">Runs that no longer allowed the change, each with the reason.</param>
/// <param name="Stopped">Why it ended before the last run; null when it did not.</param>
/// <param name="IsDone">Whether it has ended.</param>
/// <param name="Back">The address of the list that the runs were chosen in.</param>
internal sealed record BulkReading(
    BulkChange Change, int Total, int ChangedCount, IReadOnlyList<(long RunId, long Repeats)> Created, IReadOnlyList<(long RunId, string Reason)> Skipped, string? Stopped, bool IsDone, string Back)
{
    /// <summary>Runs processed.</summary>
    public int DoneCount => ChangedCount + Skipped.Count;
}

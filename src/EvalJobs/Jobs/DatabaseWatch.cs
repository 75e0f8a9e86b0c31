using EvalJobs.Data;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs;

/// <summary>
/// Notices that the database is no longer the one this process works on: it was replaced, or restored to an earlier state. Then nothing more is claimed or stored, and
/// <c>/health/ready</c> says so.
/// </summary>
internal sealed class DatabaseWatch(
    EvaluationDatabase database, DatabaseMarkerRepository markers, ProcessIdentity process, TimeProvider clock, ILogger<DatabaseWatch> logger)
    : PeriodicService(Interval, "Whether the database was moved or replaced could not be checked", logger, clock)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private string? _written;

    /// <summary>Checks once. One call at a time.</summary>
    /// <exception cref="DatabaseMovedException">It is another database, or an earlier state of it.</exception>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        var token = Guid.NewGuid().ToString("N");
        if (await markers.ExchangeAsync(process.Name, _written, token, cancellationToken))
        {
            _written = token;
            return;
        }

        database.MarkReplaced();
        database.EnsureSame();
    }

    /// <inheritdoc/>
    protected override Task RunOnceAsync(CancellationToken stoppingToken) => CheckAsync(stoppingToken);
}

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs;

/// <summary>A background loop: does its work at the start and then at every interval. A failure is logged, and the next turn tries again.</summary>
/// <param name="interval">Time between two turns.</param>
/// <param name="failure">What fails when a turn does, as the beginning of a sentence.</param>
/// <param name="logger">The loop's own.</param>
/// <param name="clock">Counts the interval.</param>
/// <remarks>Not a Hangfire job: these loops must run when Hangfire does not. A turn that takes longer than the interval delays the next; turns never overlap.</remarks>
internal abstract class PeriodicService(TimeSpan interval, string failure, ILogger logger, TimeProvider clock) : BackgroundService
{
    private readonly OutageLog _outage = new(failure, logger, clock);

    /// <summary>The loop's own.</summary>
    protected ILogger Logger { get; } = logger;

    /// <summary>Counts the interval.</summary>
    protected TimeProvider Clock { get; } = clock;

    /// <summary>Does one turn.</summary>
    protected abstract Task RunOnceAsync(CancellationToken stoppingToken);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(interval, Clock);
        do
        {
            try
            {
                // A separate thread, because SQLite blocks its caller while another process has the file.
                await Task.Run(() => RunOnceAsync(stoppingToken), CancellationToken.None);
                _outage.Recovered();
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                // Any exception, because the loop must continue.
                _outage.Failed(error);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}

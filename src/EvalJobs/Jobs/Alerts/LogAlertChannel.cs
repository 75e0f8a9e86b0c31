using EvalJobs.Domain;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs.Alerts;

/// <summary>Alerts in the server's log: warnings, and information when a trouble is over.</summary>
public sealed class LogAlertChannel(ILogger<LogAlertChannel> logger) : IAlertChannel
{
    /// <inheritdoc/>
    public string Name => "log";

    /// <inheritdoc/>
    public Task SendAsync(IReadOnlyList<Alert> alerts, CancellationToken cancellationToken)
    {
        foreach (var alert in alerts)
        {
            logger.Log(
                alert.Phase == AlertPhase.Cleared ? LogLevel.Information : LogLevel.Warning,
                "Alert {AlertId} {Topic} {Phase}: {Alert}", alert.Id, StoredWord.Of(alert.Topic), StoredWord.Of(alert.Phase), alert.Sentence);
        }

        return Task.CompletedTask;
    }
}

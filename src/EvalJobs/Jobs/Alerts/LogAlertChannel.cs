using EvalJobs.Domain;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs.Alerts;

/// <summary>Alerts in the server's log: problems as warnings; information when one is over, and about promotion.</summary>
internal sealed partial class LogAlertChannel(AlertOptions options, ILogger<LogAlertChannel> logger) : IAlertChannel
{
    /// <inheritdoc/>
    public string Name => "log";

    /// <inheritdoc/>
    public IReadOnlySet<AlertTopic> Topics { get; } = AlertTopics.Read(options.LogTopics);

    /// <inheritdoc/>
    public Task SendAsync(IReadOnlyList<Alert> alerts, CancellationToken cancellationToken)
    {
        foreach (var alert in alerts)
        {
            LogAlert(
                alert.Phase == AlertPhase.Cleared || !alert.IsWarning ? LogLevel.Information : LogLevel.Warning,
                alert.Id, StoredWord.Of(alert.Topic), StoredWord.Of(alert.Phase), alert.Sentence);
        }

        return Task.CompletedTask;
    }

    [LoggerMessage(EventId = 1600, Message = "Alert {AlertId} {Topic} {Phase}: {Alert}")]
    private partial void LogAlert(LogLevel level, long alertId, string topic, string phase, string alert);
}

using EvalJobs.Domain;

namespace EvalJobs.Jobs.Alerts;

/// <summary>One way for alerts to reach people. Channels keep no state between messages.</summary>
internal interface IAlertChannel
{
    /// <summary>The name under which the outbox stores that an alert was sent here. Operators see it, so it is never a URL.</summary>
    string Name { get; }

    /// <summary>The topics it receives. Default: problems.</summary>
    IReadOnlySet<AlertTopic> Topics => Alert.WarningTopics;

    /// <summary>Sends one message with all these alerts, oldest first.</summary>
    /// <remarks>One attempt per call; the outbox tries again.</remarks>
    /// <exception cref="AlertChannelException">The message was not accepted.</exception>
    Task SendAsync(IReadOnlyList<Alert> alerts, CancellationToken cancellationToken);
}

/// <summary>A channel did not accept a message. The reason holds no URL, password or answer of the other side: it is logged, stored and shown.</summary>
internal sealed class AlertChannelException(string reason, Exception? inner = null) : Exception(reason, inner);

using EvalJobs.Domain;

namespace EvalJobs.Jobs.Alerts;

/// <summary>One way for alerts to reach people. Channels keep no state between messages.</summary>
internal interface IAlertChannel
{
    /// <summary>The name under which the outbox remembers that an alert went here; shown to operators, so never a URL.</summary>
    string Name { get; }

    /// <summary>The topics it receives. Default: problems.</summary>
    IReadOnlySet<AlertTopic> Topics => Alert.WarningTopics;

    /// <summary>Sends one message that tells of all these alerts, oldest first.</summary>
    /// <remarks>One attempt per call; the outbox tries again.</remarks>
    /// <exception cref="AlertChannelException">The message was not taken.</exception>
    Task SendAsync(IReadOnlyList<Alert> alerts, CancellationToken cancellationToken);
}

/// <summary>A channel did not take a message. The reason holds no URL, password or answer of the other side: it is logged, stored and shown.</summary>
internal sealed class AlertChannelException(string reason, Exception? inner = null) : Exception(reason, inner);

using System.Text.Json;
using EvalJobs.Data;
using EvalJobs.Domain;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs.Alerts;

/// <summary>
/// Sends what is in the outbox, at least once to every channel. Not a Hangfire job, because an alert may report that no job runs.
/// </summary>
/// <remarks>
/// One message per channel has all waiting alerts, so many alerts make long messages and not many messages. A channel that fails
/// does not delay the others, and gets only what it has not received. After a crash between sending and storing, one channel gets
/// the same message once more.
/// </remarks>
internal sealed partial class AlertDelivery(
    AlertRepository alerts, IEnumerable<IAlertChannel> channels, AlertOptions options, ProcessIdentity process, TimeProvider clock,
    ILogger<AlertDelivery> logger)
    : PeriodicService(CheckInterval, "Alerts could not be delivered", logger, clock)
{
    /// <summary>Due alerts in one message, at most.</summary>
    private const int MaxPerMessage = 50;

    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CleanInterval = TimeSpan.FromHours(1);
    private static readonly TimeSpan MaxBackoff = TimeSpan.FromHours(1);

    private readonly List<IAlertChannel> _channels = [.. channels];
    private long? _cleaned;

    /// <summary>Sends the due alerts once.</summary>
    /// <param name="cancellationToken">Ends the sending; what was not taken is tried again later.</param>
    /// <returns>How many alerts were claimed; 0 when none was due.</returns>
    public async Task<int> DeliverAsync(CancellationToken cancellationToken)
    {
        // Longer than the slowest channel: no other sender may send the same in that time.
        var lease = (options.SendTimeout * 2) + TimeSpan.FromSeconds(30);
        var claimed = await alerts.ClaimAsync(process.Name, lease, options.FailureWindow, MaxPerMessage, cancellationToken);
        if (claimed.Count == 0)
            return 0;

        var deliveries = claimed.Select(alert => new Delivery(alert)).ToList();
        var sends = _channels.Select(channel => SendAsync(channel, deliveries, cancellationToken)).ToList();
        await foreach (var send in Task.WhenEach(sends))
            await RecordAsync(await send);

        foreach (var delivery in deliveries)
            await CloseAsync(delivery);
        return claimed.Count;
    }

    /// <inheritdoc/>
    protected override async Task RunOnceAsync(CancellationToken stoppingToken)
    {
        while (await DeliverAsync(stoppingToken) > 0)
        {
            // Sends everything that is due now, then waits.
        }

        if (_cleaned is null || Clock.GetElapsedTime(_cleaned.Value) >= CleanInterval)
        {
            await alerts.DeleteOldAsync(options.KeepDays, stoppingToken);
            _cleaned = Clock.GetTimestamp();
        }
    }

    private async Task<Sending> SendAsync(IAlertChannel channel, List<Delivery> deliveries, CancellationToken cancellationToken)
    {
        var due = deliveries.Where(delivery => channel.Topics.Contains(delivery.Alert.Topic) && !delivery.HasBeenSentTo(channel)).ToList();
        if (due.Count == 0)
            return new Sending(channel, due, null);

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.SendTimeout);
        try
        {
            await channel.SendAsync([.. due.Select(delivery => delivery.Alert)], limit.Token);
            return new Sending(channel, due, null);
        }
        catch (OperationCanceledException)
        {
            return new Sending(channel, due, cancellationToken.IsCancellationRequested ? "the server stopped" : $"no answer within {options.SendTimeout}");
        }
        catch (AlertChannelException error)
        {
            return new Sending(channel, due, error.Message);
        }
        catch (Exception error)
        {
            // Of an unexpected exception only the type is shown: its message may hold a secret.
            return new Sending(channel, due, $"failed: {error.GetType().Name}");
        }
    }

    /// <summary>Stores it at once, not at the end: a crash while another channel is slow must not repeat this one.</summary>
    private async Task RecordAsync(Sending sending)
    {
        foreach (var delivery in sending.Deliverys)
        {
            if (sending.Failure is not null)
            {
                delivery.Failures.Add($"{sending.Channel.Name} {sending.Failure}");
                continue;
            }

            delivery.SentTo.Add(sending.Channel.Name);
            await alerts.SetSentToAsync(delivery.Alert, delivery.SentTo, CancellationToken.None);
        }
    }

    private async Task CloseAsync(Delivery delivery)
    {
        var alert = delivery.Alert;
        if (delivery.Failures.Count == 0)
        {
            await alerts.EndAsync(alert, CancellationToken.None);
            return;
        }

        var error = string.Join("; ", delivery.Failures);
        switch (await alerts.RetryAsync(alert, Backoff(alert.Attempt), options.GiveUpAfter, error, CancellationToken.None))
        {
            case AlertStatus.Failed:
                LogGivenUp(Logger, alert.Id, alert.Attempt, error);
                break;
            case AlertStatus.Pending:
                LogNotDelivered(Logger, alert.Id, alert.Attempt, error);
                break;
            default:
                LogTakenOver(Logger, alert.Id);
                break;
        }
    }

    private TimeSpan Backoff(int attempt)
    {
        var delay = options.RetryBackoff * Math.Pow(2, attempt - 1);
        return delay < MaxBackoff ? delay : MaxBackoff;
    }

    [LoggerMessage(1601, LogLevel.Error, "Alert {AlertId} is given up after {Attempts} attempts: {Failures}")]
    private static partial void LogGivenUp(ILogger logger, long alertId, int attempts, string failures);

    [LoggerMessage(1602, LogLevel.Warning, "Alert {AlertId} was not accepted by every channel in attempt {Attempt}; trying again: {Failures}")]
    private static partial void LogNotDelivered(ILogger logger, long alertId, int attempt, string failures);

    [LoggerMessage(1603, LogLevel.Information, "Alert {AlertId} was taken over by another sender")]
    private static partial void LogTakenOver(ILogger logger, long alertId);

    /// <summary>An alert on its way, and the channels that have received it.</summary>
    private sealed class Delivery(Alert alert)
    {
        public Alert Alert { get; } = alert;

        public List<string> SentTo { get; } = JsonSerializer.Deserialize<List<string>>(alert.SentTo)!;

        public List<string> Failures { get; } = [];

        /// <remarks>Alerts that were mailed when all receivers were one channel have that channel's name.</remarks>
        public bool HasBeenSentTo(IAlertChannel channel) =>
            SentTo.Contains(channel.Name)
            || (SentTo.Contains(SmtpAlertChannel.Kind) && channel.Name.StartsWith($"{SmtpAlertChannel.Kind}:", StringComparison.Ordinal));
    }

    /// <summary>The outcome of one message.</summary>
    private sealed record Sending(IAlertChannel Channel, List<Delivery> Deliverys, string? Failure);
}

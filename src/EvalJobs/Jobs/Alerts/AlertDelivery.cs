using System.Text.Json;
using EvalJobs.Data;
using EvalJobs.Domain;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs.Alerts;

/// <summary>
/// Sends what is in the outbox, at least once to every channel. Not a Hangfire job: what it tells of may be that no job runs.
/// </summary>
/// <remarks>
/// One message per channel carries all that waits, so a bad night makes long messages rather than many. A channel that refuses
/// holds up no other, and gets again only what it has not had. After a crash between sending and remembering, one channel hears
/// the same message once more.
/// </remarks>
public sealed class AlertDelivery(
    AlertRepository alerts, IEnumerable<IAlertChannel> channels, AlertOptions options, ProcessIdentity process, TimeProvider clock,
    ILogger<AlertDelivery> logger) : BackgroundService
{
    /// <summary>Due alerts in one message, at most.</summary>
    private const int MaxPerMessage = 50;

    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CleanInterval = TimeSpan.FromHours(1);
    private static readonly TimeSpan MaxBackoff = TimeSpan.FromHours(1);

    private readonly List<IAlertChannel> _channels = [.. channels];
    private readonly RepeatedTrouble _trouble = new("The outbox of alerts could not be worked", logger, clock);

    /// <summary>Sends what is due, once.</summary>
    /// <param name="cancellationToken">Ends the sending; what was not taken is tried again later.</param>
    /// <returns>How many alerts were taken up; 0 when none was due.</returns>
    public async Task<int> DeliverAsync(CancellationToken cancellationToken)
    {
        // Longer than the slowest channel: nobody else may send the same meanwhile.
        var lease = (options.SendTimeout * 2) + TimeSpan.FromSeconds(30);
        var claimed = await alerts.ClaimAsync(process.Name, lease, options.FailureWindow, MaxPerMessage, cancellationToken);
        if (claimed.Count == 0)
            return 0;

        var parcels = claimed.Select(alert => new Parcel(alert)).ToList();
        var sends = _channels.Select(channel => SendAsync(channel, parcels, cancellationToken)).ToList();
        await foreach (var send in Task.WhenEach(sends))
            await NoteAsync(await send);

        foreach (var parcel in parcels)
            await CloseAsync(parcel);
        return claimed.Count;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        long? cleaned = null;
        using var timer = new PeriodicTimer(LookInterval, clock);
        do
        {
            try
            {
                while (await DeliverAsync(stoppingToken) > 0)
                {
                    // All that is due now, then wait.
                }

                if (cleaned is null || clock.GetElapsedTime(cleaned.Value) >= CleanInterval)
                {
                    await alerts.DeleteOldAsync(options.KeepDays, stoppingToken);
                    cleaned = clock.GetTimestamp();
                }

                _trouble.Over();
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                _trouble.Note(error);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task<Sending> SendAsync(IAlertChannel channel, List<Parcel> parcels, CancellationToken cancellationToken)
    {
        var due = parcels.Where(parcel => !parcel.HasBeenSentTo(channel)).ToList();
        if (due.Count == 0)
            return new Sending(channel, due, null);

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.SendTimeout);
        try
        {
            await channel.SendAsync([.. due.Select(parcel => parcel.Alert)], limit.Token);
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
            // Of an error nobody foresaw only the kind is told: its message may hold anything.
            return new Sending(channel, due, $"broke: {error.GetType().Name}");
        }
    }

    /// <summary>Remembers at once, not at the end: a crash while another channel is slow must not repeat this one.</summary>
    private async Task NoteAsync(Sending sending)
    {
        foreach (var parcel in sending.Parcels)
        {
            if (sending.Refusal is not null)
            {
                parcel.Refusals.Add($"{sending.Channel.Name} {sending.Refusal}");
                continue;
            }

            parcel.SentTo.Add(sending.Channel.Name);
            await alerts.SetSentToAsync(parcel.Alert, parcel.SentTo, CancellationToken.None);
        }
    }

    private async Task CloseAsync(Parcel parcel)
    {
        var alert = parcel.Alert;
        if (parcel.Refusals.Count == 0)
        {
            await alerts.EndAsync(alert, CancellationToken.None);
            return;
        }

        var error = string.Join("; ", parcel.Refusals);
        switch (await alerts.RetryAsync(alert, Backoff(alert.Attempt), options.GiveUpAfter, error, CancellationToken.None))
        {
            case AlertStatus.Failed:
                logger.LogError("Alert {AlertId} is given up after {Attempts} attempts: {Refusals}", alert.Id, alert.Attempt, error);
                break;
            case AlertStatus.Pending:
                logger.LogWarning("Alert {AlertId} was not taken by every channel in attempt {Attempt}; trying again: {Refusals}", alert.Id, alert.Attempt, error);
                break;
            default:
                logger.LogInformation("Alert {AlertId} was taken over by another sender", alert.Id);
                break;
        }
    }

    private TimeSpan Backoff(int attempt)
    {
        var delay = options.RetryBackoff * Math.Pow(2, attempt - 1);
        return delay < MaxBackoff ? delay : MaxBackoff;
    }

    /// <summary>An alert on its way, and who has had it.</summary>
    private sealed class Parcel(Alert alert)
    {
        public Alert Alert { get; } = alert;

        public List<string> SentTo { get; } = JsonSerializer.Deserialize<List<string>>(alert.SentTo)!;

        public List<string> Refusals { get; } = [];

        /// <remarks>What was mailed when all receivers were one channel still says so.</remarks>
        public bool HasBeenSentTo(IAlertChannel channel) =>
            SentTo.Contains(channel.Name)
            || (SentTo.Contains(SmtpAlertChannel.Kind) && channel.Name.StartsWith($"{SmtpAlertChannel.Kind}:", StringComparison.Ordinal));
    }

    /// <summary>What came of one message.</summary>
    private sealed record Sending(IAlertChannel Channel, List<Parcel> Parcels, string? Refusal);
}

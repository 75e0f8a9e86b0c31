using System.CommandLine;
using System.Text.Json.Serialization;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs.Alerts;

namespace EvalJobs.Server.Cli;

/// <summary><c>alerts list|send|test</c>.</summary>
internal static class AlertCommands
{
    public static Command Build() => new("alerts", "List alerts, send those that wait, try the channels.") { List(), Send(), Test() };

    private static Command List()
    {
        var tenant = new Option<string?>("--tenant") { Description = "Only this tenant's." };
        var status = new Option<string?>("--status") { Description = "Only PENDING, SENT or FAILED." };
        var limit = Paging.LimitOption();
        return new Command("list", "List alerts, newest first.") { tenant, status, limit }.Runs(async (parsed, context) =>
        {
            long? tenantId = parsed.GetValue(tenant) is { } slug
                ? (await context.Get<TenantRepository>().FindAsync(slug, context.CancellationToken)).Id
                : null;
            var only = parsed.Word<AlertStatus>(status);
            var alerts = await context.Get<AlertRepository>().ListAsync(
                tenantId, only, long.MaxValue, parsed.Limit(limit), context.CancellationToken);
            context.Answer(alerts, () => CommandContext.Table(
                ["Alert", "At", "Topic", "Phase", "State", "Attempts", "Alert", "Rejected"],
                alerts.Select(alert => new[]
                {
                    $"{alert.Id}", CommandContext.Moment(alert.RaisedAt), CommandContext.Word(alert.Topic), CommandContext.Word(alert.Phase),
                    CommandContext.Word(alert.Status), $"{alert.Attempt}", alert.Sentence, alert.LastError ?? "–",
                })));
            return ExitCode.Ok;
        });
    }

    private static Command Send() =>
        new Command("send", "Send the alerts that wait, once; a running server sends them by itself.").Runs(async (_, context) =>
        {
            var delivery = context.Get<AlertDelivery>();
            var taken = 0;
            for (var batch = -1; batch != 0; taken += batch)
                batch = await delivery.DeliverAsync(context.CancellationToken);

            var outage = await context.Get<AlertRepository>().ReadOutageAsync(context.CancellationToken);
            context.Answer(new { taken, outage.DelayedCount, outage.FailedCount, outage.LastError }, () =>
            {
                CommandContext.Line($"Processed {taken} alerts.");
                if (outage.DelayedCount > 0)
                    CommandContext.Line($"{outage.DelayedCount} were not accepted by every channel and are tried again later: {outage.LastError}");
            });
            return outage.DelayedCount == 0 ? ExitCode.Ok : ExitCode.Attention;
        });

    private static Command Test() =>
        new Command("test", "Send a test message to every channel from this process; exit code 1 when one rejects it.").Runs(async (_, context) =>
        {
            var answers = await Task.WhenAll(context.Get<IEnumerable<IAlertChannel>>().Select(channel => TryAsync(context, channel)));
            context.Answer(answers, () => CommandContext.Table(
                ["Channel", "Answer"], answers.Select(answer => new[] { answer.Channel, answer.Error ?? "taken" })));
            return answers.All(answer => answer.Error is null) ? ExitCode.Ok : ExitCode.Attention;
        }, prepare: false);

    private static async Task<ChannelAnswer> TryAsync(CommandContext context, IAlertChannel channel)
    {
        var test = new Alert
        {
            Id = 0,
            Topic = AlertTopic.Test,
            Phase = AlertPhase.Raised,
            Text = $"This is a test from {Environment.MachineName}. Nothing is wrong.",
            CreatedAt = context.Get<TimeProvider>().GetUtcNow(),
            RaisedAt = context.Get<TimeProvider>().GetUtcNow(),
        };

        var timeout = context.Get<AlertOptions>().SendTimeout;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        limit.CancelAfter(timeout);
        try
        {
            await channel.SendAsync([test], limit.Token);
            return new ChannelAnswer(channel.Name, null);
        }
        catch (AlertChannelException error)
        {
            return new ChannelAnswer(channel.Name, error.Message);
        }
        catch (OperationCanceledException) when (!context.CancellationToken.IsCancellationRequested)
        {
            return new ChannelAnswer(channel.Name, $"no answer within {timeout}");
        }
    }

    private sealed record ChannelAnswer(string Channel, [property: JsonPropertyName("refusal")] string? Error);
}

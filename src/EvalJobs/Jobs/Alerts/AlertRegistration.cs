using EvalJobs.Data;
using Microsoft.Extensions.DependencyInjection;

namespace EvalJobs.Jobs.Alerts;

/// <summary>Registers the alerts: outbox, channels, tick watch.</summary>
internal static class AlertRegistration
{
    /// <summary>Registers a channel for the log and each one configured, the delivery and the tick watch. The caller registers the options and <see cref="JobRegistration.AddJobs"/>.</summary>
    public static IServiceCollection AddAlerts(this IServiceCollection services, AlertOptions options)
    {
        services.AddSingleton<AlertRepository>();
        services.AddSingleton<IAlertChannel, LogAlertChannel>();
        foreach (var (name, webhook) in options.Webhooks)
        {
            services.AddSingleton<IAlertChannel>(
                provider => new WebhookAlertChannel(name, webhook, provider.GetRequiredService<TimeProvider>()));
        }

        // One channel each: a receiver that the mail server rejects must not affect the others.
        if (options.Smtp is { } smtp)
        {
            var connections = new SemaphoreSlim(SmtpAlertChannel.MaxConnections);
            foreach (var receiver in smtp.To.Distinct(StringComparer.OrdinalIgnoreCase))
                services.AddSingleton<IAlertChannel>(_ => new SmtpAlertChannel(smtp, receiver, connections));
        }

        return services.AddHostedSingleton<AlertDelivery>().AddHostedSingleton<TickWatch>();
    }
}

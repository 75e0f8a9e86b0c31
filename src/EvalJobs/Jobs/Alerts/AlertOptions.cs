using System.ComponentModel.DataAnnotations;
using EvalJobs.Domain;

namespace EvalJobs.Jobs.Alerts;

/// <summary>Who receives alerts, and how often. Section <c>EvalJobs:Alerts</c>. The log always receives alerts about problems.</summary>
internal sealed record AlertOptions : IValidatableObject
{
    /// <summary>Webhooks by a name of the operator's choice: messages about a webhook say its name, never its URL.</summary>
    public IReadOnlyDictionary<string, WebhookOptions> Webhooks { get; init; } = new Dictionary<string, WebhookOptions>(StringComparer.Ordinal);

    /// <summary>The mail server; none unless its host is given.</summary>
    public SmtpOptions? Smtp { get; init; }

    /// <summary>The topics that the log receives, by the words of <see cref="AlertTopic"/>; none means HEALTH, TICK and FAILURE.</summary>
    public IReadOnlyList<string> LogTopics { get; init; } = [];

    /// <summary>How long a tenant must have been in WARNING before an alert is raised. Default at once, at most a day.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan WarnAfter { get; init; } = TimeSpan.Zero;

    /// <summary>How long a tenant must have been HEALTHY again before the alert is cleared. Default 30 minutes, at most a day.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan RecoverAfter { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How often an alert is repeated while its cause lasts. Default 6 hours, 1 minute to 7 days.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00")]
    public TimeSpan ReminderInterval { get; init; } = TimeSpan.FromHours(6);

    /// <summary>A tenant's failed runs are reported at most once in this time. Default 15 minutes, at most a day.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan FailureWindow { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Longest wait for one channel to accept a message. Default 10 seconds, 1 second to 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Wait after the first failed delivery; doubles with each further one, at most an hour. Default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan RetryBackoff { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>An alert older than this is given up when a channel rejects it again. Default 1 day, 1 minute to 7 days.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00")]
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How many days sent and given-up alerts are kept. Default 30, 14 to 3650: longer than any reminder.</summary>
    [Range(14, 3650)]
    public int KeepDays { get; init; } = 30;

    /// <summary>The rule for alerts about a tenant's health.</summary>
    public HealthAlertRule HealthRule => new(WarnAfter, RecoverAfter, ReminderInterval);

    /// <summary>The topics that some channel receives.</summary>
    public IReadOnlySet<AlertTopic> WantedTopics => new[] { LogTopics }.Concat(Webhooks.Values.Select(webhook => webhook.Topics)).Append(Smtp?.Topics ?? [])
        .SelectMany(AlertTopics.Read).ToHashSet();

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var error in AlertTopics.Validate(LogTopics, nameof(LogTopics)))
            yield return error;
        foreach (var (name, webhook) in Webhooks)
        {
            foreach (var error in webhook.Validate($"{nameof(Webhooks)}:{name}"))
                yield return error;
        }

        foreach (var error in Smtp?.Validate(nameof(Smtp)) ?? [])
            yield return error;
    }
}

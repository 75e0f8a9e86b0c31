using System.ComponentModel.DataAnnotations;
using EvalJobs.Domain;

namespace EvalJobs.Jobs.Alerts;

/// <summary>One webhook. Section <c>EvalJobs:Alerts:Webhooks:{name}</c>. The operator's own, so it may point to a private address.</summary>
internal sealed record WebhookOptions
{
    /// <summary>Where messages are posted. A secret: anyone who knows it can post there.</summary>
    public string Url { get; init; } = "";

    /// <summary>What is posted. Default generic.</summary>
    public WebhookFormat Format { get; init; } = WebhookFormat.Generic;

    /// <summary>Key of the HMAC-SHA256 signature in the header <c>EvalJobs-Signature</c>; none means unsigned.</summary>
    public string? Secret { get; init; }

    /// <summary>The topics it receives, by the words of <see cref="AlertTopic"/>; none means HEALTH, TICK and FAILURE. PROMOTED, GATE_FAILED, APPROVAL_WANTED and RUN_COMPLETED are off unless named.</summary>
    public IReadOnlyList<string> Topics { get; init; } = [];

    /// <summary>Shows nothing: so that a URL or key is never logged by accident.</summary>
    public override string ToString() => nameof(WebhookOptions);

    internal IEnumerable<ValidationResult> Validate(string setting)
    {
        // The value is not repeated: it is a secret.
        if (!Uri.TryCreate(Url, UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp))
            yield return new("expected an absolute http or https URL.", [$"{setting}:{nameof(Url)}"]);
        foreach (var error in AlertTopics.Validate(Topics, $"{setting}:{nameof(Topics)}"))
            yield return error;
    }
}

/// <summary>The format of a webhook's body.</summary>
internal enum WebhookFormat
{
    /// <summary>Our own JSON, described in docs/operate/alerts.md.</summary>
    Generic,

    /// <summary>The format of Slack's incoming webhooks, and compatible ones: one text.</summary>
    Slack,
}

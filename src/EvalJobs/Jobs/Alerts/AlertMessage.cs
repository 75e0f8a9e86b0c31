using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using EvalJobs.Domain;

namespace EvalJobs.Jobs.Alerts;

/// <summary>The texts of alerts: a subject, lines, and the bodies of webhooks.</summary>
internal static class AlertMessage
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The version of the generic webhook's body: counts up when a field changes its meaning or is removed; a new field does not count.</summary>
    public const int BodyVersion = 1;

    /// <returns>The sentence of the only alert, or the number of alerts and the first one; one line.</returns>
    public static string Subject(IReadOnlyList<Alert> alerts)
    {
        var first = OneLine(alerts[0].Sentence);
        var subject = alerts.Count == 1 ? first : $"{alerts.Count} alerts: {first}";
        return subject.Length <= 150 ? subject : $"{subject[..149]}…";
    }

    /// <returns>One line per alert: when, what about, and the sentence.</returns>
    public static IEnumerable<string> Lines(IReadOnlyList<Alert> alerts) => alerts.Select(alert =>
        $"{alert.RaisedAt:yyyy-MM-dd HH:mm:ss} UTC  {StoredWord.Of(alert.Topic)} {StoredWord.Of(alert.Phase)}  {OneLine(alert.Sentence)}  (alert {alert.Id})");

    /// <returns>The generic webhook's body; docs/operate/alerts.md describes it.</returns>
    public static string GenericBody(IReadOnlyList<Alert> alerts) => JsonSerializer.Serialize(new
    {
        source = "EvalJobs",
        version = BodyVersion,
        alerts = alerts.Select(alert => new
        {
            alert.Id,
            topic = StoredWord.Of(alert.Topic),
            phase = StoredWord.Of(alert.Phase),
            tenant = alert.TenantSlug,
            alert.Text,
            alert.Count,
            alert.Sentence,
            data = alert.Data is null ? (JsonElement?)null : JsonElement.Parse(alert.Data),
            firstAt = alert.CreatedAt,
            lastAt = alert.RaisedAt,
        }),
    }, Json);

    /// <returns>The body of a Slack-compatible webhook.</returns>
    public static string SlackBody(IReadOnlyList<Alert> alerts) => new JsonObject
    {
        // Slack treats these three characters as markup anywhere.
        ["text"] = string.Join('\n', alerts.Select(alert => $"{Sign(alert)} {OneLine(alert.Sentence)}"))
            .Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal),
    }.ToJsonString(Json);

    private static string Sign(Alert alert) => alert switch
    {
        { Topic: AlertTopic.Promoted } or { Phase: AlertPhase.Cleared } => ":white_check_mark:",
        { Topic: AlertTopic.GateFailed } => ":x:",
        { Topic: AlertTopic.ApprovalWanted } => ":raised_hand:",
        { Topic: AlertTopic.RunCompleted } => ":information_source:",
        _ => ":warning:",
    };

    /// <summary>A tenant's name or reason must not start a new line or header.</summary>
    private static string OneLine(string text) => string.Join(' ', text.Split((char[])['\r', '\n'], StringSplitOptions.RemoveEmptyEntries));
}

using System.Text.Encodings.Web;
using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Puts alerts into the outbox, always inside the transaction of the change that causes them: none is lost, none is invented.</summary>
internal static class AlertOutbox
{
    private static readonly JsonSerializerOptions DataJson = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Adds one alert.</summary>
    /// <param name="db">The unit of work that makes the change.</param>
    /// <param name="tenantId">The tenant concerned; null for the whole server.</param>
    /// <param name="topic">What it is about.</param>
    /// <param name="phase">Where the trouble stands.</param>
    /// <param name="text">What happened. Never a prompt, a reply, an error that may quote one, or a secret.</param>
    /// <param name="data">Particulars for programs; serialized as a JSON object.</param>
    public static Task AlertAsync(this DbWork db, long? tenantId, AlertTopic topic, AlertPhase phase, string text, object? data = null) =>
        db.ExecuteAsync(SqlQuery.AddAlert, new
        {
            TenantId = tenantId,
            Topic = StoredWord.Of(topic),
            Phase = StoredWord.Of(phase),
            Text = text,
            Data = data is null ? null : JsonSerializer.Serialize(data, DataJson),
        });

    /// <summary>Tells of a run that failed for good: in the tenant's alert that still waits to be sent, or in a new one.</summary>
    public static async Task AlertOfFailureAsync(this DbWork db, long tenantId, long runId, long versionId, int attempt)
    {
        var text = $"Run {runId} of version {versionId} failed for good in attempt {attempt}; the run says why.";
        var joined = await db.ExecuteAsync(SqlQuery.JoinAlert, new { TenantId = tenantId, Topic = StoredWord.Of(AlertTopic.Failure), Text = text });
        if (joined < 1)
            await db.AlertAsync(tenantId, AlertTopic.Failure, AlertPhase.Raised, text);
    }
}

using System.Text.Encodings.Web;
using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Puts alerts into the outbox, always inside the transaction of the change that causes them, so none is lost and none is sent without its cause.</summary>
internal static class AlertOutbox
{
    private static readonly JsonSerializerOptions DataJson = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Adds one alert.</summary>
    /// <param name="db">The unit of work that makes the change.</param>
    /// <param name="alert">What a rule asks for.</param>
    public static Task AlertAsync(this DbWork db, AlertDraft alert) =>
        db.ExecuteAsync(SqlQuery.AddAlert, new
        {
            alert.TenantId,
            Topic = StoredWord.Of(alert.Topic),
            Phase = StoredWord.Of(alert.Phase),
            alert.Text,
            Data = alert.Data is null ? null : JsonSerializer.Serialize(alert.Data, DataJson),
        });

    /// <summary>Adds those of the alerts whose topic some channel wants; see <see cref="EvaluationDatabase.Notified"/>.</summary>
    public static async Task AlertWhereWantedAsync(this DbWork db, IEnumerable<AlertDraft> alerts)
    {
        foreach (var alert in alerts.Where(alert => db.Notified.Contains(alert.Topic)))
            await db.AlertAsync(alert);
    }

    /// <summary>Adds an event to the tenant's alert of this topic that still waits to be sent, or to a new alert.</summary>
    public static async Task AlertOrJoinAsync(this DbWork db, AlertDraft alert)
    {
        if (await db.ExecuteAsync(SqlQuery.JoinAlert, new { alert.TenantId, Topic = StoredWord.Of(alert.Topic), alert.Text }) < 1)
            await db.AlertAsync(alert);
    }
}

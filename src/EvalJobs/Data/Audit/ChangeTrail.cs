using System.Text.Encodings.Web;
using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Writes the audit trail, always inside the transaction of the change.</summary>
internal static class ChangeTrail
{
    private static readonly JsonSerializerOptions PayloadJson = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="db">The unit of work that makes the change.</param>
    /// <param name="tenantId">The tenant concerned; null for the whole server.</param>
    /// <param name="type">See <see cref="ChangeType"/>.</param>
    /// <param name="entity">The kind of thing changed: the name of its record.</param>
    /// <param name="id">Its identity.</param>
    /// <param name="actor">Who did it.</param>
    /// <param name="payload">The details; serialized as a JSON object. Never a secret, prompt or reply.</param>
    public static Task RecordAsync(this DbWork db, long? tenantId, string type, string entity, long id, string actor, object payload) =>
        db.ExecuteAsync(SqlQuery.AddChangeRecord, new
        {
            TenantId = tenantId,
            Type = type,
            TargetEntity = entity,
            TargetId = id,
            Actor = actor,
            Payload = JsonSerializer.Serialize(payload, PayloadJson),
        });
}

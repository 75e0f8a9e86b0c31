using System.Text.Json;
using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Api;

/// <summary><c>/audit</c>: who changed what, and when.</summary>
internal static class AuditEndpoints
{
    public static void MapAudit(this IEndpointRouteBuilder api)
    {
        api.MapGet("/audit", ListAsync).Reads<Page<AuditView>>("listAudit", "List who changed what, newest first").WithMetadata(ApiExport.Records.Offers);
    }

    private static async Task<IResult> ListAsync(
        ApiCall call, ChangeRecordRepository changes, DataExporter exporter, string? tenant, string? entity, long? entityId, string? actor, string? format, string? cursor, int? limit)
    {
        if (entityId is not null && entity is null)
            throw new InvalidInputException("entityId: it needs 'entity', such as entity=EvaluationRun.");
        var count = ApiCall.Limit(limit);
        var filter = new AuditFilter { TenantIds = await call.ScopeAsync(tenant), TargetEntity = entity, TargetId = entityId, Actor = actor, BeforeId = ApiCall.Before(cursor) };
        return ApiExport.Records.Choose(call, format) is { } chosen
            ? ApiExport.Stream(chosen, (target, aborted) => exporter.ExportAuditAsync(filter, chosen, target, aborted))
            : TypedResults.Ok(call.PageOf(await changes.ListAsync(filter, count, call.Aborted), count, AuditView.Of, record => record.Id));
    }
}

/// <summary>One line of the audit trail.</summary>
internal sealed record AuditView
{
    /// <summary>Its id; later records have higher ids.</summary>
    public required long Id { get; init; }

    /// <summary>What happened, such as RUN_CREATED.</summary>
    public required string Type { get; init; }

    /// <summary>The kind of entity changed, such as EvaluationRun.</summary>
    public required string Entity { get; init; }

    /// <summary>Its id.</summary>
    public required long EntityId { get; init; }

    /// <summary>Who did it: web:alice, key:ci-main, cli:bob or system.</summary>
    public required string Actor { get; init; }

    /// <summary>The details.</summary>
    public required JsonElement Payload { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    public static AuditView Of(ChangeRecord record) => new()
    {
        Id = record.Id,
        Type = record.Type,
        Entity = record.TargetEntity,
        EntityId = record.TargetId,
        Actor = record.Actor,
        Payload = JsonElement.Parse(record.Payload),
        At = record.At,
    };
}

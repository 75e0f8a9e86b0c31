using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Server.Web;

namespace EvalJobs.Server.Api;

/// <summary><c>/tenants</c>: all callers read the tenants that they may see; callers who may see every tenant change them.</summary>
internal static class TenantEndpoints
{
    public static void MapTenants(this IEndpointRouteBuilder api)
    {
        api.MapGet("/tenants", ListAsync).Reads<Page<TenantView>>("listTenants", "List the tenants the caller may see, by slug");
        api.MapPost("/tenants", CreateAsync).Writes<TenantView>("addTenant", "Add a tenant", StatusCodes.Status201Created).OfEveryTenant().TakesBody();
        api.MapGet("/tenants/{tenant}", GetAsync).Reads<TenantView>("getTenant", "Read a tenant").HasTag();
        api.MapDelete("/tenants/{tenant}", DeleteAsync).Writes("deleteTenant", "Delete a tenant and all its data permanently; its audit trail stays").OfEveryTenant();
        api.MapPut("/tenants/{tenant}/limits", SetLimitsAsync).Writes<TenantView>("setTenantLimits", "Set all limits of a tenant").OfEveryTenant().TakesBody().HasTag();
        api.MapPost("/tenants/{tenant}/pause", (ApiCall call, string tenant, PauseTenant pause) => SetPausedAsync(call, tenant, pause, true)).Writes("pauseTenant", "Pause a tenant: its pending runs wait").HasTag();
        api.MapPost("/tenants/{tenant}/resume", (ApiCall call, string tenant, PauseTenant pause) => SetPausedAsync(call, tenant, pause, false)).Writes("resumeTenant", "Resume a tenant: its runs are worked again").HasTag();
        api.MapPost("/tenants/{tenant}/process", ProcessAsync).Writes("processTenant", "Queue a batch of a tenant now instead of at the next tick", StatusCodes.Status202Accepted);
    }

    private static async Task<Page<TenantView>> ListAsync(ApiCall call, TenantRepository tenants, string? cursor, int? limit)
    {
        var count = ApiCall.Limit(limit);
        if (cursor is not null && !Tenant.IsSlug(cursor))
            throw new InvalidInputException("cursor: expected the value of 'next' from the previous page.");
        if (call.Viewer.Tenants is not { } slugs)
            return call.PageOf(await tenants.ListAsync(cursor ?? "", count, call.Aborted), count, TenantView.Of, tenant => tenant.Slug);

        // A session may name a tenant that was deleted or does not exist yet.
        var own = new List<Tenant>();
        foreach (var slug in slugs.Order(StringComparer.Ordinal).Where(slug => string.CompareOrdinal(slug, cursor) > 0))
        {
            if (own.Count < count && await call.TryFindTenantAsync(slug) is { } found)
                own.Add(found);
        }

        return call.PageOf(own, count, TenantView.Of, tenant => tenant.Slug);
    }

    private static async Task<IResult> GetAsync(ApiCall call, string tenant)
    {
        var found = await call.TenantAsync(tenant);
        return call.Tagged(TenantView.Of(found), EntityTag.Of(found));
    }

    private static Task<IResult> CreateAsync(ApiCall call, ApiBody<NewTenant> body, AddTenant addTenant)
    {
        var requested = body.Value;
        return call.ExecuteAsync<Tenant>(
            body.Hash, null,
            () => addTenant.ExecuteAsync(requested.Slug, requested.Name, new TenantLimits(requested.BatchLimit, requested.PendingWarningThreshold, requested.WorkerPool), call.Actor, call.Aborted),
            tenant => new OperationAnswer(StatusCodes.Status201Created, ApiJson.Text(TenantView.Of(tenant)))
            {
                Location = $"{ApiPaths.V1}/tenants/{tenant.Slug}",
                Tag = EntityTag.Of(tenant),
                TenantId = tenant.Id,
            });
    }

    private static async Task<IResult> DeleteAsync(ApiCall call, string tenant, DeleteTenant deleteTenant, EvalJobs.Server.Access.ApiKeyDirectory keys)
    {
        var found = await call.TenantAsync(tenant);
        await deleteTenant.ExecuteAsync(found.Id, call.Actor, null, call.Aborted);
        keys.Invalidate();
        return TypedResults.NoContent();
    }

    private static async Task<IResult> SetLimitsAsync(ApiCall call, string tenant, ApiBody<NewLimits> body, SetTenantLimits setLimits, TenantRepository tenants)
    {
        var found = await call.TenantAsync(tenant);
        var requested = new TenantLimits(body.Value.BatchLimit, body.Value.PendingWarningThreshold, body.Value.WorkerPool);
        await call.ExecuteAsync<bool>(
            body.Hash, Condition(call, found), () => setLimits.ExecuteAsync(found.Id, _ => requested, call.Actor, call.Aborted),
            _ => new OperationAnswer(StatusCodes.Status200OK, null));
        var now = await tenants.GetAsync(found.Id, call.Aborted);
        return call.Tagged(TenantView.Of(now), EntityTag.Of(now));
    }

    private static async Task<IResult> SetPausedAsync(ApiCall call, string tenant, PauseTenant pause, bool isPaused)
    {
        var found = await call.TenantAsync(tenant);
        return await call.ExecuteAsync<bool>(
            NoBody.Hash, Condition(call, found), () => pause.ExecuteAsync(found.Id, isPaused, call.Actor, call.Aborted),
            _ => new OperationAnswer(StatusCodes.Status204NoContent, null) { TenantId = found.Id });
    }

    private static async Task<IResult> ProcessAsync(ApiCall call, string tenant, ProcessTenant process)
    {
        var found = await call.TenantAsync(tenant);
        return await call.ExecuteInStepsAsync(NoBody.Hash, async () =>
        {
            await process.ExecuteAsync(found.Id, call.Actor, call.Aborted);
            return new OperationAnswer(StatusCodes.Status202Accepted, null) { TenantId = found.Id };
        });
    }

    private static WriteCondition? Condition(ApiCall call, Tenant tenant) =>
        call.IfMatch is { } isExpected ? WriteCondition.Tenant(tenant.Id, now => isExpected(EntityTag.Of(now))) : null;
}

/// <summary>A tenant.</summary>
internal sealed record TenantView
{
    /// <summary>The short name, used in addresses.</summary>
    public required string Slug { get; init; }

    /// <summary>Its name for people.</summary>
    public required string Name { get; init; }

    /// <summary>Whether its pending runs wait until it is resumed.</summary>
    public required bool IsPaused { get; init; }

    /// <summary>Runs per batch; null means the server's limit.</summary>
    public int? BatchLimit { get; init; }

    /// <summary>Pending runs above which it is in WARNING; null means the server's threshold.</summary>
    public int? PendingWarningThreshold { get; init; }

    /// <summary>The worker pool of the tenant; null means the common pool.</summary>
    public string? WorkerPool { get; init; }

    /// <summary>When it was added, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    public static TenantView Of(Tenant tenant) => new()
    {
        Slug = tenant.Slug,
        Name = tenant.Name,
        IsPaused = tenant.IsPaused,
        BatchLimit = tenant.BatchLimit,
        PendingWarningThreshold = tenant.PendingWarningThreshold,
        WorkerPool = tenant.WorkerPool,
        CreatedAt = tenant.CreatedAt,
    };
}

/// <summary>A tenant to add.</summary>
internal sealed record NewTenant
{
    /// <summary>Unique: 1 to 63 of a-z, 0-9 and -.</summary>
    public required string Slug { get; init; }

    /// <summary>Name for people, 1 to 200 characters; if omitted, the slug.</summary>
    public string? Name { get; init; }

    /// <summary>Runs per batch; if omitted, the server's limit.</summary>
    public int? BatchLimit { get; init; }

    /// <summary>Pending runs above which it is in WARNING; if omitted, the server's threshold.</summary>
    public int? PendingWarningThreshold { get; init; }

    /// <summary>The worker pool of the tenant; if omitted, the common pool.</summary>
    public string? WorkerPool { get; init; }
}

/// <summary>All limits of a tenant. Where a field is null or omitted, the server's limit applies.</summary>
internal sealed record NewLimits
{
    /// <summary>Runs per batch.</summary>
    public int? BatchLimit { get; init; }

    /// <summary>Pending runs above which it is in WARNING.</summary>
    public int? PendingWarningThreshold { get; init; }

    /// <summary>The worker pool of the tenant.</summary>
    public string? WorkerPool { get; init; }
}

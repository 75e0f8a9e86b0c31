using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Server.Access;
using EvalJobs.Server.Web;

namespace EvalJobs.Server.Api;

/// <summary><c>/keys</c>: for callers who may create keys of every role.</summary>
internal static class KeyEndpoints
{
    public static void MapKeys(this IEndpointRouteBuilder api)
    {
        api.MapGet("/keys", ListAsync).Reads<Page<KeyView>>("listKeys", "List the keys of programs, newest first").OfKeyManagers();
        api.MapPost("/keys", CreateAsync).Writes<KeyView>("createKey", "Create a key, which only this answer shows", StatusCodes.Status201Created).OfKeyManagers().TakesBody();
        api.MapGet("/keys/{id:long}", GetAsync).Reads<KeyView>("getKey", "Read a key").OfKeyManagers();
        api.MapDelete("/keys/{id:long}", RevokeAsync).Writes("revokeKey", "Revoke a key permanently").OfKeyManagers();
    }

    private static async Task<Page<KeyView>> ListAsync(ApiCall call, ApiKeyRepository keys, string? tenant, string? cursor, int? limit)
    {
        var count = ApiCall.Limit(limit);
        var owner = await call.FindTenantAsync(tenant);
        return call.PageOf(await keys.ListAsync(owner?.Id, ApiCall.Before(cursor), count, call.Aborted), count, key => KeyView.Of(key), key => key.Id);
    }

    private static async Task<KeyView> GetAsync(ApiCall call, long id, ApiKeyRepository keys) => KeyView.Of(await keys.GetAsync(id, call.Aborted));

    private static async Task<IResult> CreateAsync(ApiCall call, ApiBody<NewKey> body, CreateApiKey createKey)
    {
        var requested = body.Value;
        var owner = await call.FindTenantAsync(requested.Tenant);
        var key = new NewApiKey { Name = requested.Name, TenantId = owner?.Id, Role = requested.Role, Days = requested.Days };
        var secret = ApiKeySecret.Create();

        // The secret is shown only once. It is not stored, and a repeated request does not return it.
        return await call.ExecuteAsync<ApiKey>(
            body.Hash, null, () => createKey.ExecuteAsync(key, secret, call.Actor, call.Aborted),
            created => new OperationAnswer(StatusCodes.Status201Created, ApiJson.Text(KeyView.Of(created, secret.Text)))
            {
                StoredBody = ApiJson.Text(KeyView.Of(created)),
                Location = $"{ApiPaths.V1}/keys/{created.Id}",
                TenantId = created.TenantId,
            });
    }

    private static async Task<IResult> RevokeAsync(ApiCall call, long id, RevokeApiKey revokeKey, ApiKeyDirectory directory)
    {
        await revokeKey.ExecuteAsync(id, call.Actor, call.Aborted);
        directory.Invalidate();
        return TypedResults.NoContent();
    }
}

/// <summary>An API key.</summary>
internal sealed record KeyView
{
    /// <summary>The key's id.</summary>
    public required long Id { get; init; }

    /// <summary>Its name for people.</summary>
    public required string Name { get; init; }

    /// <summary>The slug of the only tenant it gives access to; null for an admin key.</summary>
    public string? Tenant { get; init; }

    /// <summary>What it may do.</summary>
    public required ApiKeyRole Role { get; init; }

    /// <summary>Its first characters.</summary>
    public required string Hint { get; init; }

    /// <summary>Whether it is accepted now.</summary>
    public required bool IsUsable { get; init; }

    /// <summary>When it was created, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Who created it.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>When it expires, UTC.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>When it was revoked, UTC; null when it was not.</summary>
    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>When it was last used, UTC, to within two minutes.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>The key itself, only in the answer that created it; otherwise null.</summary>
    public string? Key { get; init; }

    /// <summary>Shows nothing: so that a key is never logged by accident.</summary>
    public override string ToString() => nameof(KeyView);

    public static KeyView Of(ApiKey key, string? secret = null) => new()
    {
        Id = key.Id,
        Name = key.Name,
        Tenant = key.TenantSlug,
        Role = key.Role,
        Hint = key.Hint,
        IsUsable = key.IsUsable,
        CreatedAt = key.CreatedAt,
        CreatedBy = key.CreatedBy,
        ExpiresAt = key.ExpiresAt,
        RevokedAt = key.RevokedAt,
        LastUsedAt = key.LastUsedAt,
        Key = secret,
    };
}

/// <summary>A key to create.</summary>
internal sealed record NewKey
{
    /// <summary>Unique among keys that are not revoked: 1 to 64 letters, digits and . _ @ -.</summary>
    public required string Name { get; init; }

    /// <summary>The slug of the only tenant it gives access to; omitted for ADMIN.</summary>
    public string? Tenant { get; init; }

    /// <summary>What it may do.</summary>
    public required ApiKeyRole Role { get; init; }

    /// <summary>How long it is valid, 1 to 3650 days. Default 365.</summary>
    public int Days { get; init; } = ApiKey.DefaultDays;
}

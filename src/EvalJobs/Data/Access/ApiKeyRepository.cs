using System.Data.Common;
using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Stores the keys of the HTTP API. Creating and revoking leave an audit record; no secret is stored.</summary>
internal sealed class ApiKeyRepository(EvaluationDatabase database)
{
    /// <summary>Adds a key.</summary>
    /// <param name="key">What it is.</param>
    /// <param name="secret">Only its hash and its hint are stored.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Adds nothing when cancelled.</param>
    /// <exception cref="ConflictException">A key that is not revoked has this name, or the tenant has just been deleted.</exception>
    public async Task<ApiKey> AddAsync(NewApiKey key, ApiKeySecret secret, string actor, CancellationToken cancellationToken)
    {
        try
        {
            return await database.WriteAsync(async db =>
            {
                var id = await db.QuerySingleAsync<long>(SqlQuery.AddApiKey, new
                {
                    key.Name,
                    key.TenantId,
                    Role = StoredWord.Of(key.Role),
                    secret.Hint,
                    SecretHash = secret.Hash,
                    Actor = actor,
                    key.Days,
                });
                var added = await db.QuerySingleAsync<ApiKey>(SqlQuery.GetApiKey, new { KeyId = id });
                await db.RecordAsync(
                    key.TenantId, ChangeType.KeyCreated, nameof(ApiKey), id, actor, new { added.Name, role = StoredWord.Of(added.Role), added.Hint, added.ExpiresAt });
                return added;
            }, cancellationToken);
        }
        catch (DbException error) when (error.IsUniqueViolation())
        {
            throw new ConflictException($"name: there is a key '{key.Name}' already; revoke it first, or choose another name.");
        }
        catch (DbException error) when (error.IsForeignKeyViolation())
        {
            throw new ConflictException("The tenant has just been deleted; no key was created.");
        }
    }

    /// <exception cref="NotFoundException">No such key.</exception>
    public async Task<ApiKey> GetAsync(long keyId, CancellationToken cancellationToken) =>
        await database.QuerySingleOrDefaultAsync<ApiKey>(SqlQuery.GetApiKey, new { KeyId = keyId }, cancellationToken)
        ?? throw new NotFoundException($"There is no key {keyId}.");

    /// <returns>The key of this secret, even if it expired or was revoked; null when there is none.</returns>
    public Task<ApiKey?> FindAsync(ApiKeySecret secret, CancellationToken cancellationToken) =>
        database.QuerySingleOrDefaultAsync<ApiKey>(SqlQuery.FindApiKey, new { SecretHash = secret.Hash }, cancellationToken);

    /// <returns>A page of keys, newest first; empty after the last.</returns>
    /// <param name="tenantId">Of this tenant; null means all keys.</param>
    /// <param name="beforeId">The last id of the previous page; <see cref="long.MaxValue"/> for the first page.</param>
    /// <param name="limit">Keys at most.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<IReadOnlyList<ApiKey>> ListAsync(long? tenantId, long beforeId, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<ApiKey>(SqlQuery.ListApiKeys, new { TenantId = tenantId, BeforeId = beforeId, Limit = limit }, cancellationToken);

    /// <summary>Revokes a key permanently.</summary>
    /// <exception cref="NotFoundException">No such key.</exception>
    /// <exception cref="ConflictException">It is revoked already.</exception>
    public async Task<ApiKey> RevokeAsync(long keyId, string actor, CancellationToken cancellationToken)
    {
        var before = await GetAsync(keyId, cancellationToken);
        return await database.WriteAsync(async db =>
        {
            if (!await db.ExecuteOneAsync(SqlQuery.RevokeApiKey, new { KeyId = keyId, Actor = actor }))
                throw new ConflictException($"The key '{before.Name}' is revoked already.");
            await db.RecordAsync(before.TenantId, ChangeType.KeyRevoked, nameof(ApiKey), keyId, actor, new { before.Name });
            return await db.QuerySingleAsync<ApiKey>(SqlQuery.GetApiKey, new { KeyId = keyId });
        }, cancellationToken);
    }

    /// <summary>Records that these keys were just used. Unknown ones are ignored.</summary>
    public Task RecordUseAsync(IReadOnlyCollection<long> keyIds, CancellationToken cancellationToken) =>
        database.WriteBookkeepingAsync(
            db => db.ExecuteAsync(SqlQuery.RecordApiKeyUse, new { KeyIds = JsonSerializer.Serialize(keyIds) }), cancellationToken);
}

/// <summary>An API key to create.</summary>
internal sealed record NewApiKey
{
    /// <summary>See <see cref="ApiKey.Name"/>.</summary>
    public required string Name { get; init; }

    /// <summary>The only tenant it gives access to; null for an admin key.</summary>
    public long? TenantId { get; init; }

    /// <summary>What it may do; <see cref="ApiKeyRole.Admin"/> exactly when there is no tenant.</summary>
    public required ApiKeyRole Role { get; init; }

    /// <summary>How long it is valid, in days: 1 to <see cref="ApiKey.MaxDays"/>.</summary>
    public int Days { get; init; } = ApiKey.DefaultDays;
}

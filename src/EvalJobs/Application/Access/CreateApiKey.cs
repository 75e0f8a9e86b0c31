using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Application;

/// <summary>Creates a key for the HTTP API. Its secret is returned once and never again.</summary>
internal sealed class CreateApiKey(ApiKeyRepository keys)
{
    /// <param name="key">The key to create.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Creates nothing when cancelled.</param>
    /// <exception cref="InvalidInputException">The name or the days are not acceptable, or role and tenant do not go together.</exception>
    /// <exception cref="ConflictException">A key that is not revoked has this name.</exception>
    public Task<CreatedApiKey> ExecuteAsync(NewApiKey key, string actor, CancellationToken cancellationToken) =>
        ExecuteAsync(key, ApiKeySecret.Create(), actor, cancellationToken);

    /// <param name="key">The key to create.</param>
    /// <param name="secret">A secret that was never used before.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Creates nothing when cancelled.</param>
    /// <inheritdoc cref="ExecuteAsync(NewApiKey, string, CancellationToken)" path="/exception"/>
    public async Task<CreatedApiKey> ExecuteAsync(NewApiKey key, ApiKeySecret secret, string actor, CancellationToken cancellationToken)
    {
        if (ApiKey.NameError(key.Name) is { } error)
            throw new InvalidInputException(error);
        if (key.Days is < 1 or > ApiKey.MaxDays)
            throw new InvalidInputException($"days: expected 1 to {ApiKey.MaxDays}; without it a key is valid for {ApiKey.DefaultDays} days.");
        if ((key.Role == ApiKeyRole.Admin) != (key.TenantId is null))
        {
            throw new InvalidInputException(key.TenantId is null
                ? "tenant: a key with this role is of one tenant; name it, or ask for the role ADMIN."
                : "tenant: an ADMIN key is of every tenant; leave the tenant out, or choose another role.");
        }

        return new CreatedApiKey(await keys.AddAsync(key, secret, actor, cancellationToken), secret);
    }
}

/// <summary>A new key with its secret.</summary>
/// <param name="Key">What is stored.</param>
/// <param name="Secret">What its holder needs; not stored anywhere.</param>
internal sealed record CreatedApiKey(ApiKey Key, ApiKeySecret Secret);

using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Application;

/// <summary>Revokes a key of the HTTP API permanently: immediately on the server that does it, within seconds on others.</summary>
internal sealed class RevokeApiKey(ApiKeyRepository keys)
{
    /// <param name="keyId">The key.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Changes nothing when cancelled.</param>
    /// <exception cref="NotFoundException">There is no such key.</exception>
    /// <exception cref="ConflictException">It is revoked already.</exception>
    public Task<ApiKey> ExecuteAsync(long keyId, string actor, CancellationToken cancellationToken) => keys.RevokeAsync(keyId, actor, cancellationToken);
}

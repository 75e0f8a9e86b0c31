using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Application;

/// <summary>Stores the next revision of a promotion policy, of a tenant or of one of its agents.</summary>
internal sealed class SetPolicy(PromotionRepository promotion)
{
    /// <param name="tenantId">The tenant.</param>
    /// <param name="agentName">The agent it is for; empty for all of the tenant's agents.</param>
    /// <param name="json">The document; see <see cref="PromotionPolicy"/>.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Stores nothing when cancelled.</param>
    /// <returns>The revision stored. Versions that are in TESTING already keep their stored requirements.</returns>
    /// <exception cref="InvalidInputException">A field of the document or the agent's name is wrong; the message names it.</exception>
    /// <exception cref="ConflictException">The document names something that the tenant does not have.</exception>
    public Task<StoredPolicy> ExecuteAsync(long tenantId, string agentName, string json, string actor, CancellationToken cancellationToken) =>
        ExecuteAsync(tenantId, agentName, json, null, actor, cancellationToken);

    /// <inheritdoc cref="ExecuteAsync(long, string, string, string, CancellationToken)"/>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="agentName">The agent it is for; empty for all of the tenant's agents.</param>
    /// <param name="json">The document; see <see cref="PromotionPolicy"/>.</param>
    /// <param name="basedOn">The revision the document was made from, 0 for the first; null stores it even if another revision was stored since.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Stores nothing when cancelled.</param>
    /// <exception cref="PolicyOvertakenException">There is a later revision than <paramref name="basedOn"/>.</exception>
    public Task<StoredPolicy> ExecuteAsync(long tenantId, string agentName, string json, int? basedOn, string actor, CancellationToken cancellationToken) =>
        agentName.Length > 200 || agentName.Trim() != agentName || agentName.Any(char.IsControl)
            ? throw new InvalidInputException("agent: expected at most 200 characters, without white space at its ends or control characters.") { Field = "agent" }
            : promotion.SetPolicyAsync(tenantId, agentName, json, basedOn, actor, cancellationToken);
}

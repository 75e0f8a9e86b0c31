using System.Data.Common;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Policies, what is required of versions, and what the evidence says. Every change leaves an audit record.</summary>
internal sealed class PromotionRepository(EvaluationDatabase database)
{
    /// <summary>The longest reason for declaring a run void, in characters.</summary>
    public const int MaxReasonLength = 1000;

    /// <summary>Stores the next revision of a policy. Versions that are in TESTING already keep their stored requirements.</summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="agentName">The agent it is for; empty for all of the tenant's agents.</param>
    /// <param name="json">The document; see <see cref="PromotionPolicy"/>.</param>
    /// <param name="basedOn">The revision the document was made from, 0 for the first; null stores it even if another revision was stored since.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Stores nothing when cancelled.</param>
    /// <exception cref="InvalidInputException">A field of the document is wrong; the message names it.</exception>
    /// <exception cref="PolicyOvertakenException">There is a later revision than <paramref name="basedOn"/>.</exception>
    /// <exception cref="ConflictException">It names a suite, tag, case or version the tenant does not have, or someone else stores a revision at this moment.</exception>
    public async Task<StoredPolicy> SetPolicyAsync(long tenantId, string agentName, string json, int? basedOn, string actor, CancellationToken cancellationToken)
    {
        var policy = PromotionPolicy.Parse(json);
        var document = CanonicalJson.Of(json);
        try
        {
            return await database.WriteAsync(async db =>
            {
                await GateCreation.ResolveAsync(db, tenantId, null, policy);
                var stored = await db.QuerySingleAsync<StoredPolicy>(SqlQuery.AddPolicy, new
                {
                    TenantId = tenantId,
                    AgentName = agentName,
                    Document = document,
                    DocumentHash = Genome.HashOf(document),
                    Actor = actor,
                });

                // After the insert, because the unique index has decided which writer is first.
                if (basedOn is { } revision && stored.Revision != revision + 1)
                    throw new PolicyOvertakenException(stored.Revision - 1);
                await db.RecordAsync(tenantId, ChangeType.PolicySet, nameof(PromotionPolicy), stored.Id, actor, new { stored.AgentName, stored.Revision, stored.DocumentHash });
                return stored;
            }, cancellationToken);
        }
        catch (DbException error) when (error.IsUniqueViolation())
        {
            throw new PolicyOvertakenException(null);
        }
    }

    /// <returns>The policy that applies to an agent: its own, else the tenant's; null when there is none.</returns>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="agentName">The agent; empty asks for the tenant's own policy.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<StoredPolicy?> FindPolicyAsync(long tenantId, string agentName, CancellationToken cancellationToken) =>
        database.QuerySingleOrDefaultAsync<StoredPolicy>(SqlQuery.FindPolicy, new { TenantId = tenantId, AgentName = agentName }, cancellationToken);

    /// <returns>The revision of a policy that a round is based on.</returns>
    /// <exception cref="NotFoundException">There is no such policy.</exception>
    public async Task<StoredPolicy> GetPolicyAsync(long policyId, CancellationToken cancellationToken) =>
        await database.QuerySingleOrDefaultAsync<StoredPolicy>(SqlQuery.GetPolicy, new { PolicyId = policyId }, cancellationToken)
        ?? throw new NotFoundException($"There is no policy {policyId}.");

    /// <returns>The newest revisions of exactly this policy, newest first.</returns>
    public Task<IReadOnlyList<StoredPolicy>> ListPoliciesAsync(long tenantId, string agentName, int limit, CancellationToken cancellationToken) =>
        ListPoliciesAsync(tenantId, agentName, int.MaxValue, limit, cancellationToken);

    /// <returns>The current policies of a tenant, by agent; its own policy, without an agent, is first.</returns>
    public Task<IReadOnlyList<StoredPolicy>> ListPresentPoliciesAsync(long tenantId, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<StoredPolicy>(SqlQuery.ListPresentPolicies, new { TenantId = tenantId, Limit = limit }, cancellationToken);

    /// <returns>The revisions of exactly this policy before one, newest first.</returns>
    public Task<IReadOnlyList<StoredPolicy>> ListPoliciesAsync(long tenantId, string agentName, int beforeRevision, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<StoredPolicy>(SqlQuery.ListPolicies, new { TenantId = tenantId, AgentName = agentName, BeforeRevision = beforeRevision, Limit = limit }, cancellationToken);

    /// <returns>What the evidence says of a version now; null when nothing is required of it.</returns>
    /// <remarks>Reads in one transaction, and adds the missing looks of older runs if the database can be written.</remarks>
    public Task<VersionStanding?> FindStandingAsync(long versionId, CancellationToken cancellationToken) =>
        database.IsReadOnly ? ReadStandingAsync(versionId, cancellationToken) : database.WriteAsync(async db =>
        {
            await LockVersionAsync(db, versionId);
            return await GateEvidence.RefreshAsync(db, versionId);
        }, cancellationToken);

    /// <returns>The same for display: nothing is stored, and runs without a look are left out.</returns>
    public Task<VersionStanding?> ReadStandingAsync(long versionId, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async db => await GateEvidence.FindGateAsync(db, versionId) is { } gate ? await GateEvidence.ReadAsync(db, gate) : null, cancellationToken);

    /// <param name="run">The run.</param>
    /// <param name="isVoid">Whether it was declared void.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>Whether the suite revision of a run is required of its version, and the run's look; null when the run is neither required nor void.</returns>
    /// <remarks>For display; reads no other evidence of the version.</remarks>
    public Task<(bool IsRequired, Look? Look)> ReadEvidenceAsync(EvaluationRun run, bool isVoid, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async db =>
            {
                var isRequired = await GateEvidence.FindGateAsync(db, run.VersionId) is { } gate && gate.Requirements.Any(requirement => GateEvidence.IsOf(run, requirement));
                return (isRequired, isRequired || isVoid ? await db.QuerySingleOrDefaultAsync<Look>(SqlQuery.GetLook, new { RunId = run.Id }) : null);
            },
            cancellationToken);

    /// <summary>Stores the requirements of a version in TESTING again, by the policy and the suites as they are now, and starts the runs that are missing.</summary>
    /// <returns>The standing, and the runs created.</returns>
    /// <exception cref="NotFoundException">There is no such version.</exception>
    /// <exception cref="ConflictException">The version is not in TESTING, or the policy cannot be applied to it.</exception>
    /// <remarks>Runs of a suite revision that is required again still count, so that requiring it again does not remove a bad look.</remarks>
    public Task<(VersionStanding Standing, IReadOnlyList<EvaluationRun> Runs)> RequireAgainAsync(long versionId, string actor, CancellationToken cancellationToken) =>
        RunCreation.OneLiveRunAsync(() => database.WriteAsync(async db =>
        {
            var version = await LockVersionAsync(db, versionId);
            if (version.LifecycleState != LifecycleState.Testing)
                throw new ConflictException($"Version {versionId} is {StoredWord.Of(version.LifecycleState)}; requirements are stored for a version in TESTING only.");

            var gate = await GateCreation.WriteAsync(db, version, null, "required again", actor);
            var runs = await RunCreation.CreateRequiredAsync(db, version, gate, 0, actor);
            return ((await GateEvidence.RefreshAsync(db, versionId))!, runs);
        }, cancellationToken));

    /// <summary>Declares a completed run void as evidence. It is always shown with the standing, with the person and the reason.</summary>
    /// <returns>The standing of its version; null when nothing is required of it.</returns>
    /// <exception cref="InvalidInputException">There is no reason, or a longer one than <see cref="MaxReasonLength"/> characters.</exception>
    /// <exception cref="NotFoundException">There is no such run.</exception>
    /// <exception cref="ConflictException">The run did not complete, or is void already.</exception>
    public async Task<VersionStanding?> VoidAsync(long runId, string reason, string actor, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(reason) || reason.Trim().Length > MaxReasonLength)
            throw new InvalidInputException($"reason: declaring a run void needs a reason of 1 to {MaxReasonLength} characters, such as \"the endpoint answered with another model\".");

        return await database.WriteAsync(async db =>
        {
            var (versionId, suiteId, suiteRevision) = await FindVersionOfAsync(db, runId);
            var (found, followers) = await VersionLocks.LockWithFollowersAsync(db, versionId, suiteId, suiteRevision);
            var version = found ?? throw new NotFoundException($"There is no run {runId}.");
            await GateEvidence.AddMissingLooksAsync(db, versionId, suiteId, suiteRevision);
            if (await db.ExecuteAsync(SqlQuery.VoidLook, new { RunId = runId, Actor = actor, Reason = reason.Trim() }) != 1)
            {
                var look = await db.QuerySingleOrDefaultAsync<Look>(SqlQuery.GetLook, new { RunId = runId });
                throw new ConflictException(look is null
                    ? $"Run {runId} is no evidence: only a COMPLETED run with all its results can be declared void."
                    : $"Run {runId} is void already: {look.VoidedBy} declared it so, with the reason \"{look.VoidReason}\".");
            }

            var standing = await GateEvidence.RefreshAfterRunAsync(db, version);
            await GateEvidence.RefreshFollowersAsync(db, followers);
            await db.RecordAsync(
                version.TenantId, ChangeType.RunVoided, nameof(EvaluationRun), runId, actor,
                new { versionId, reason = reason.Trim(), evalStatus = standing is null ? null : StoredWord.Of(standing.EvalStatus) });
            return standing;
        }, cancellationToken);
    }

    /// <exception cref="NotFoundException">There is no such run.</exception>
    private static async Task<(long VersionId, long SuiteId, int SuiteRevision)> FindVersionOfAsync(DbWork db, long runId)
    {
        if (await db.QueryAsync<EvaluationRun>(SqlQuery.GetRun, new { RunId = runId }) is [var run, ..])
            return (run.VersionId, run.SuiteId, run.SuiteRevision);

        // A purged run is still evidence.
        var look = await db.QuerySingleOrDefaultAsync<Look>(SqlQuery.GetLook, new { RunId = runId })
            ?? throw new NotFoundException($"There is no run {runId}.");
        return (look.VersionId, look.SuiteId, look.SuiteRevision);
    }

    private static async Task<AgentVersion> LockVersionAsync(DbWork db, long versionId) =>
        await db.QuerySingleOrDefaultAsync<AgentVersion>(SqlQuery.LockVersion, new { VersionId = versionId })
        ?? throw new NotFoundException($"There is no agent version {versionId}.");
}

using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>What must still be so when a change is made, checked inside its transaction: of two who saw the same, one wins.</summary>
internal sealed class WriteCondition
{
    private readonly Func<DbWork, Task<bool>> _holds;

    private WriteCondition(Func<DbWork, Task<bool>> holds) => _holds = holds;

    /// <summary>A version is as it was seen.</summary>
    public static WriteCondition Version(long versionId, Func<AgentVersion, bool> isExpected) => new(async db =>
        await db.QuerySingleOrDefaultAsync<AgentVersion>(SqlQuery.LockVersion, new { VersionId = versionId }) is { } version && isExpected(version));

    /// <summary>A tenant is as it was seen.</summary>
    public static WriteCondition Tenant(long tenantId, Func<Tenant, bool> isExpected) => new(async db =>
        await db.QuerySingleOrDefaultAsync<Tenant>(SqlQuery.LockTenantRow, new { TenantId = tenantId }) is { } tenant && isExpected(tenant));

    /// <summary>A run is as it was seen. Its version is locked first, as everywhere: see the order of locks.</summary>
    public static WriteCondition Run(EvaluationRun seen, Func<EvaluationRun, bool> isExpected) => new(async db =>
    {
        await db.QuerySingleOrDefaultAsync<AgentVersion>(SqlQuery.LockVersion, new { seen.VersionId });
        return await db.QueryAsync<EvaluationRun>(SqlQuery.GetRun, new { RunId = seen.Id }) is [var run, ..] && isExpected(run);
    });

    /// <summary>The policy of an agent, or of a tenant, is at this revision; 0 for none.</summary>
    public static WriteCondition Policy(long tenantId, string agentName, Func<int, bool> isExpected) => new(async db =>
    {
        // Two who pass here at once write the same next revision, and the unique index stops the second.
        var policies = await db.QueryAsync<StoredPolicy>(SqlQuery.ListPolicies, new { TenantId = tenantId, AgentName = agentName, BeforeRevision = int.MaxValue, Limit = 1 });
        return isExpected(policies is [var latest, ..] ? latest.Revision : 0);
    });

    /// <exception cref="ConditionException">It is not so any more.</exception>
    public async Task EnsureAsync(DbWork db)
    {
        if (!await _holds(db))
            throw new ConditionException();
    }
}

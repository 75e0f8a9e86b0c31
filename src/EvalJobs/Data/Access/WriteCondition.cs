using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>A condition for a change, checked inside its transaction. If two callers saw the same state, only one of them can change it.</summary>
internal sealed class WriteCondition
{
    private readonly Func<DbWork, Task<bool>> _holds;

    private WriteCondition(Func<DbWork, Task<bool>> holds) => _holds = holds;

    /// <summary>A version is unchanged since it was read.</summary>
    public static WriteCondition Version(long versionId, Func<AgentVersion, bool> isExpected) => new(async db =>
        await db.QuerySingleOrDefaultAsync<AgentVersion>(SqlQuery.LockVersion, new { VersionId = versionId }) is { } version && isExpected(version));

    /// <summary>A tenant is unchanged since it was read.</summary>
    public static WriteCondition Tenant(long tenantId, Func<Tenant, bool> isExpected) => new(async db =>
        await db.QuerySingleOrDefaultAsync<Tenant>(SqlQuery.LockTenantRow, new { TenantId = tenantId }) is { } tenant && isExpected(tenant));

    /// <summary>A run is unchanged since it was read. Its version is locked first; see the order of locks.</summary>
    public static WriteCondition Run(EvaluationRun seen, Func<EvaluationRun, bool> isExpected) => new(async db =>
    {
        await db.QuerySingleOrDefaultAsync<AgentVersion>(SqlQuery.LockVersion, new { seen.VersionId });
        return await db.QueryAsync<EvaluationRun>(SqlQuery.GetRun, new { RunId = seen.Id }) is [var run, ..] && isExpected(run);
    });

    /// <summary>The policy of an agent, or of a tenant, is at this revision; 0 for none.</summary>
    public static WriteCondition Policy(long tenantId, string agentName, Func<int, bool> isExpected) => new(async db =>
    {
        // If two callers pass here at once, both write the same next revision, and the unique index stops the second.
        var policies = await db.QueryAsync<StoredPolicy>(SqlQuery.ListPolicies, new { TenantId = tenantId, AgentName = agentName, BeforeRevision = int.MaxValue, Limit = 1 });
        return isExpected(policies is [var latest, ..] ? latest.Revision : 0);
    });

    /// <exception cref="ConditionException">It has changed.</exception>
    public async Task EnsureAsync(DbWork db)
    {
        if (!await _holds(db))
            throw new ConditionException();
    }
}

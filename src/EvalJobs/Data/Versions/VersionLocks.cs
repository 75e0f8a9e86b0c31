using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Locks several versions until the transaction ends, always in ascending order of id, so that two transactions cannot deadlock.</summary>
internal static class VersionLocks
{
    /// <summary>The number of versions, the newest ones, that are updated in the transaction that changes the evidence of their baseline. Others are updated when they are read or promoted.</summary>
    public const int MaxFollowers = 100;

    /// <summary>Locks a version and those it is compared with.</summary>
    /// <returns>The version; null when there is none.</returns>
    public static async Task<AgentVersion?> LockWithBaselinesAsync(DbWork db, long versionId)
    {
        var baselines = await db.QueryAsync<long>(SqlQuery.ListBaselines, new { VersionId = versionId });
        return await LockAsync(db, versionId, baselines);
    }

    /// <summary>Locks a version and those that are compared with it on a suite revision.</summary>
    /// <returns>The version, null when there is none; and the others, at most <see cref="MaxFollowers"/>.</returns>
    public static async Task<(AgentVersion? Version, IReadOnlyList<long> Followers)> LockWithFollowersAsync(DbWork db, long versionId, long suiteId, int suiteRevision)
    {
        var followers = await db.QueryAsync<long>(
            SqlQuery.ListFollowers, new { VersionId = versionId, SuiteId = suiteId, SuiteRevision = suiteRevision, Limit = MaxFollowers });
        return (await LockAsync(db, versionId, followers), followers);
    }

    private static async Task<AgentVersion?> LockAsync(DbWork db, long versionId, IEnumerable<long> others)
    {
        AgentVersion? version = null;
        foreach (var id in others.Append(versionId).Distinct().Order())
        {
            var locked = await db.QuerySingleOrDefaultAsync<AgentVersion>(SqlQuery.LockVersion, new { VersionId = id });
            if (id == versionId)
                version = locked;
        }

        return version;
    }
}

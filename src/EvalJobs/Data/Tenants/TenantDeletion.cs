namespace EvalJobs.Data;

/// <summary>One bounded step of deleting a tenant, inside the caller's transaction.</summary>
internal static class TenantDeletion
{
    /// <summary>Rows a step deletes at most: others wait for its locks, and SQL Server locks the whole table at about 5,000.</summary>
    private const int StepRows = 1000;

    /// <summary>Referring rows come before the rows they refer to; otherwise in the order of locks (docs/develop/lock-order.md).</summary>
    private static readonly (SqlQuery Query, Func<TenantRows, int, TenantRows> Add)[] Kinds =
    [
        (SqlQuery.DeleteTenantResults, (rows, count) => rows with { Results = rows.Results + count }),

        // A large run that is being archived or restored has results in the archive while the run itself is live.
        (SqlQuery.DeleteTenantMovedResults, (rows, count) => rows with { ArchivedResults = rows.ArchivedResults + count }),
        (SqlQuery.DeleteTenantRuns, (rows, count) => rows with { Runs = rows.Runs + count }),
        (SqlQuery.DeleteTenantArchivedResults, (rows, count) => rows with { ArchivedResults = rows.ArchivedResults + count }),
        (SqlQuery.DeleteTenantArchivedRuns, (rows, count) => rows with { ArchivedRuns = rows.ArchivedRuns + count }),
        // These are not counted separately: they are deleted with their versions.
        (SqlQuery.DeleteTenantCertificates, (rows, _) => rows),
        (SqlQuery.DeleteTenantRequirements, (rows, _) => rows),
        (SqlQuery.DeleteTenantGates, (rows, _) => rows),
        (SqlQuery.DeleteTenantLooks, (rows, _) => rows),
        (SqlQuery.DeleteTenantVersions, (rows, count) => rows with { Versions = rows.Versions + count }),
        (SqlQuery.DeleteTenantSchedules, (rows, _) => rows),
        (SqlQuery.DeleteTenantCases, (rows, count) => rows with { Cases = rows.Cases + count }),
        (SqlQuery.DeleteTenantSuites, (rows, count) => rows with { Suites = rows.Suites + count }),
        (SqlQuery.DeleteTenantPolicies, (rows, _) => rows),
        (SqlQuery.DeleteTenantBatches, (rows, count) => rows with { Batches = rows.Batches + count }),
        (SqlQuery.DeleteTenantHealth, (rows, _) => rows),
        (SqlQuery.DeleteTenantAlerts, (rows, count) => rows with { Alerts = rows.Alerts + count }),
        (SqlQuery.DeleteTenantApiKeys, (rows, _) => rows),
        (SqlQuery.DeleteTenantApiAnswers, (rows, _) => rows),
    ];

    /// <summary>Deletes up to a thousand rows, unless some run has not ended.</summary>
    /// <param name="db">The unit of work.</param>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="soFar">What earlier steps deleted.</param>
    /// <returns>What was deleted now, and whether only the tenant itself is left.</returns>
    public static async Task<(TenantRows Rows, bool IsEmpty)> StepAsync(DbWork db, long tenantId, TenantRows soFar)
    {
        if ((await db.QueryAsync<long>(SqlQuery.ListTenantLiveRuns, new { TenantId = tenantId, Limit = 1 })).Count > 0)
            return (soFar, false);

        await db.QueryAsync<long>(SqlQuery.LockTenantVersions, new { TenantId = tenantId, Limit = StepRows });
        await db.QueryAsync<long>(SqlQuery.LockTenantRuns, new { TenantId = tenantId, Limit = StepRows });
        var left = StepRows;
        foreach (var (query, add) in Kinds)
        {
            // Fewer rows than the limit means that none of this kind is left.
            var deleted = await db.ExecuteAsync(query, new { TenantId = tenantId, Limit = left });
            soFar = add(soFar, deleted);
            left -= deleted;
            if (left <= 0)
                return (soFar, false);
        }

        return (soFar, true);
    }
}

/// <summary>The stored rows of a tenant, now or before they were deleted.</summary>
internal sealed record TenantRows
{
    /// <summary>Agent versions.</summary>
    public long Versions { get; init; }

    /// <summary>Evaluation suites.</summary>
    public long Suites { get; init; }

    /// <summary>Test cases of all their revisions.</summary>
    public long Cases { get; init; }

    /// <summary>Runs that are not archived.</summary>
    public long Runs { get; init; }

    /// <summary>Their case results.</summary>
    public long Results { get; init; }

    /// <summary>Archived runs.</summary>
    public long ArchivedRuns { get; init; }

    /// <summary>Their case results.</summary>
    public long ArchivedResults { get; init; }

    /// <summary>Tenant batches.</summary>
    public long Batches { get; init; }

    /// <summary>Alerts, sent or not.</summary>
    public long Alerts { get; init; }
}

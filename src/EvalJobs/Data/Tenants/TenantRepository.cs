using System.Data.Common;
using System.Diagnostics;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Stores tenants. Every change leaves an audit record.</summary>
internal sealed class TenantRepository(EvaluationDatabase database)
{
    /// <summary>Deletion steps in a row that may find new rows of the tenant.</summary>
    private const int MaxDisturbances = 10;

    /// <summary>Runs of a tenant being deleted that are cancelled before the next deletion step checks whether any is left.</summary>
    private const int MaxCancellations = 100;

    /// <summary>Adds a tenant.</summary>
    /// <exception cref="InvalidInputException">The slug or a limit is not acceptable.</exception>
    /// <exception cref="ConflictException">The slug is taken.</exception>
    public async Task<Tenant> AddAsync(string slug, string name, TenantLimits limits, string actor, CancellationToken cancellationToken)
    {
        Tenant.ValidateSlug(slug);
        limits.Validate();
        if (string.IsNullOrWhiteSpace(name) || name.Length > 200)
            throw new InvalidInputException("A tenant's name is 1 to 200 characters.") { Field = "name" };
        if (NameText.Problem(name) is { } problem)
            throw new InvalidInputException($"A tenant's name {problem}.") { Field = "name" };

        try
        {
            return await database.WriteAsync(async db =>
            {
                var tenant = await db.QuerySingleAsync<Tenant>(
                    SqlQuery.AddTenant, new { Slug = slug, Name = name, limits.BatchLimit, limits.PendingWarningThreshold, limits.WorkerPool });
                await db.RecordAsync(tenant.Id, ChangeType.TenantAdded, nameof(Tenant), tenant.Id, actor, new { Slug = slug, Name = name, Limits = limits });
                return tenant;
            }, cancellationToken);
        }
        catch (DbException error) when (error.IsUniqueViolation())
        {
            throw new ConflictException($"The tenant '{slug}' exists already.");
        }
    }

    /// <exception cref="NotFoundException">No such tenant.</exception>
    public async Task<Tenant> GetAsync(long tenantId, CancellationToken cancellationToken) =>
        await database.QuerySingleOrDefaultAsync<Tenant>(SqlQuery.GetTenant, new { TenantId = tenantId }, cancellationToken)
        ?? throw new NotFoundException($"There is no tenant {tenantId}.");

    /// <exception cref="NotFoundException">No such tenant.</exception>
    public async Task<Tenant> FindAsync(string slug, CancellationToken cancellationToken) =>
        await database.QuerySingleOrDefaultAsync<Tenant>(SqlQuery.FindTenant, new { Slug = slug }, cancellationToken)
        ?? throw new NotFoundException($"There is no tenant '{slug}'.") { Remedies = [new(RemedyKind.ListTenants)] };

    /// <returns>A page of tenants by slug; empty after the last.</returns>
    /// <param name="afterSlug">The last slug of the previous page; empty for the first page.</param>
    /// <param name="limit">Tenants at most.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<IReadOnlyList<Tenant>> ListAsync(string afterSlug, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<Tenant>(SqlQuery.ListTenants, new { AfterSlug = afterSlug, Limit = limit }, cancellationToken);

    /// <summary>Pauses or resumes a tenant, effective before its next run starts.</summary>
    /// <returns>False when it was in that state already; then nothing is recorded.</returns>
    /// <exception cref="NotFoundException">No such tenant.</exception>
    public async Task<bool> SetPausedAsync(long tenantId, bool isPaused, string actor, CancellationToken cancellationToken)
    {
        await GetAsync(tenantId, cancellationToken);
        return await PauseAsync(tenantId, isPaused, actor, cancellationToken);
    }

    /// <summary>Sets a tenant's own limits and pool, effective at its next batch.</summary>
    /// <exception cref="InvalidInputException">A limit is out of range.</exception>
    /// <exception cref="NotFoundException">No such tenant.</exception>
    public async Task SetLimitsAsync(long tenantId, TenantLimits limits, string actor, CancellationToken cancellationToken)
    {
        limits.Validate();
        await database.WriteAsync(async db =>
        {
            if (!await db.ExecuteOneAsync(
                    SqlQuery.SetTenantLimits, new { TenantId = tenantId, limits.BatchLimit, limits.PendingWarningThreshold, limits.WorkerPool }))
                throw new NotFoundException($"There is no tenant {tenantId}.");
            await db.RecordAsync(tenantId, ChangeType.TenantLimitsSet, nameof(Tenant), tenantId, actor, limits);
        }, cancellationToken);
    }

    /// <returns>How much the tenant has stored. Reads all of it, so it is only for a person's question.</returns>
    public async Task<TenantRows> CountRowsAsync(long tenantId, CancellationToken cancellationToken) =>
        (await database.QuerySingleOrDefaultAsync<TenantRows>(SqlQuery.CountTenantRows, new { TenantId = tenantId }, cancellationToken))!;

    /// <summary>
    /// Deletes a tenant and all its data. It is paused and its runs are cancelled first; workers stop asking within two seconds.
    /// Its audit trail stays.
    /// </summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="progress">Receives after each step what is deleted so far; null for none.</param>
    /// <param name="cancellationToken">Stops after the present step.</param>
    /// <returns>What this call deleted.</returns>
    /// <remarks>
    /// There is one transaction per thousand rows and a pause between them, so that others wait only for moments. It can be stopped at any point:
    /// deleted rows stay deleted, the tenant stays paused, and another call deletes the rest.
    /// </remarks>
    /// <exception cref="NotFoundException">No such tenant.</exception>
    /// <exception cref="DbException">Rows outside of the tenant refer to its rows; everything else was deleted.</exception>
    public async Task<TenantRows> DeleteAsync(long tenantId, string actor, IProgress<TenantRows>? progress, CancellationToken cancellationToken)
    {
        var tenant = await GetAsync(tenantId, cancellationToken);
        var found = await CountRowsAsync(tenantId, cancellationToken);
        await database.WriteAsync(
            db => db.RecordAsync(
                tenantId, ChangeType.TenantDeletionBegun, nameof(Tenant), tenantId, actor, new { tenant.Slug, tenant.Name, found }),
            cancellationToken);

        var deleted = new TenantRows();
        var disturbances = 0;
        while (true)
        {
            var started = Stopwatch.GetTimestamp();
            bool isEmpty;
            try
            {
                // Each time, because others may resume the tenant or create and requeue runs in between.
                await PauseAsync(tenantId, isPaused: true, actor, cancellationToken);
                await CancelLiveRunsAsync(tenantId, actor, cancellationToken);
                (deleted, isEmpty) = await DeleteStepAsync(tenant, deleted, actor, cancellationToken);
                disturbances = 0;
            }
            catch (DbException error) when (error.IsForeignKeyViolation() && ++disturbances < MaxDisturbances)
            {
                // Rows were added to a table that this step had found empty: the step was rolled back, and the next one finds them. If this happens
                // repeatedly, it is not a race: rows outside of the tenant refer to its rows.
                isEmpty = false;
            }

            progress?.Report(deleted);
            if (isEmpty)
                return deleted;

            await Throttle.PauseAsync(started, cancellationToken);
        }
    }

    private Task<bool> PauseAsync(long tenantId, bool isPaused, string actor, CancellationToken cancellationToken) =>
        database.WriteAsync(async db =>
        {
            if (!await db.ExecuteOneAsync(SqlQuery.SetTenantPaused, new { TenantId = tenantId, IsPaused = isPaused }))
                return false;
            await db.RecordAsync(
                tenantId, isPaused ? ChangeType.TenantPaused : ChangeType.TenantResumed, nameof(Tenant), tenantId, actor, new { IsPaused = isPaused });
            return true;
        }, cancellationToken);

    /// <summary>Each in a transaction of its own: together they would hold one version while they wait for the next.</summary>
    private async Task CancelLiveRunsAsync(long tenantId, string actor, CancellationToken cancellationToken)
    {
        foreach (var runId in await database.QueryAsync<long>(SqlQuery.ListTenantLiveRuns, new { TenantId = tenantId, Limit = MaxCancellations }, cancellationToken))
            await database.WriteAsync(db => RunCreation.CancelAsync(db, runId, "its tenant is being deleted", actor), cancellationToken);
    }

    private Task<(TenantRows Rows, bool IsEmpty)> DeleteStepAsync(Tenant tenant, TenantRows sofar, string actor, CancellationToken cancellationToken) =>
        database.WriteAsync(async db =>
        {
            var step = await TenantDeletion.StepAsync(db, tenant.Id, sofar);
            if (!step.IsEmpty)
                return step;

            await db.ExecuteAsync(SqlQuery.DeleteTenantOutages, new { TenantId = tenant.Id });
            if (await db.ExecuteOneAsync(SqlQuery.DeleteTenant, new { TenantId = tenant.Id }))
            {
                await db.RecordAsync(
                    tenant.Id, ChangeType.TenantDeleted, nameof(Tenant), tenant.Id, actor, new { tenant.Slug, tenant.Name, deleted = step.Rows });
            }

            return step;
        }, cancellationToken);
}

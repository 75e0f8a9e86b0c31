using System.Data.Common;
using System.Diagnostics;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Stores tenants. Every change leaves an audit record.</summary>
internal sealed class TenantRepository(EvaluationDatabase database)
{
    /// <summary>Deletion steps in a row that may find the tenant added to meanwhile.</summary>
    private const int MaxDisturbances = 10;

    /// <summary>Runs of a tenant being deleted that are cancelled before its next deletion step looks whether any is left.</summary>
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
    /// <param name="afterSlug">The last slug of the page before; empty for the first page.</param>
    /// <param name="limit">Tenants at most.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<IReadOnlyList<Tenant>> ListAsync(string afterSlug, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<Tenant>(SqlQuery.ListTenants, new { AfterSlug = afterSlug, Limit = limit }, cancellationToken);

    /// <summary>Pauses or resumes a tenant, in force before its next run starts.</summary>
    /// <returns>False when it already was so; nothing is recorded then.</returns>
    /// <exception cref="NotFoundException">No such tenant.</exception>
    public async Task<bool> SetPausedAsync(long tenantId, bool isPaused, string actor, CancellationToken cancellationToken)
    {
        await GetAsync(tenantId, cancellationToken);
        return await PauseAsync(tenantId, isPaused, actor, cancellationToken);
    }

    /// <summary>Sets a tenant's own limits and pool, in force at its next batch.</summary>
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

    /// <returns>How much the tenant has stored. Reads all of it: for a person's question, not for a hot path.</returns>
    public async Task<TenantRows> CountRowsAsync(long tenantId, CancellationToken cancellationToken) =>
        (await database.QuerySingleOrDefaultAsync<TenantRows>(SqlQuery.CountTenantRows, new { TenantId = tenantId }, cancellationToken))!;

    /// <summary>
    /// Deletes a tenant with everything it has. It is paused and its runs are cancelled first; workers stop asking within two seconds.
    /// Its audit trail stays.
    /// </summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="progress">Told after each step what is deleted so far; null when nobody watches.</param>
    /// <param name="cancellationToken">Stops after the present step.</param>
    /// <returns>What this call deleted.</returns>
    /// <remarks>
    /// A transaction per thousand rows and a pause between them, so that others wait for moments only. Safe to stop at any point:
    /// what is deleted is deleted, the tenant stays paused, and a repetition deletes the rest.
    /// </remarks>
    /// <exception cref="NotFoundException">No such tenant.</exception>
    /// <exception cref="DbException">Something that is not the tenant's refers to what is; what could be deleted is.</exception>
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
                // Each time: whatever others do in between (resume, create, requeue) is undone by the next step.
                await PauseAsync(tenantId, isPaused: true, actor, cancellationToken);
                await CancelLiveRunsAsync(tenantId, actor, cancellationToken);
                (deleted, isEmpty) = await DeleteStepAsync(tenant, deleted, actor, cancellationToken);
                disturbances = 0;
            }
            catch (DbException error) when (error.IsForeignKeyViolation() && ++disturbances < MaxDisturbances)
            {
                // Someone added to what this step had found empty: the step was rolled back, and the next one finds it. Again and
                // again, it is no race: something that is not the tenant's refers to what is.
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

using EvalJobs.Data;
using EvalJobs.Domain;
using Microsoft.Extensions.DependencyInjection;

namespace EvalJobs.Application;

/// <summary>What a host that embeds EvalJobs can do with it: the use cases of the command line, and reading what came of them.</summary>
/// <remarks>One for the process; safe for concurrent use. Every change leaves an audit record with its actor.</remarks>
public sealed class EvalJobsClient
{
    private readonly IServiceProvider _services;

    private EvalJobsClient(IServiceProvider services) => _services = services;

    /// <inheritdoc cref="AddTenant.ExecuteAsync"/>
    /// <summary>Adds a tenant.</summary>
    public Task<Tenant> AddTenantAsync(string slug, string? name, TenantLimits? limits, string actor, CancellationToken cancellationToken) =>
        Get<AddTenant>().ExecuteAsync(slug, name, limits, actor, cancellationToken);

    /// <summary>Finds a tenant by its slug.</summary>
    /// <exception cref="NotFoundException">There is no such tenant.</exception>
    public Task<Tenant> FindTenantAsync(string slug, CancellationToken cancellationToken) => Get<TenantRepository>().FindAsync(slug, cancellationToken);

    /// <inheritdoc cref="PauseTenant.ExecuteAsync"/>
    /// <summary>Pauses or resumes a tenant, in force before its next run starts.</summary>
    public Task<bool> PauseTenantAsync(long tenantId, bool isPaused, string actor, CancellationToken cancellationToken) =>
        Get<PauseTenant>().ExecuteAsync(tenantId, isPaused, actor, cancellationToken);

    /// <summary>Deletes a tenant with everything it has, for good; its audit trail stays.</summary>
    /// <param name="tenantId">The tenant. It is paused and its runs are cancelled first.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Stops after the present step; asking again deletes the rest.</param>
    /// <exception cref="NotFoundException">There is no such tenant.</exception>
    public Task DeleteTenantAsync(long tenantId, string actor, CancellationToken cancellationToken) =>
        Get<DeleteTenant>().ExecuteAsync(tenantId, actor, null, cancellationToken);

    /// <inheritdoc cref="ImportSuite.ExecuteAsync"/>
    /// <summary>Imports a suite from a file, or the next revision of one. A bad file is rejected whole.</summary>
    public Task<SavedSuite> ImportSuiteAsync(SuiteImport import, string actor, CancellationToken cancellationToken) =>
        Get<ImportSuite>().ExecuteAsync(import, actor, cancellationToken);

    /// <inheritdoc cref="SaveSuite.CreateAsync"/>
    /// <summary>Creates a suite from cases in memory.</summary>
    public Task<SavedSuite> CreateSuiteAsync(
        long tenantId, SuiteDraft draft, IReadOnlyList<TestCase> cases, string actor, CancellationToken cancellationToken) =>
        Get<SaveSuite>().CreateAsync(tenantId, draft, cases, actor, cancellationToken);

    /// <inheritdoc cref="CreateVersion.ExecuteAsync"/>
    /// <summary>Creates an agent version from a genome, in DRAFT or at once in TESTING with its pending run.</summary>
    public Task<VersionTransition> CreateVersionAsync(NewVersion version, string actor, CancellationToken cancellationToken) =>
        Get<CreateVersion>().ExecuteAsync(version, actor, cancellationToken);

    /// <inheritdoc cref="TransitionVersion.ExecuteAsync(long, LifecycleState, long?, int, string, CancellationToken)"/>
    /// <summary>Moves a version through its lifecycle.</summary>
    public Task<VersionTransition> TransitionVersionAsync(
        long versionId, LifecycleState to, long? suiteId, int priority, string actor, CancellationToken cancellationToken) =>
        Get<TransitionVersion>().ExecuteAsync(versionId, to, suiteId, priority, actor, cancellationToken);

    /// <summary>Reads a version.</summary>
    /// <exception cref="NotFoundException">There is no such version.</exception>
    public Task<AgentVersion> GetVersionAsync(long versionId, CancellationToken cancellationToken) =>
        Get<AgentVersionRepository>().GetAsync(versionId, cancellationToken);

    /// <inheritdoc cref="RequestRun.ExecuteAsync"/>
    /// <summary>Creates a pending run of a suite's current revision for a version.</summary>
    public Task<EvaluationRun> RequestRunAsync(long versionId, long? suiteId, int priority, string actor, CancellationToken cancellationToken) =>
        Get<RequestRun>().ExecuteAsync(versionId, suiteId, priority, actor, cancellationToken);

    /// <inheritdoc cref="RetryRun.ExecuteAsync"/>
    /// <summary>Creates a run that repeats one that FAILED or was CANCELLED.</summary>
    public Task<EvaluationRun> RetryRunAsync(long runId, string actor, CancellationToken cancellationToken) =>
        Get<RetryRun>().ExecuteAsync(runId, actor, cancellationToken);

    /// <inheritdoc cref="CancelRun.ExecuteAsync"/>
    /// <summary>Cancels a run that has not ended.</summary>
    public Task CancelRunAsync(long runId, string actor, CancellationToken cancellationToken) =>
        Get<CancelRun>().ExecuteAsync(runId, actor, cancellationToken);

    /// <summary>Reads a run, live or archived.</summary>
    /// <exception cref="NotFoundException">There is no such run.</exception>
    public Task<EvaluationRun> GetRunAsync(long runId, CancellationToken cancellationToken) =>
        Get<EvaluationRunRepository>().GetAsync(runId, cancellationToken);

    /// <summary>Reads a page of a run's results with their cases, by ordinal.</summary>
    /// <param name="run">The run, live or archived.</param>
    /// <param name="afterOrdinal">The last ordinal of the page before; 0 for the first page.</param>
    /// <param name="limit">Results at most.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>Empty after the last.</returns>
    public Task<IReadOnlyList<CaseResultRow>> ListResultsAsync(EvaluationRun run, int afterOrdinal, int limit, CancellationToken cancellationToken) =>
        Get<EvaluationRunRepository>().ListResultsAsync(run, null, afterOrdinal, limit, cancellationToken);

    internal static EvalJobsClient Create(IServiceProvider services) => new(services);

    private T Get<T>() where T : notnull => _services.GetRequiredService<T>();
}

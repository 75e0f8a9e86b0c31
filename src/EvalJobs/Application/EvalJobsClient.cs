using System.Data.Common;
using EvalJobs.Data;
using EvalJobs.Domain;
using Microsoft.Extensions.DependencyInjection;

namespace EvalJobs.Application;

/// <summary>The operations for a host that embeds EvalJobs: the use cases of the command line, and reading their results.</summary>
/// <remarks>
/// One for each service provider; safe for concurrent use. Every change leaves an audit record with its actor. Each method throws the provider's
/// <see cref="DbException"/> when the database does not answer, and <see cref="CommitUnknownException"/> when its answer to a change was lost.
/// </remarks>
public sealed class EvalJobsClient
{
    private readonly IServiceProvider _services;

    private EvalJobsClient(IServiceProvider services) => _services = services;

    /// <summary>Adds a tenant.</summary>
    /// <param name="slug">Unique short name: 1 to 63 of a-z, 0-9 and '-'.</param>
    /// <param name="name">Name for people, 1 to 200 characters; null takes the slug.</param>
    /// <param name="limits">The tenant's own limits; null takes the server's.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Adds nothing when cancelled.</param>
    /// <returns>The tenant as stored.</returns>
    /// <exception cref="InvalidInputException">The slug, the name or a limit is not acceptable.</exception>
    /// <exception cref="ConflictException">The slug is taken.</exception>
    public Task<Tenant> AddTenantAsync(string slug, string? name, TenantLimits? limits, string actor, CancellationToken cancellationToken) =>
        Get<AddTenant>().ExecuteAsync(slug, name, limits, actor, cancellationToken);

    /// <summary>Finds a tenant by its slug.</summary>
    /// <param name="slug">Its slug.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The tenant.</returns>
    /// <exception cref="NotFoundException">There is no such tenant.</exception>
    public Task<Tenant> FindTenantAsync(string slug, CancellationToken cancellationToken) => Get<TenantRepository>().FindAsync(slug, cancellationToken);

    /// <summary>Pauses or resumes a tenant, effective before its next run starts. A run in progress is finished.</summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="isPaused">True to pause it, false to resume it.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Changes nothing when cancelled.</param>
    /// <returns>False when it was in that state already; then nothing is recorded.</returns>
    /// <exception cref="NotFoundException">There is no such tenant.</exception>
    public Task<bool> PauseTenantAsync(long tenantId, bool isPaused, string actor, CancellationToken cancellationToken) =>
        Get<PauseTenant>().ExecuteAsync(tenantId, isPaused, actor, cancellationToken);

    /// <summary>Deletes a tenant and all its data permanently, in small steps; its audit trail stays.</summary>
    /// <param name="tenantId">The tenant. It is paused and its runs are cancelled first.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Stops after the current step; another call deletes the rest.</param>
    /// <returns>Completes when all of it is deleted.</returns>
    /// <exception cref="NotFoundException">There is no such tenant.</exception>
    public Task DeleteTenantAsync(long tenantId, string actor, CancellationToken cancellationToken) =>
        Get<DeleteTenant>().ExecuteAsync(tenantId, actor, null, cancellationToken);

    /// <summary>Imports a suite from a file, or the next revision of one. A file with an error is rejected as a whole.</summary>
    /// <param name="import">The file and the settings given with it.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Stores nothing when cancelled.</param>
    /// <returns>The suite at its new revision and the number of its cases.</returns>
    /// <exception cref="InvalidInputException">The file or a setting is not acceptable; the message says where.</exception>
    /// <exception cref="ConflictException">Two cases have the same key, or someone else saved the suite.</exception>
    /// <exception cref="IOException">The file, or the temporary folder through which the cases go, cannot be used.</exception>
    public Task<SavedSuite> ImportSuiteAsync(SuiteImport import, string actor, CancellationToken cancellationToken) =>
        Get<ImportSuite>().ExecuteAsync(import, actor, cancellationToken);

    /// <summary>Creates a suite from cases in memory, at revision 1.</summary>
    /// <param name="tenantId">The tenant that owns it.</param>
    /// <param name="draft">The suite's settings.</param>
    /// <param name="cases">At least one, ordinals from 1, keys unique.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Stores nothing when cancelled.</param>
    /// <returns>The suite and the number of its cases.</returns>
    /// <exception cref="InvalidInputException">The draft is not acceptable, or there is no case.</exception>
    /// <exception cref="ConflictException">Two cases have the same key, or the tenant has a suite of that name.</exception>
    public Task<SavedSuite> CreateSuiteAsync(
        long tenantId, SuiteDraft draft, IReadOnlyList<TestCase> cases, string actor, CancellationToken cancellationToken) =>
        Get<SaveSuite>().CreateAsync(tenantId, draft, cases, actor, cancellationToken);

    /// <summary>Creates an agent version from a genome, in DRAFT or at once in TESTING with its pending run.</summary>
    /// <param name="version">The version to create.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Creates nothing when cancelled.</param>
    /// <returns>The version, and its run when it entered TESTING.</returns>
    /// <exception cref="InvalidInputException">A name or the genome is not acceptable, or a suite is named for a version that stays in DRAFT.</exception>
    /// <exception cref="NotFoundException">There is no such parent version.</exception>
    /// <exception cref="ConflictException">The agent has a version of that label, or there is no suite with cases; nothing was created.</exception>
    public Task<VersionTransition> CreateVersionAsync(NewVersion version, string actor, CancellationToken cancellationToken) =>
        Get<CreateVersion>().ExecuteAsync(version, actor, cancellationToken);

    /// <summary>Changes the lifecycle state of a version. Entering TESTING creates its pending run; returning to DRAFT cancels a run that has not ended.</summary>
    /// <param name="versionId">The version.</param>
    /// <param name="to">The new state.</param>
    /// <param name="suiteId">The suite to run on entering TESTING; null takes the tenant's default one.</param>
    /// <param name="priority">Priority of that run, within <see cref="RunPriority"/>.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Changes nothing when cancelled.</param>
    /// <returns>The version as it now is, and the run created.</returns>
    /// <exception cref="InvalidInputException">The priority is out of range.</exception>
    /// <exception cref="NotFoundException">There is no such version or suite.</exception>
    /// <exception cref="ConflictException">The transition is not allowed now; the message says why and what is.</exception>
    public Task<VersionTransition> TransitionVersionAsync(
        long versionId, LifecycleState to, long? suiteId, int priority, string actor, CancellationToken cancellationToken) =>
        Get<TransitionVersion>().ExecuteAsync(versionId, to, suiteId, priority, actor, cancellationToken);

    /// <summary>Acknowledges a run that failed permanently: it needs no more action.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="note">Why nothing needs to be done, 1000 characters at most; null or blank for none. It is stored in the audit record.</param>
    /// <param name="actor">Who acknowledges it.</param>
    /// <param name="cancellationToken">Changes nothing when cancelled.</param>
    /// <returns>Completes when it is acknowledged.</returns>
    /// <exception cref="InvalidInputException">The note is too long.</exception>
    /// <exception cref="NotFoundException">There is no such run.</exception>
    /// <exception cref="ConflictException">The run is not FAILED, is acknowledged already, or is in the archive.</exception>
    public Task AcknowledgeRunAsync(long runId, string? note, string actor, CancellationToken cancellationToken) =>
        Get<AcknowledgeRun>().ExecuteAsync(runId, note, actor, cancellationToken);

    /// <summary>Reads a version.</summary>
    /// <param name="versionId">The version.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The version as it is now.</returns>
    /// <exception cref="NotFoundException">There is no such version.</exception>
    public Task<AgentVersion> GetVersionAsync(long versionId, CancellationToken cancellationToken) =>
        Get<AgentVersionRepository>().GetAsync(versionId, cancellationToken);

    /// <summary>Creates a pending run of a suite's current revision for a version, and has it picked up at once if a server can be reached.</summary>
    /// <param name="versionId">The version to evaluate, in any state but RETIRED.</param>
    /// <param name="suiteId">A suite of the same tenant; null means its default one.</param>
    /// <param name="priority">Higher goes first within the tenant; within <see cref="RunPriority"/>.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Creates nothing when cancelled.</param>
    /// <returns>The pending run.</returns>
    /// <exception cref="InvalidInputException">The priority is out of range.</exception>
    /// <exception cref="NotFoundException">There is no such version or suite.</exception>
    /// <exception cref="ConflictException">The version is RETIRED or has a run that has not ended, or the suite has no cases.</exception>
    public Task<EvaluationRun> RequestRunAsync(long versionId, long? suiteId, int priority, string actor, CancellationToken cancellationToken) =>
        Get<RequestRun>().ExecuteAsync(versionId, suiteId, priority, actor, cancellationToken);

    /// <summary>Creates a run that repeats one that FAILED or was CANCELLED.</summary>
    /// <param name="runId">The ended run, live or archived. It stays as it is.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Creates nothing when cancelled.</param>
    /// <returns>The new pending run, with the same version, suite revision, threshold and priority.</returns>
    /// <exception cref="NotFoundException">There is no such run.</exception>
    /// <exception cref="ConflictException">The run has not ended or COMPLETED, or its version is RETIRED or has a run that has not ended.</exception>
    public Task<EvaluationRun> RetryRunAsync(long runId, string actor, CancellationToken cancellationToken) =>
        Get<RetryRun>().ExecuteAsync(runId, actor, cancellationToken);

    /// <summary>Cancels a run that has not ended; its version gets the evaluation status that follows from its evidence.</summary>
    /// <param name="runId">The run. A worker stops asking within two seconds.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Changes nothing when cancelled.</param>
    /// <returns>Completes when the run is CANCELLED.</returns>
    /// <exception cref="NotFoundException">There is no such run.</exception>
    /// <exception cref="ConflictException">The run has ended.</exception>
    public Task CancelRunAsync(long runId, string actor, CancellationToken cancellationToken) =>
        Get<CancelRun>().ExecuteAsync(runId, actor, cancellationToken);

    /// <summary>Reads a run, live or archived.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The run as it is now.</returns>
    /// <exception cref="NotFoundException">There is no such run.</exception>
    public Task<EvaluationRun> GetRunAsync(long runId, CancellationToken cancellationToken) =>
        Get<EvaluationRunRepository>().GetAsync(runId, cancellationToken);

    /// <summary>Reads a page of a run's results with their cases, by ordinal.</summary>
    /// <param name="run">The run, live or archived.</param>
    /// <param name="afterOrdinal">The last ordinal of the previous page; 0 for the first page.</param>
    /// <param name="limit">Results at most.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>Empty after the last.</returns>
    public Task<IReadOnlyList<CaseResultRow>> ListResultsAsync(EvaluationRun run, int afterOrdinal, int limit, CancellationToken cancellationToken) =>
        Get<EvaluationRunRepository>().ListResultsAsync(run, null, afterOrdinal, limit, cancellationToken);

    internal static EvalJobsClient Create(IServiceProvider services) => new(services);

    private T Get<T>() where T : notnull => _services.GetRequiredService<T>();
}

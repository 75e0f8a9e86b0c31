using System.Data.Common;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Stores agent versions and changes their lifecycle state. Every change leaves an audit record.</summary>
internal sealed class AgentVersionRepository(EvaluationDatabase database)
{
    /// <summary>A promotion reads its evidence before its transaction; a run that completes in between makes it read once more.</summary>
    private const int MaxTries = 5;

    /// <summary>Creates a DRAFT version. Its genome never changes after this.</summary>
    /// <exception cref="ConflictException">The agent has a version of that label.</exception>
    /// <exception cref="InvalidInputException">A name is empty or too long, or the parent is another tenant's or agent's.</exception>
    public Task<AgentVersion> CreateAsync(
        long tenantId, string agentName, string versionLabel, Genome genome, long? parentVersionId, string actor, CancellationToken cancellationToken) =>
        OneOfThatLabelAsync(
            agentName, versionLabel,
            () => database.WriteAsync(db => AddAsync(db, tenantId, agentName, versionLabel, genome, parentVersionId, actor), cancellationToken));

    /// <summary>Creates a version that enters TESTING at once, with its pending run, of the given suite or the tenant's default one. All in one transaction.</summary>
    /// <returns>The version, now TESTING, and its run.</returns>
    /// <exception cref="ConflictException">The agent has a version of that label, or there is no suite with cases; nothing was created.</exception>
    /// <exception cref="InvalidInputException">A name is empty or too long, or the parent is another tenant's or agent's.</exception>
    public Task<VersionTransition> CreateInTestingAsync(
        long tenantId, string agentName, string versionLabel, Genome genome, long? parentVersionId, long? suiteId, string actor,
        CancellationToken cancellationToken) =>
        OneOfThatLabelAsync(
            agentName, versionLabel,
            () => database.WriteAsync(async db =>
            {
                var version = await AddAsync(db, tenantId, agentName, versionLabel, genome, parentVersionId, actor);
                return await ApplyTransitionAsync(db, new TransitionRequest { VersionId = version.Id, To = LifecycleState.Testing, SuiteId = suiteId, Actor = actor }, new LargeDigests(database));
            }, cancellationToken));

    /// <exception cref="NotFoundException">No such version.</exception>
    public async Task<AgentVersion> GetAsync(long versionId, CancellationToken cancellationToken) =>
        await database.QuerySingleOrDefaultAsync<AgentVersion>(SqlQuery.GetVersion, new { VersionId = versionId }, cancellationToken)
        ?? throw new NotFoundException($"There is no agent version {versionId}.");

    /// <exception cref="NotFoundException">No such version.</exception>
    public async Task<AgentVersion> FindAsync(long tenantId, string agentName, string versionLabel, CancellationToken cancellationToken) =>
        await database.QuerySingleOrDefaultAsync<AgentVersion>(
            SqlQuery.FindVersion, new { TenantId = tenantId, AgentName = agentName, VersionLabel = versionLabel }, cancellationToken)
        ?? throw new NotFoundException($"There is no version '{versionLabel}' of the agent '{agentName}'.");

    /// <returns>A page of the tenant's versions, newest first; empty after the last.</returns>
    /// <param name="tenantId">The tenant that owns them.</param>
    /// <param name="beforeId">The last id of the previous page; <see cref="long.MaxValue"/> for the first page.</param>
    /// <param name="limit">Versions at most. A genome may hold a megabyte.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<IReadOnlyList<AgentVersion>> ListAsync(long tenantId, long beforeId, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<AgentVersion>(SqlQuery.ListVersions, new { TenantId = tenantId, BeforeId = beforeId, Limit = limit }, cancellationToken);

    /// <summary>
    /// Changes the state of a version. Entering TESTING stores its requirements, by the policy or, without one, by the given suite or the tenant's default one,
    /// and creates its pending runs; leaving TESTING for DRAFT cancels runs that have not ended. All in one transaction.
    /// </summary>
    /// <returns>The version as it now is, and the runs created.</returns>
    /// <exception cref="InvalidInputException">The priority of the run to create is outside <see cref="RunPriority"/>.</exception>
    /// <exception cref="NotFoundException">No such version or suite.</exception>
    /// <exception cref="ConflictException">The transition is not allowed now; the message says why and what is.</exception>
    public Task<VersionTransition> TransitionAsync(
        long versionId, LifecycleState to, long? suiteId, int priority, string actor, CancellationToken cancellationToken) =>
        TransitionAsync(new TransitionRequest { VersionId = versionId, To = to, SuiteId = suiteId, Priority = priority, Actor = actor }, cancellationToken);

    /// <inheritdoc cref="TransitionAsync(long, LifecycleState, long?, int, string, CancellationToken)"/>
    public async Task<VersionTransition> TransitionAsync(TransitionRequest request, CancellationToken cancellationToken)
    {
        var digests = new LargeDigests(database);
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await RunCreation.OneLiveRunAsync(() => database.WriteAsync(db => ApplyTransitionAsync(db, request, digests), cancellationToken));
            }
            catch (DigestsMissingException missing) when (tries < MaxTries)
            {
                await digests.AddAsync(missing.Keys, cancellationToken);
            }
            catch (DigestsMissingException)
            {
                throw new ConflictException($"Runs of version {request.VersionId} or of its baselines keep completing, so what the promotion is based on cannot be read. Try again when they have ended.");
            }
        }
    }

    private static async Task<AgentVersion> AddAsync(
        DbWork db, long tenantId, string agentName, string versionLabel, Genome genome, long? parentVersionId, string actor)
    {
        ValidateName("agent", "agent name", agentName, 200);
        ValidateName("label", "version label", versionLabel, 100);
        if (parentVersionId is not null)
            await EnsureParentAsync(db, tenantId, agentName, parentVersionId.Value);
        var version = await db.QuerySingleAsync<AgentVersion>(SqlQuery.AddVersion, new
        {
            TenantId = tenantId,
            AgentName = agentName,
            VersionLabel = versionLabel,
            Genome = genome.Json,
            GenomeHash = genome.Hash,
            GenomeText = genome.Text,
            GenomeTextHash = Genome.HashOf(genome.Text),
            ParentVersionId = parentVersionId,
        });
        await db.RecordAsync(
            tenantId, ChangeType.VersionCreated, nameof(AgentVersion), version.Id, actor,
            new { AgentName = agentName, VersionLabel = versionLabel, genomeHash = genome.Hash, ParentVersionId = parentVersionId });
        return version;
    }

    private static async Task<VersionTransition> ApplyTransitionAsync(DbWork db, TransitionRequest request, LargeDigests digests)
    {
        var (versionId, to, actor) = (request.VersionId, request.To, request.Actor);
        var version = await VersionLocks.LockWithBaselinesAsync(db, versionId) ?? throw new NotFoundException($"There is no agent version {versionId}.");
        var standing = to is LifecycleState.Candidate or LifecycleState.Approved ? await PromotionCheck.EnsureAllowedAsync(db, version, request) : null;
        VersionLifecycle.EnsureAllowed(version.LifecycleState, to, standing?.EvalStatus ?? version.EvalStatus);
        var certificate = standing is null ? null : await CertificateCreation.ComposeAsync(db, version, standing, request, digests);

        if (version.LifecycleState == LifecycleState.Testing && to == LifecycleState.Draft)
            await CancelLiveRunsAsync(db, version, actor);

        await db.ExecuteExactlyAsync(SqlQuery.SetVersionState, new { VersionId = versionId, LifecycleState = StoredWord.Of(to) }, 1);
        var (from, certificateHash) = (StoredWord.Of(version.LifecycleState), certificate is null ? null : Genome.HashOf(certificate));
        await db.RecordAsync(
            version.TenantId, ChangeType.VersionTransitioned, nameof(AgentVersion), versionId, actor,
            certificate is null ? new { from, to = StoredWord.Of(to) } : new { from, to = StoredWord.Of(to), certificate = certificateHash });
        if (certificate is not null)
        {
            await CertificateCreation.StoreAsync(db, version, certificate);
            await db.AlertWhereWantedAsync(PromotionAlertRule.OfPromotion(version, to, actor, standing!.Gate, certificateHash!));
        }

        var runs = to == LifecycleState.Testing ? await EnterTestingAsync(db, version, request) : [];
        return new VersionTransition(await db.QuerySingleAsync<AgentVersion>(SqlQuery.GetVersion, new { VersionId = versionId }), runs.Count > 0 ? runs[0] : null)
        {
            Runs = runs,
        };
    }

    /// <summary>Stores the requirements and creates their runs. If there is a policy, a named suite gets a run for information only.</summary>
    private static async Task<IReadOnlyList<EvaluationRun>> EnterTestingAsync(DbWork db, AgentVersion version, TransitionRequest request)
    {
        var gate = await GateCreation.WriteAsync(db, version, request.SuiteId, "entered TESTING", request.Actor);
        var runs = await RunCreation.CreateRequiredAsync(db, version, gate, request.Priority, request.Actor);
        return request.SuiteId is { } named && gate.Requirements.All(requirement => requirement.SuiteId != named)
            ? [.. runs, await RunCreation.CreateAsync(db, version, named, request.Priority, RunTrigger.Manual, request.Actor)]
            : runs;
    }

    private static async Task<T> OneOfThatLabelAsync<T>(string agentName, string versionLabel, Func<Task<T>> write)
    {
        try
        {
            return await write();
        }
        catch (DbException error) when (error.IsUniqueViolation())
        {
            throw new ConflictException($"The agent '{agentName}' has a version '{versionLabel}' already; a change is a new version with its own label.");
        }
    }

    private static async Task CancelLiveRunsAsync(DbWork db, AgentVersion version, string actor)
    {
        foreach (var run in await db.QueryAsync<EvaluationRun>(SqlQuery.ListLiveRuns, new { VersionId = version.Id }))
            await RunCreation.CancelAsync(db, run.Id, "its version went back to DRAFT", actor);
    }

    private static async Task EnsureParentAsync(DbWork db, long tenantId, string agentName, long parentVersionId)
    {
        var parent = await db.QuerySingleOrDefaultAsync<AgentVersion>(SqlQuery.GetVersion, new { VersionId = parentVersionId });
        if (parent is null || parent.TenantId != tenantId || parent.AgentName != agentName)
            throw new InvalidInputException($"The parent version {parentVersionId} is not a version of this tenant's agent '{agentName}'.") { Field = "parent" };
    }

    private static void ValidateName(string field, string what, string value, int limit)
    {
        // For SQL Server 'a' and 'a ' are the same name, for the program they are two.
        if (string.IsNullOrWhiteSpace(value) || value.Length > limit || value.Trim() != value)
            throw new InvalidInputException($"The {what} must be 1 to {limit} characters, without white space at its ends.") { Field = field };
        if (NameText.Problem(value) is { } problem)
            throw new InvalidInputException($"The {what} {problem}.") { Field = field };
    }
}

/// <summary>A requested transition of a version.</summary>
internal sealed record TransitionRequest
{
    /// <summary>The version.</summary>
    public required long VersionId { get; init; }

    /// <summary>The new state.</summary>
    public required LifecycleState To { get; init; }

    /// <summary>On entering TESTING: the suite that is required when no policy says otherwise; null means the tenant's default one.</summary>
    public long? SuiteId { get; init; }

    /// <summary>Priority of the runs to create, within <see cref="RunPriority"/>.</summary>
    public int Priority { get; init; }

    /// <summary>Who does it, for the audit trail; the name after the colon is the person, such as <c>cli:alice</c>.</summary>
    public required string Actor { get; init; }

    /// <summary>Whether this person has the role Approver.</summary>
    public bool IsApprover { get; init; }
}

/// <summary>The outcome of a transition.</summary>
/// <param name="Version">The version after the change.</param>
/// <param name="Run">The first run that entering TESTING created, else null.</param>
public sealed record VersionTransition(AgentVersion Version, EvaluationRun? Run)
{
    /// <summary>All runs that entering TESTING created.</summary>
    public IReadOnlyList<EvaluationRun> Runs { get; init; } = [];
}

using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Server.Web;

namespace EvalJobs.Server.Api;

/// <summary><c>/agents</c> and <c>/versions</c>: create, read, transition.</summary>
internal static class VersionEndpoints
{
    public static void MapVersions(this IEndpointRouteBuilder api)
    {
        api.MapGet("/agents", ListAgentsAsync).Reads<Page<string>>("listAgents", "List the names of a tenant's agents");
        api.MapGet("/versions", ListAsync).Reads<Page<VersionView>>("listVersions", "List agent versions, newest first");
        api.MapPost("/versions", CreateAsync).Writes<VersionWithRuns>("createVersion", "Create an agent version, in DRAFT or at once in TESTING with its runs", StatusCodes.Status201Created).TakesBody();
        api.MapGet("/versions/{id:long}", GetAsync).Reads<VersionView>("getVersion", "Read an agent version").HasTag();
        api.MapGet("/versions/{id:long}/genome", ReadGenomeAsync).Reads<System.Text.Json.JsonElement>("getGenome", "Read the genome of a version");
        api.MapGet("/versions/{id:long}/lineage", ListLineageAsync).Reads<Page<VersionView>>("listLineage", "List the versions it was derived from, the nearest first");
        api.MapGet("/versions/{id:long}/integrity", CheckIntegrityAsync).Reads<Integrity>("checkIntegrity", "Check that the stored genome matches its hash");
        api.MapPost("/versions/{id:long}/transition", TransitionAsync).Writes<VersionWithRuns>("transitionVersion", "Change a version's lifecycle state").TakesBody().HasTag();
    }

    /// <returns>The version, if the caller may see it.</returns>
    public static async Task<AgentVersion> FindAsync(ApiCall call, AgentVersionRepository versions, long id)
    {
        var version = await versions.GetAsync(id, call.Aborted);
        await call.EnsureSeesAsync(version.TenantId);
        return version;
    }

    /// <returns>The condition that If-Match sets for a version; null when there is no such header.</returns>
    public static WriteCondition? Condition(ApiCall call, AgentVersion version) =>
        call.IfMatch is { } isExpected ? WriteCondition.Version(version.Id, now => isExpected(EntityTag.Of(now))) : null;

    private static async Task<Page<string>> ListAgentsAsync(ApiCall call, VersionListRepository lists, string? tenant, string? cursor, int? limit)
    {
        var count = ApiCall.Limit(limit);
        return call.PageOf(await lists.ListAgentsAsync((await call.TenantAsync(tenant)).Id, cursor ?? "", count, call.Aborted), count, name => name, name => name);
    }

    private static async Task<Page<VersionView>> ListAsync(
        ApiCall call, VersionListRepository lists, AgentVersionRepository versions, string? tenant, string? agent, string? label, long? parent, string? cursor, int? limit)
    {
        var count = ApiCall.Limit(limit);
        var scope = parent is { } parentId ? [(await FindAsync(call, versions, parentId)).TenantId]
            : agent is null && label is null ? await call.ScopeAsync(tenant)
            : [(await call.TenantAsync(tenant)).Id];
        var filter = new VersionListFilter { TenantIds = scope, AgentName = agent, VersionLabel = label, ParentVersionId = parent, BeforeId = ApiCall.Before(cursor) };
        return call.PageOf(await lists.ListAsync(filter, count, call.Aborted), count, VersionView.Of, version => version.Id);
    }

    private static async Task<IResult> CreateAsync(ApiCall call, ApiBody<NewVersionBody> body, CreateVersion createVersion, EvaluationSuiteRepository suites)
    {
        var requested = body.Value;
        if (requested.State is not (LifecycleState.Draft or LifecycleState.Testing))
            throw new InvalidInputException("state: a version begins as DRAFT or TESTING.");
        var tenant = await call.TenantAsync(requested.Tenant);
        if (requested.SuiteId is { } suiteId)
            await SuiteEndpoints.FindAsync(call, suites, suiteId);
        var version = new NewVersion
        {
            TenantId = tenant.Id,
            AgentName = requested.Agent,
            Label = requested.Label,
            Genome = ParseGenome(requested.Genome.GetRawText()),
            ParentLabel = requested.Parent,
            EntersTesting = requested.State == LifecycleState.Testing,
            SuiteId = requested.SuiteId,
        };
        Task Execute() => createVersion.ExecuteAsync(version, call.Actor, call.Aborted);
        return version.EntersTesting
            ? await call.ExecuteAsync<VersionTransition>(body.Hash, null, Execute, Created)
            : await call.ExecuteAsync<AgentVersion>(body.Hash, null, Execute, created => Created(new VersionTransition(created, null)));
    }

    private static async Task<IResult> GetAsync(ApiCall call, long id, AgentVersionRepository versions)
    {
        var version = await FindAsync(call, versions, id);
        return call.Tagged(VersionView.Of(version), EntityTag.Of(version));
    }

    private static async Task<IResult> ReadGenomeAsync(ApiCall call, long id, AgentVersionRepository versions) =>
        TypedResults.Text((await FindAsync(call, versions, id)).Genome, "application/json; charset=utf-8");

    private static async Task<Page<VersionView>> ListLineageAsync(ApiCall call, long id, AgentVersionRepository versions, VersionListRepository lists, string? cursor, int? limit)
    {
        var count = ApiCall.Limit(limit);
        var version = await FindAsync(call, versions, id);
        var last = cursor is null ? version : await FindAsync(call, versions, ApiCall.Number(cursor, version.Id));
        return call.PageOf(await lists.ListAncestorsAsync(last, count, call.Aborted), count, VersionView.Of, ancestor => ancestor.Id);
    }

    private static async Task<Integrity> CheckIntegrityAsync(ApiCall call, long id, AgentVersionRepository versions)
    {
        var version = await FindAsync(call, versions, id);
        return new Integrity { VersionId = version.Id, GenomeHash = version.GenomeHash, IsIntact = version.IsGenomeIntact };
    }

    private static async Task<IResult> TransitionAsync(
        ApiCall call, long id, ApiBody<NewState> body, TransitionVersion transition, AgentVersionRepository versions, EvaluationSuiteRepository suites)
    {
        var version = await FindAsync(call, versions, id);
        if (body.Value.SuiteId is { } suiteId)
            await SuiteEndpoints.FindAsync(call, suites, suiteId);
        var request = new TransitionRequest
        {
            VersionId = version.Id,
            To = body.Value.To,
            SuiteId = body.Value.SuiteId,
            Priority = body.Value.Priority,
            Actor = call.Actor,
            IsApprover = call.Viewer.IsApprover,
        };
        return await call.ExecuteAsync<VersionTransition>(
            body.Hash, Condition(call, version), () => transition.ExecuteAsync(request, call.Aborted),
            moved => new OperationAnswer(StatusCodes.Status200OK, ApiJson.Text(VersionWithRuns.Of(moved))) { Tag = EntityTag.Of(moved.Version), TenantId = version.TenantId });
    }

    private static OperationAnswer Created(VersionTransition created) => new(StatusCodes.Status201Created, ApiJson.Text(VersionWithRuns.Of(created)))
    {
        Location = $"{ApiPaths.V1}/versions/{created.Version.Id}",
        Tag = EntityTag.Of(created.Version),
        TenantId = created.Version.TenantId,
    };

    private static Genome ParseGenome(string json)
    {
        try
        {
            return Genome.Parse(json);
        }
        catch (InvalidInputException error)
        {
            throw new InvalidInputException($"genome: {error.Message}", error);
        }
    }
}

using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Server.Web;

namespace EvalJobs.Server.Api;

/// <summary><c>/runs</c>: create, read, wait, cancel, retry, acknowledge, void, reorder.</summary>
internal static class RunEndpoints
{
    public static void MapRuns(this IEndpointRouteBuilder api)
    {
        api.MapGet("/runs", ListAsync).Reads<Page<RunItem>>("listRuns", "List runs, newest first, live and archived").WithMetadata(ApiExport.Tests.Offers);
        api.MapPost("/runs", CreateAsync).Writes<RunView>("createRun", "Create a pending run", StatusCodes.Status201Created).TakesBody();
        api.MapPost("/runs/bulk", ChangeManyAsync).Writes<BulkAnswer>("changeRuns", "Cancel, retry or reorder many runs").TakesBody();
        api.MapGet("/runs/{id:long}", GetAsync).Reads<RunView>("getRun", "Read a run, or wait for its end").HasTag().WithMetadata(new RunWait.Waits());
        api.MapPost("/runs/{id:long}/cancel", CancelAsync).Writes("cancelRun", "Cancel a run that has not ended").HasTag();
        api.MapPost("/runs/{id:long}/retry", RetryAsync).Writes<RunView>("retryRun", "Repeat a FAILED or CANCELLED run, or ask again the cases without a verdict of a COMPLETED run", StatusCodes.Status201Created).HasTag();
        api.MapPost("/runs/{id:long}/acknowledge", AcknowledgeAsync).Writes("acknowledgeRun", "Acknowledge a FAILED run: it needs no more action").TakesBody().HasTag();
        api.MapPost("/runs/{id:long}/void", VoidAsync).Writes<StandingAnswer>("voidRun", "Exclude a completed run from the evidence").TakesBody().HasTag();
        api.MapPut("/runs/{id:long}/priority", SetPriorityAsync).Writes("setRunPriority", "Change the priority of a run that waits").TakesBody().HasTag();
    }

    /// <summary>The address of a run.</summary>
    public static string Path(long runId) => $"{ApiPaths.V1}/runs/{runId}";

    /// <returns>The run, if the caller may see it.</returns>
    public static async Task<EvaluationRun> FindAsync(ApiCall call, EvaluationRunRepository runs, long id)
    {
        var run = await runs.GetAsync(id, call.Aborted);
        await call.EnsureSeesAsync(run.TenantId);
        return run;
    }

    /// <summary>The answer to a request that created a run.</summary>
    public static OperationAnswer Created(EvaluationRun run) =>
        new(StatusCodes.Status201Created, ApiJson.Text(RunView.Of(run))) { Location = Path(run.Id), Tag = EntityTag.Of(run), TenantId = run.TenantId };

    private static async Task<IResult> ListAsync(
        ApiCall call, RunListRepository lists, DataExporter exporter, string? tenant, long? versionId, long? suiteId, string? status, string? format, string? cursor, int? limit)
    {
        var count = ApiCall.Limit(limit);
        var filter = new RunListFilter
        {
            TenantIds = await call.ScopeAsync(tenant),
            VersionId = versionId,
            SuiteId = suiteId,
            Status = ApiWord.Parse<RunStatus>(status, "status"),
            BeforeId = ApiCall.Before(cursor),
        };
        return ApiExport.Tests.Choose(call, format) is { } chosen
            ? ApiExport.Stream(chosen, (target, aborted) => exporter.ExportRunsAsync(filter, chosen, target, aborted))
            : TypedResults.Ok(call.PageOf(await lists.ListAsync(filter, count, call.Aborted), count, RunItem.Of, run => run.Id));
    }

    private static async Task<IResult> CreateAsync(ApiCall call, ApiBody<NewRun> body, RequestRun requestRun, AgentVersionRepository versions, EvaluationSuiteRepository suites)
    {
        var version = await VersionEndpoints.FindAsync(call, versions, body.Value.VersionId);
        if (body.Value.SuiteId is { } suiteId)
            await SuiteEndpoints.FindAsync(call, suites, suiteId);
        return await call.ExecuteAsync<EvaluationRun>(
            body.Hash, null, () => requestRun.ExecuteAsync(version.Id, body.Value.SuiteId, body.Value.Priority, call.Actor, call.Aborted), Created);
    }

    private static async Task<IResult> GetAsync(ApiCall call, long id, EvaluationRunRepository runs, RunWait wait)
    {
        var run = await FindAsync(call, runs, id);
        if (await wait.UntilEndedAsync(call, run))
            run = await runs.GetAsync(id, call.Aborted);
        var results = run.PassedCount + run.FailedCount + run.ErroredCount + run.UnscoredCount;
        var p95 = run.CompletedAt is null || results == 0 ? null : await runs.FindDurationAsync(run.Id, results, 0.95, call.Aborted);
        return call.Tagged(RunView.Of(run) with { P95Ms = p95 }, EntityTag.Of(run));
    }

    private static async Task<IResult> CancelAsync(ApiCall call, long id, EvaluationRunRepository runs, CancelRun cancelRun)
    {
        var run = await FindAsync(call, runs, id);
        return await call.ExecuteAsync<EvaluationRun?>(
            NoBody.Hash, Condition(call, run), () => cancelRun.ExecuteAsync(run.Id, call.Actor, call.Aborted),
            cancelled => cancelled is null ? null : new OperationAnswer(StatusCodes.Status204NoContent, null) { TenantId = run.TenantId });
    }

    private static async Task<IResult> RetryAsync(ApiCall call, long id, bool? errored, EvaluationRunRepository runs, RetryRun retryRun)
    {
        var run = await FindAsync(call, runs, id);
        return await call.ExecuteAsync<EvaluationRun>(
            NoBody.Hash, Condition(call, run),
            () => errored == true ? retryRun.AskAgainAsync(run.Id, call.Actor, call.Aborted) : retryRun.ExecuteAsync(run.Id, call.Actor, call.Aborted), Created);
    }

    private static async Task<IResult> AcknowledgeAsync(ApiCall call, long id, ApiBody<Acknowledgement> body, EvaluationRunRepository runs, AcknowledgeRun acknowledge)
    {
        var run = await FindAsync(call, runs, id);
        return await call.ExecuteAsync<EvaluationRun?>(
            body.Hash, Condition(call, run), () => acknowledge.ExecuteAsync(run.Id, body.Value.Note, call.Actor, call.Aborted),
            failed => failed is { AcknowledgedAt: null } ? new OperationAnswer(StatusCodes.Status204NoContent, null) { TenantId = run.TenantId } : null);
    }

    private static async Task<IResult> VoidAsync(ApiCall call, long id, ApiBody<VoidReason> body, EvaluationRunRepository runs, VoidRun voidRun)
    {
        var run = await FindAsync(call, runs, id);
        return await call.ExecuteAsync<VersionStanding?>(
            body.Hash, Condition(call, run), () => voidRun.ExecuteAsync(run.Id, body.Value.Reason, call.Actor, call.Aborted),
            standing => new OperationAnswer(StatusCodes.Status200OK, ApiJson.Text(StandingAnswer.Of(run.VersionId, standing))) { TenantId = run.TenantId });
    }

    private static async Task<IResult> SetPriorityAsync(ApiCall call, long id, ApiBody<NewPriority> body, EvaluationRunRepository runs, SetRunPriority setPriority)
    {
        var run = await FindAsync(call, runs, id);
        return await call.ExecuteAsync<bool>(
            body.Hash, Condition(call, run), () => setPriority.ExecuteAsync(run.Id, body.Value.Priority, call.Actor, call.Aborted),
            isSet => isSet ? new OperationAnswer(StatusCodes.Status204NoContent, null) { TenantId = run.TenantId } : null);
    }

    private static async Task<IResult> ChangeManyAsync(ApiCall call, ApiBody<BulkChange> body, ChangeRuns changeRuns)
    {
        var requested = body.Value;
        var tenant = await call.TenantAsync(requested.Filter.Tenant);
        var filter = new RunListFilter { TenantIds = [tenant.Id], VersionId = requested.Filter.VersionId, SuiteId = requested.Filter.SuiteId, Status = requested.Filter.Status };
        return await call.ExecuteInStepsAsync(body.Hash, async () =>
        {
            var done = await changeRuns.ExecuteAsync(filter, requested.Change, requested.Priority, requested.Limit, call.Actor, call.Aborted);
            return new OperationAnswer(StatusCodes.Status200OK, ApiJson.Text(new BulkAnswer { Changed = done.Changed, Skipped = done.Skipped })) { TenantId = tenant.Id };
        });
    }

    private static WriteCondition? Condition(ApiCall call, EvaluationRun run) =>
        call.IfMatch is { } isExpected ? WriteCondition.Run(run, now => isExpected(EntityTag.Of(now))) : null;
}

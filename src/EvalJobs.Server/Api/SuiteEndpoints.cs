using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Server.Web;

namespace EvalJobs.Server.Api;

/// <summary><c>/suites</c>: read suites, and change their settings. Files of cases are in <see cref="SuiteImportEndpoints"/>.</summary>
internal static class SuiteEndpoints
{
    public static void MapSuites(this IEndpointRouteBuilder api)
    {
        api.MapGet("/suites", ListAsync).Reads<Page<SuiteItem>>("listSuites", "List suites, newest first");
        api.MapGet("/suites/{id:long}", GetAsync).Reads<SuiteView>("getSuite", "Read a suite").HasTag();
        api.MapPatch("/suites/{id:long}", ChangeAsync).Writes<SuiteView>("changeSuite", "Change a suite's settings; creates a new revision with the same cases").TakesBody().HasTag();
        api.MapGet("/suites/{id:long}/revisions", ListRevisionsAsync).Reads<Page<SuiteRevisionView>>("listRevisions", "List the revisions of a suite, newest first");
        api.MapGet("/suites/{id:long}/cases", ListCasesAsync).Reads<Page<CaseView>>("listCases", "List the cases of a suite, by ordinal");
        api.MapPatch("/suites/{id:long}/cases", ChangeCasesAsync).Writes<SuiteView>("changeCases", "Add, change and remove cases by key; creates a new revision with the other cases unchanged").TakesBody().HasTag();
        api.MapGet("/suites/{id:long}/export", ExportAsync).Reads<System.Text.Json.JsonElement>("exportSuite", "Read a whole suite as a file that can be imported again").WithMetadata(ApiExport.Suite.Offers);
        api.MapGet("/suites/{id:long}/statistics", ReadStatisticsAsync).Reads<SuiteStatistics>("getSuiteStatistics", "Read the outcomes of the latest runs of a suite");
    }

    /// <returns>The suite, if the caller may see it.</returns>
    public static async Task<EvaluationSuite> FindAsync(ApiCall call, EvaluationSuiteRepository suites, long id)
    {
        var suite = await suites.GetAsync(id, call.Aborted);
        await call.EnsureSeesAsync(suite.TenantId);
        return suite;
    }

    /// <summary>The answer to a request that stored a revision.</summary>
    public static OperationAnswer Saved(SavedSuite saved, int status, IReadOnlyList<string>? notes = null) => new(status, ApiJson.Text(SuiteView.Of(saved.Suite, saved.CaseCount) with { Notes = notes is [_, ..] ? notes : null }))
    {
        Location = $"{ApiPaths.V1}/suites/{saved.Suite.Id}",
        Tag = EntityTag.Of(saved.Suite),
        TenantId = saved.Suite.TenantId,
    };

    /// <summary>Stores a revision made from the current one, which If-Match may name. Of two such requests at the same time, the second one is rejected.</summary>
    public static Task<IResult> ReviseAsync(ApiCall call, EvaluationSuiteRepository suites, EvaluationSuite suite, byte[] bodyHash, int status, Func<Task> execute, IReadOnlyList<string>? notes = null) =>
        call.ExecuteOnReadAsync<SavedSuite>(
            bodyHash, EntityTag.Of(suite), async () => EntityTag.Of(await suites.GetAsync(suite.Id, call.Aborted)), execute, saved => Saved(saved, status, notes));

    private static async Task<Page<SuiteItem>> ListAsync(ApiCall call, SuiteListRepository lists, string? tenant, string? cursor, int? limit)
    {
        var count = ApiCall.Limit(limit);
        return call.PageOf(await lists.ListAsync(new SuiteListFilter { TenantIds = await call.ScopeAsync(tenant), BeforeId = ApiCall.Before(cursor) }, count, call.Aborted), count, SuiteItem.Of, suite => suite.Id);
    }

    private static async Task<IResult> GetAsync(ApiCall call, long id, EvaluationSuiteRepository suites)
    {
        var suite = await FindAsync(call, suites, id);
        return call.Tagged(SuiteView.Of(suite, await suites.CountCasesAsync(suite.Id, suite.Revision, call.Aborted)), EntityTag.Of(suite));
    }

    private static async Task<IResult> ChangeAsync(ApiCall call, long id, ApiBody<SuiteChange> body, EvaluationSuiteRepository suites, SaveSuite saveSuite)
    {
        var suite = await FindAsync(call, suites, id);
        var requested = body.Value;
        var edit = new SuiteEdit
        {
            FromRevision = suite.Revision,
            Draft = new SuiteDraft
            {
                Name = requested.Name ?? suite.Name,
                BasedOn = suite.Revision,
                Description = requested.Description ?? suite.Description,
                PassThreshold = requested.PassThreshold ?? suite.PassThreshold,
                IsDefault = requested.IsDefault ?? suite.IsDefault,
                Tags = requested.Tags ?? SuiteView.Words(suite.Tags),
            },
        };
        return await ReviseAsync(
            call, suites, suite, body.Hash, StatusCodes.Status200OK, () => saveSuite.ReviseAsync(suite.Id, edit, call.Actor, call.Aborted));
    }

    private static async Task<Page<SuiteRevisionView>> ListRevisionsAsync(ApiCall call, long id, EvaluationSuiteRepository suites, string? cursor, int? limit)
    {
        var suite = await FindAsync(call, suites, id);
        var count = ApiCall.Limit(limit);
        var first = (int)Math.Min(ApiCall.Number(cursor, suite.Revision + 1L), suite.Revision + 1L) - 1;
        var last = Math.Max(1, first - count + 1);
        var sizes = await suites.CountCasesByRevisionAsync(suite.Id, last, first, call.Aborted);
        var revisions = Enumerable.Range(last, Math.Max(0, first - last + 1)).Reverse()
            .Select(revision => new SuiteRevisionView { Revision = revision, CaseCount = sizes.GetValueOrDefault(revision) }).ToList();
        return call.PageOf(revisions, count, revision => revision, revision => revision.Revision);
    }

    private static async Task<Page<CaseView>> ListCasesAsync(ApiCall call, long id, EvaluationSuiteRepository suites, int? revision, string? cursor, int? limit)
    {
        var suite = await FindAsync(call, suites, id);
        var count = ApiCall.Limit(limit);
        var after = (int)Math.Min(ApiCall.Number(cursor, 0), int.MaxValue);
        return call.PageOf(await suites.ListCasesAsync(suite.Id, Revision(suite, revision), after, count, call.Aborted), count, CaseView.Of, testCase => testCase.Ordinal);
    }

    private static async Task<IResult> ChangeCasesAsync(ApiCall call, long id, ApiBody<CasesChange> body, EvaluationSuiteRepository suites, EditCases editCases)
    {
        var suite = await FindAsync(call, suites, id);
        var edit = body.Value.ToEdit();
        return await ReviseAsync(call, suites, suite, body.Hash, StatusCodes.Status200OK, () => editCases.ExecuteAsync(suite, edit, call.Actor, call.Aborted));
    }

    private static async Task<IResult> ExportAsync(ApiCall call, long id, EvaluationSuiteRepository suites, DataExporter exporter, int? revision, string? format)
    {
        var suite = await FindAsync(call, suites, id);
        var shown = Revision(suite, revision);
        var chosen = ApiExport.Suite.Choose(call, format) ?? ExportFormat.Json;
        return ApiExport.Stream(chosen, (target, aborted) => exporter.ExportSuiteAsync(suite, shown, chosen, target, aborted));
    }

    private static int Revision(EvaluationSuite suite, int? requested) => requested is null ? suite.Revision
        : requested >= 1 && requested <= suite.Revision ? requested.Value
        : throw new InvalidInputException($"revision: the suite has the revisions 1 to {suite.Revision}.");

    private static async Task<SuiteStatistics> ReadStatisticsAsync(ApiCall call, long id, EvaluationSuiteRepository suites, SuiteListRepository lists, int? limit)
    {
        var suite = await FindAsync(call, suites, id);
        var runs = (await lists.ListRunsAsync([suite.Id], ApiCall.Limit(limit), call.Aborted))[suite.Id].ToList();
        var rates = runs.Where(run => run.Status == RunStatus.Completed).Select(run => run.PassRate).OfType<double>().ToList();
        return new SuiteStatistics
        {
            SuiteId = suite.Id,
            Runs = [.. runs.Select(run => new SuiteRunView { RunId = run.Id, Status = run.Status, PassRate = run.PassRate, CreatedAt = run.CreatedAt })],
            CompletedCount = rates.Count,
            MeanPassRate = rates.Count == 0 ? null : rates.Average(),
        };
    }
}

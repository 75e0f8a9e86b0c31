using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using Microsoft.AspNetCore.Mvc;

namespace EvalJobs.Server.Api;

/// <summary><c>POST /suites</c> and <c>/suites/{id}/revisions</c>: files of test cases, as <c>suite import</c> reads them.</summary>
/// <remarks>A body of JSON is such a file, too: <c>{ name, description, passThreshold, tags, scoring, cases }</c>, or a list of cases.</remarks>
internal static class SuiteImportEndpoints
{
    public static void MapSuiteImport(this IEndpointRouteBuilder api)
    {
        api.MapPost("/suites", CreateAsync).Writes<SuiteView>("createSuite", "Create a suite from a file of test cases", StatusCodes.Status201Created).TakesBody().WithMetadata(new ApiUpload.Taken());
        api.MapPost("/suites/{id:long}/revisions", ReviseAsync).Writes<SuiteView>("reviseSuite", "Store a file of test cases as the next revision of a suite", StatusCodes.Status201Created)
            .TakesBody().HasTag().WithMetadata(new ApiUpload.Taken());
    }

    private static async Task<IResult> CreateAsync(ApiCall call, string? tenant, [AsParameters] ImportParameters said, ImportSuite importSuite, ApiOptions options)
    {
        var owner = await call.TenantAsync(tenant);
        await using var upload = await ApiUpload.ReadAsync(call.Http, options.MaxImportBytes);
        var import = said.ToImport(owner.Id, upload) with { Name = said.Name, BasedOn = 0 };
        return await call.ExecuteAsync<SavedSuite>(
            upload.Hash, null, () => importSuite.ExecuteAsync(import, call.Actor, call.Aborted), saved => SuiteEndpoints.Saved(saved, StatusCodes.Status201Created, import.Conversion.Report.Notes));
    }

    private static async Task<IResult> ReviseAsync(
        ApiCall call, long id, [AsParameters] ImportParameters said, ImportSuite importSuite, EvaluationSuiteRepository suites, ApiOptions options)
    {
        var suite = await SuiteEndpoints.FindAsync(call, suites, id);
        if (said.Name is not null)
            throw new InvalidInputException("name: the suite has its name; PATCH changes it.");
        await using var upload = await ApiUpload.ReadAsync(call.Http, options.MaxImportBytes);
        var import = said.ToImport(suite.TenantId, upload) with { Name = suite.Name, BasedOn = suite.Revision };
        return await SuiteEndpoints.ReviseAsync(
            call, suites, suite, upload.Hash, StatusCodes.Status201Created, () => importSuite.ExecuteAsync(import, call.Actor, call.Aborted), import.Conversion.Report.Notes);
    }
}

/// <summary>The settings given with a file of test cases; they override the file's own.</summary>
internal sealed record ImportParameters
{
    /// <summary>The suite's name, if the file does not contain it.</summary>
    [FromQuery(Name = "name")]
    public string? Name { get; init; }

    /// <summary>What the suite is for.</summary>
    [FromQuery(Name = "description")]
    public string? Description { get; init; }

    /// <summary>Lowest pass rate for the outcome PASS, 0 to 1.</summary>
    [FromQuery(Name = "passThreshold")]
    public double? PassThreshold { get; init; }

    /// <summary>Whether versions that enter TESTING are evaluated with it.</summary>
    [FromQuery(Name = "isDefault")]
    public bool? IsDefault { get; init; }

    /// <summary>JSON and YAML: the property that holds the cases, such as data.cases.</summary>
    [FromQuery(Name = "root")]
    public string? Root { get; init; }

    /// <summary>The scorer of cases that name none, such as contains.</summary>
    [FromQuery(Name = "scorer")]
    public string? Scorer { get; init; }

    public SuiteImport ToImport(long tenantId, ApiUpload upload) => new()
    {
        TenantId = tenantId,
        FileName = upload.FileName,
        Open = upload.Open,
        Description = Description,
        PassThreshold = PassThreshold,
        IsDefault = IsDefault,
        Root = Root,
        DefaultScoring = Scorer is null ? null : ScoringSpec.Parse(Scorer),
    };
}

using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Server.Web;

namespace EvalJobs.Server.Api;

/// <summary><c>/versions/{id}/standing</c> and <c>/requirements</c>: the requirements of a version, and what the evidence says about them.</summary>
internal static class StandingEndpoints
{
    public static void MapStandings(this IEndpointRouteBuilder api)
    {
        api.MapGet("/versions/{id:long}/standing", ReadAsync).Reads<StandingAnswer>("getStanding", "Read what the evidence says about a version now");
        api.MapGet("/versions/{id:long}/requirements", ListAsync).Reads<Page<RequirementView>>("listRequirements", "List what is required of a version");
        api.MapGet("/versions/{id:long}/certificate", ReadCertificateAsync).Reads<System.Text.Json.JsonElement>("getCertificate", "Read what the latest promotion of a version was based on");
        api.MapPost("/versions/{id:long}/requirements", RequireAgainAsync).Writes<StandingAnswer>("requireAgain", "Store the requirements of a version in TESTING again").HasTag();
    }

    private static async Task<StandingAnswer> ReadAsync(ApiCall call, long id, AgentVersionRepository versions, PromotionRepository promotion)
    {
        var version = await VersionEndpoints.FindAsync(call, versions, id);
        return StandingAnswer.Of(version.Id, await promotion.ReadStandingAsync(version.Id, call.Aborted));
    }

    private static async Task<Page<RequirementView>> ListAsync(ApiCall call, long id, AgentVersionRepository versions, PromotionRepository promotion)
    {
        var version = await VersionEndpoints.FindAsync(call, versions, id);
        var standing = await promotion.ReadStandingAsync(version.Id, call.Aborted);
        return new([.. standing?.Standing.Requirements.Select(each => RequirementView.Of(each.Requirement)) ?? []], null);
    }

    private static async Task<IResult> ReadCertificateAsync(ApiCall call, long id, AgentVersionRepository versions, CertificateRepository certificates)
    {
        var version = await VersionEndpoints.FindAsync(call, versions, id);
        var latest = await certificates.ListAsync(version.Id, 1, call.Aborted) is [var newest, ..] ? newest : throw new NotFoundException("There is no certificate.");
        return TypedResults.Text(latest.Document, "application/json; charset=utf-8");
    }

    private static async Task<IResult> RequireAgainAsync(ApiCall call, long id, AgentVersionRepository versions, RequireVersion requireVersion)
    {
        var version = await VersionEndpoints.FindAsync(call, versions, id);
        return await call.ExecuteAsync<(VersionStanding Standing, IReadOnlyList<EvaluationRun> Runs)>(
            NoBody.Hash, VersionEndpoints.Condition(call, version), () => requireVersion.ExecuteAsync(version.Id, call.Actor, call.Aborted),
            required => new OperationAnswer(StatusCodes.Status200OK, ApiJson.Text(StandingAnswer.Of(version.Id, required.Standing) with { CreatedRuns = [.. required.Runs.Select(run => run.Id)] }))
            {
                TenantId = version.TenantId,
            });
    }
}

/// <summary>What the evidence says of a version now.</summary>
internal sealed record StandingAnswer
{
    /// <summary>The version.</summary>
    public required long VersionId { get; init; }

    /// <summary>The round of requirements; null when nothing is required of it.</summary>
    public int? Round { get; init; }

    /// <summary>PASS, FAIL or INCONCLUSIVE; null when nothing is required.</summary>
    public GateVerdict? Verdict { get; init; }

    /// <summary>The evaluation status that follows; null when nothing is required.</summary>
    public EvalStatus? EvalStatus { get; init; }

    /// <summary>Why, in one sentence.</summary>
    public string? Reason { get; init; }

    /// <summary>What to do next, in one sentence; null when nothing is missing.</summary>
    public string? Remedy { get; init; }

    /// <summary>Each requirement, in order.</summary>
    public required IReadOnlyList<RequirementStandingView> Requirements { get; init; }

    /// <summary>Pending and running runs of the required suites.</summary>
    public required IReadOnlyList<long> LiveRuns { get; init; }

    /// <summary>Runs that this request created.</summary>
    public IReadOnlyList<long> CreatedRuns { get; init; } = [];

    public static StandingAnswer Of(long versionId, VersionStanding? standing) => new()
    {
        VersionId = versionId,
        Round = standing?.Gate.Round,
        Verdict = standing?.Standing.Verdict,
        EvalStatus = standing?.EvalStatus,
        Reason = standing?.Standing.Reason,
        Remedy = standing?.Remedy,
        Requirements = [.. standing?.Standing.Requirements.Select(RequirementStandingView.Of) ?? []],
        LiveRuns = [.. standing?.LiveRuns.Select(run => run.Id) ?? []],
    };
}

/// <summary>One requirement of a version: a suite revision with a rule.</summary>
internal sealed record RequirementView
{
    /// <summary>Position among the requirements, from 1.</summary>
    public required int Ordinal { get; init; }

    /// <summary>The suite.</summary>
    public required long SuiteId { get; init; }

    /// <summary>Its name.</summary>
    public required string Suite { get; init; }

    /// <summary>The revision whose runs count.</summary>
    public required int SuiteRevision { get; init; }

    /// <summary>How the evidence is judged.</summary>
    public required GateRule Rule { get; init; }

    /// <summary>The pass rate to reach, or the difference to stay below, 0 to 1.</summary>
    public required double Limit { get; init; }

    /// <summary>The same for the cases of a tag.</summary>
    public required IReadOnlyDictionary<string, double> TagLimits { get; init; }

    /// <summary>Keys of cases that have to pass in the latest look.</summary>
    public required IReadOnlyList<string> MustPass { get; init; }

    /// <summary>The version compared with; null when there is none.</summary>
    public long? BaselineVersionId { get; init; }

    public static RequirementView Of(Requirement requirement) => new()
    {
        Ordinal = requirement.Ordinal,
        SuiteId = requirement.SuiteId,
        Suite = requirement.SuiteName,
        SuiteRevision = requirement.SuiteRevision,
        Rule = requirement.Rule,
        Limit = requirement.Limit,
        TagLimits = requirement.TagLimits,
        MustPass = requirement.MustPass,
        BaselineVersionId = requirement.BaselineVersionId,
    };
}

/// <summary>What the evidence says of one requirement.</summary>
internal sealed record RequirementStandingView
{
    /// <summary>The requirement.</summary>
    public required RequirementView Requirement { get; init; }

    /// <summary>PASS, FAIL or INCONCLUSIVE.</summary>
    public required GateVerdict Verdict { get; init; }

    /// <summary>Why, in one sentence or two.</summary>
    public required string Reason { get; init; }

    /// <summary>Looks that count.</summary>
    public required int LookCount { get; init; }

    /// <summary>Looks that were declared void.</summary>
    public required int VoidCount { get; init; }

    /// <summary>Passed answers over all looks.</summary>
    public required long Passed { get; init; }

    /// <summary>Answers over all looks.</summary>
    public required long Cases { get; init; }

    /// <summary>The pass rate, or the difference to the baseline; null without evidence.</summary>
    public double? Estimate { get; init; }

    /// <summary>The lower end of its interval.</summary>
    public double? Low { get; init; }

    /// <summary>The upper end of its interval.</summary>
    public double? High { get; init; }

    /// <summary>How many more cases would decide at the rate seen; null when it is decided, or none would.</summary>
    public long? MoreCases { get; init; }

    /// <summary>Must-pass cases that did not pass in the latest look.</summary>
    public required IReadOnlyList<string> MissedCases { get; init; }

    /// <summary>The latest ended run, if it FAILED. The version does not pass until another run has completed.</summary>
    public long? FailedRunId { get; init; }

    public static RequirementStandingView Of(RequirementStanding standing) => new()
    {
        Requirement = RequirementView.Of(standing.Requirement),
        Verdict = standing.Verdict,
        Reason = standing.Reason,
        LookCount = standing.LookCount,
        VoidCount = standing.VoidCount,
        Passed = standing.Whole.Passed,
        Cases = standing.Whole.Cases,
        Estimate = standing.Whole.Estimate,
        Low = standing.Whole.Low,
        High = standing.Whole.High,
        MoreCases = standing.Whole.MoreCases,
        MissedCases = standing.MissedCases,
        FailedRunId = standing.FailedRunId,
    };
}

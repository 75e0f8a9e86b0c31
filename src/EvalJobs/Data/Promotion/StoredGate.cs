using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>One revision of a policy, as stored.</summary>
internal sealed record StoredPolicy
{
    /// <summary>Database identity.</summary>
    public required long Id { get; init; }

    /// <summary>The tenant that owns it.</summary>
    public required long TenantId { get; init; }

    /// <summary>The agent it is for; empty for all of the tenant's agents.</summary>
    public required string AgentName { get; init; }

    /// <summary>The revision, from 1.</summary>
    public required int Revision { get; init; }

    /// <summary>Canonical JSON; see <see cref="PromotionPolicy"/>.</summary>
    public required string Document { get; init; }

    /// <summary>SHA-256 of <see cref="Document"/>.</summary>
    public required string DocumentHash { get; init; }

    /// <summary>Who set it.</summary>
    public required string Actor { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A requirement as its row is stored; tags and cases are JSON there.</summary>
internal sealed record RequirementRow
{
    public required long Id { get; init; }

    public required int Ordinal { get; init; }

    public required long SuiteId { get; init; }

    public required string SuiteName { get; init; }

    public required int SuiteRevision { get; init; }

    public required GateRule Rule { get; init; }

    public required double Bound { get; init; }

    public required string TagBounds { get; init; }

    public required string MustPass { get; init; }

    public long? BaselineVersionId { get; init; }

    public string? BaselineLabel { get; init; }

    public Requirement ToRequirement() => new()
    {
        Id = Id,
        Ordinal = Ordinal,
        SuiteId = SuiteId,
        SuiteName = SuiteName,
        SuiteRevision = SuiteRevision,
        Rule = Rule,
        Limit = Bound,
        TagLimits = JsonSerializer.Deserialize<Dictionary<string, double>>(TagBounds)!,
        MustPass = JsonSerializer.Deserialize<List<string>>(MustPass)!,
        BaselineVersionId = BaselineVersionId,
        BaselineLabel = BaselineLabel,
    };
}

/// <summary>A case of a suite revision that a gate has to know of by name.</summary>
internal sealed record CaseFactsRow
{
    public required int Ordinal { get; init; }

    public required string CaseKey { get; init; }

    public required string Tags { get; init; }

    public required bool MustPass { get; init; }

    public CaseFacts ToFacts() => new(CaseKey, JsonSerializer.Deserialize<List<string>>(Tags)!, MustPass);
}

/// <summary>A run that was cancelled or failed although answers had come. It is not evidence, and is shown next to it.</summary>
internal sealed record UnfinishedRun
{
    /// <summary>The run.</summary>
    public required long RunId { get; init; }

    /// <summary>CANCELLED or FAILED.</summary>
    public required RunStatus Status { get; init; }

    /// <summary>Cases of the suite revision.</summary>
    public required int CaseCount { get; init; }

    /// <summary>Cases that had a result.</summary>
    public required int AnsweredCount { get; init; }

    /// <summary>Those of them that passed.</summary>
    public required int PassedCount { get; init; }

    /// <summary>The words for people.</summary>
    public string Sentence => $"run {RunId} {StoredWord.Of(Status)} after {AnsweredCount} of {CaseCount} cases, {PassedCount} passed: it does not count";
}

/// <summary>The latest ended run of a suite revision.</summary>
internal sealed record EndedRun
{
    public required long Id { get; init; }

    public required RunStatus Status { get; init; }
}

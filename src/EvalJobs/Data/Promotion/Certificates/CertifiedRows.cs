namespace EvalJobs.Data;

/// <summary>A version as a certificate covers it. Its state and evaluation status are left out because they change.</summary>
internal sealed record CertifiedVersion
{
    public required long Id { get; init; }

    public required long TenantId { get; init; }

    public required string AgentName { get; init; }

    public required string VersionLabel { get; init; }

    /// <summary>Canonical JSON, of which <see cref="GenomeHash"/> is the hash.</summary>
    public required string Genome { get; init; }

    public required string GenomeHash { get; init; }

    /// <summary>The genome as its author wrote it; null for versions from before it was stored.</summary>
    public string? GenomeText { get; init; }

    public string? GenomeTextHash { get; init; }

    public long? ParentVersionId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A requirement as its row is stored.</summary>
internal sealed record CertifiedRequirement
{
    public required long Id { get; init; }

    public required long GateId { get; init; }

    public required long TenantId { get; init; }

    public required long VersionId { get; init; }

    public required int Ordinal { get; init; }

    public required long SuiteId { get; init; }

    public required int SuiteRevision { get; init; }

    public required string Rule { get; init; }

    public required double Bound { get; init; }

    public required string TagBounds { get; init; }

    public required string MustPass { get; init; }

    public long? BaselineVersionId { get; init; }
}

/// <summary>An ended run as a certificate covers it, its words as they are stored.</summary>
internal sealed record CertifiedRun
{
    public required long Id { get; init; }

    public required long TenantId { get; init; }

    public required long SuiteId { get; init; }

    public required int SuiteRevision { get; init; }

    public required long VersionId { get; init; }

    public required string Status { get; init; }

    public required string Trigger { get; init; }

    public required int Attempt { get; init; }

    public required int FailedAttempts { get; init; }

    public required string PreviousEvalStatus { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? CompletedAt { get; init; }

    public required double PassThreshold { get; init; }

    public double? PassRate { get; init; }

    public double? OverallScore { get; init; }

    public required int CaseCount { get; init; }

    public required int PassedCount { get; init; }

    public required int FailedCount { get; init; }

    public required int ErroredCount { get; init; }

    public required int UnscoredCount { get; init; }

    public int? CutCount { get; init; }

    public long? InputTokens { get; init; }

    public long? OutputTokens { get; init; }

    public double? Cost { get; init; }

    public string? Error { get; init; }

    public long? ContinuesRunId { get; init; }

    /// <summary>Where it is now; not covered by the certificate.</summary>
    public required bool IsArchived { get; init; }
}

/// <summary>One case's result, its words as they are stored.</summary>
internal sealed record CertifiedResult
{
    public required int Ordinal { get; init; }

    public required string CaseKey { get; init; }

    public required long TestCaseId { get; init; }

    public required string Verdict { get; init; }

    public double? Score { get; init; }

    public string? Output { get; init; }

    public string? Error { get; init; }

    public required long DurationMs { get; init; }

    public long? InputTokens { get; init; }

    public long? OutputTokens { get; init; }

    public double? Cost { get; init; }

    public bool? IsCut { get; init; }

    public required bool AskAgain { get; init; }
}

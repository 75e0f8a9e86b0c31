namespace EvalJobs.Domain;

/// <summary>One completed run as evidence: the result of each case, and whether someone declared it void.</summary>
internal sealed record Look
{
    /// <summary>The run.</summary>
    public required long RunId { get; init; }

    /// <summary>The tenant that owns the run.</summary>
    public long TenantId { get; init; }

    /// <summary>The version that was evaluated.</summary>
    public long VersionId { get; init; }

    /// <summary>The suite.</summary>
    public long SuiteId { get; init; }

    /// <summary>Its revision.</summary>
    public int SuiteRevision { get; init; }

    /// <summary>One letter per case, by ordinal; see <see cref="CaseOutcome"/>.</summary>
    public required string Outcomes { get; init; }

    /// <summary>When the run completed, UTC.</summary>
    public DateTimeOffset CompletedAt { get; init; }

    /// <summary>When it was declared void, UTC; null while it counts.</summary>
    public DateTimeOffset? VoidedAt { get; init; }

    /// <summary>Who declared it void.</summary>
    public string? VoidedBy { get; init; }

    /// <summary>Why.</summary>
    public string? VoidReason { get; init; }

    /// <summary>Whether it no longer counts.</summary>
    public bool IsVoid => VoidedAt is not null;

    /// <summary>Cases with verdict PASSED.</summary>
    public int PassedCount => Outcomes.AsSpan().Count(CaseOutcome.Passed);
}

/// <summary>The letters of <see cref="Look.Outcomes"/>.</summary>
internal static class CaseOutcome
{
    /// <summary>The case passed. Every other letter means that it did not.</summary>
    public const char Passed = 'P';

    /// <returns>The letter of a verdict: P, F, E or U.</returns>
    public static char Of(CaseVerdict verdict) => verdict switch
    {
        CaseVerdict.Passed => Passed,
        CaseVerdict.Failed => 'F',
        CaseVerdict.Errored => 'E',
        CaseVerdict.Unscored => 'U',
        _ => throw new ArgumentOutOfRangeException(nameof(verdict), verdict, "A verdict without a letter."),
    };
}

/// <summary>What a gate needs to know of one case of a suite revision. A list of them is in order of ordinal, from 1, without gaps.</summary>
/// <param name="CaseKey">The case's stable name.</param>
/// <param name="Tags">Its tags.</param>
/// <param name="MustPass">Whether it has to pass in the latest look, whatever the rate.</param>
internal sealed record CaseFacts(string CaseKey, IReadOnlyList<string> Tags, bool MustPass);

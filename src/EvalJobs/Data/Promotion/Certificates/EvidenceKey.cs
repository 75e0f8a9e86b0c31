namespace EvalJobs.Data;

/// <summary>The evidence of a certificate, by kind. Each is a list of lines of canonical JSON; docs/guide/certificate.md describes them.</summary>
internal enum EvidenceKind
{
    /// <summary>A version with its genome, one line.</summary>
    Version,

    /// <summary>A revision of a policy, one line.</summary>
    Policy,

    /// <summary>A round of requirements: its own line, then one for each requirement.</summary>
    Gate,

    /// <summary>The cases of a suite revision, a line each.</summary>
    Cases,

    /// <summary>A run as evidence, with the outcome of each case; one line.</summary>
    Look,

    /// <summary>A run with its figures, one line; none when it was purged before the promotion.</summary>
    Run,

    /// <summary>The results of a run, a line for each case; none when it was purged before the promotion.</summary>
    Results,

    /// <summary>A line of the audit trail.</summary>
    Audit,
}

/// <summary>Names one piece of evidence.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Id">The identity of the version, policy, round, suite, run or audit record.</param>
/// <param name="SuiteId">For results: the suite.</param>
/// <param name="Revision">For cases and results: the suite's revision.</param>
internal readonly record struct EvidenceKey(EvidenceKind Kind, long Id, long? SuiteId = null, int? Revision = null)
{
    /// <summary>Whether it may be so large that it is read a page at a time, outside any transaction.</summary>
    public bool IsLarge => Kind is EvidenceKind.Cases or EvidenceKind.Results;

    /// <summary>The word in certificates.</summary>
    public string Word => Kind.ToString().ToLowerInvariant();

    /// <summary>For people.</summary>
    public string Name => Kind switch
    {
        EvidenceKind.Version => $"version {Id} or its genome",
        EvidenceKind.Policy => $"policy {Id}",
        EvidenceKind.Gate => $"the requirements stored in gate {Id}",
        EvidenceKind.Cases => $"the cases of suite {Id} revision {Revision}",
        EvidenceKind.Look => $"the look of run {Id}",
        EvidenceKind.Run => $"run {Id}",
        EvidenceKind.Results => $"the results of run {Id}",
        _ => $"audit record {Id}",
    };

    /// <returns>The key that a certificate's entry names.</returns>
    /// <exception cref="FormatException">The word is unknown.</exception>
    public static EvidenceKey Parse(string word, long id, long? suiteId, int? revision)
    {
        foreach (var kind in Enum.GetValues<EvidenceKind>())
        {
            if (new EvidenceKey(kind, id).Word == word)
                return new EvidenceKey(kind, id, suiteId, revision);
        }

        throw new FormatException($"'{word}' is not a kind of evidence.");
    }
}

/// <summary>A piece of evidence, summed up.</summary>
/// <param name="Key">Which.</param>
/// <param name="Lines">How many lines it has.</param>
/// <param name="Sha256">SHA-256 of the lines in UTF-8, each ended by a line feed; 64 lower-case hexadecimal digits.</param>
internal sealed record EvidenceDigest(EvidenceKey Key, int Lines, string Sha256)
{
    /// <summary>For results: the letter of each verdict, by ordinal.</summary>
    public string Outcomes { get; init; } = "";
}

using System.Text.Json;

namespace EvalJobs.Domain;

/// <summary>What a tenant, or one of its agents, requires of a version before it is promoted. Read from JSON that a person wrote.</summary>
internal sealed record PromotionPolicy
{
    /// <summary>The shared chance of a wrong decision unless the policy says otherwise: 0.05.</summary>
    public const double DefaultAlpha = 0.05;

    /// <summary>The required suites, at least one.</summary>
    public required IReadOnlyList<PolicyRequirement> Requirements { get; init; }

    /// <summary>The chance of a wrong decision, above 0 and at most 0.5.</summary>
    public double Alpha { get; init; } = DefaultAlpha;

    /// <summary>Whether CANDIDATE → APPROVED needs a person other than the one who created the version.</summary>
    public bool NeedsSecondPerson { get; init; }

    /// <summary>Whether CANDIDATE → APPROVED needs the role Approver.</summary>
    public bool NeedsApprover { get; init; }

    /// <summary>Reads a policy.</summary>
    /// <param name="json">The document; see docs/guide/gate.md.</param>
    /// <exception cref="InvalidInputException">The message names the field and what would be right.</exception>
    public static PromotionPolicy Parse(string json)
    {
        using var document = JsonDocument.Parse(CanonicalJson.Of(json));
        return PolicyReader.Read(document.RootElement);
    }
}

/// <summary>One suite of a policy. Whether the suite, its tags and its cases exist is checked when the policy is stored and when it is applied.</summary>
internal sealed record PolicyRequirement
{
    /// <summary>The suite's name.</summary>
    public required string Suite { get; init; }

    /// <summary>How the evidence is judged.</summary>
    public GateRule Rule { get; init; } = GateRule.Rate;

    /// <summary>For <see cref="GateRule.Rate"/> and <see cref="GateRule.Evidence"/>; null means the suite's own threshold.</summary>
    public double? Threshold { get; init; }

    /// <summary>For <see cref="GateRule.NotWorse"/>.</summary>
    public double? Margin { get; init; }

    /// <summary>For <see cref="GateRule.NotWorse"/>: <c>parent</c>, <c>approved</c>, a label of the same agent, or a version's number as <c>#12</c>.</summary>
    public string? Baseline { get; init; }

    /// <summary>Limits of the same kind for the cases of a tag.</summary>
    public IReadOnlyDictionary<string, double> TagLimits { get; init; } = new Dictionary<string, double>(StringComparer.Ordinal);

    /// <summary>Keys of cases that have to pass in the latest look.</summary>
    public IReadOnlyList<string> MustPass { get; init; } = [];
}

using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Whether a version may be promoted now. The caller holds the version, so that what is found cannot change before it is stored.</summary>
internal static class PromotionCheck
{
    /// <returns>What the promotion rests on; null when nothing was ever required of the version, as before policies.</returns>
    /// <exception cref="ConflictException">The evidence does not suffice, or another person has to do it; the message names the requirement, the figures and the remedy.</exception>
    public static async Task<VersionStanding?> EnsureAllowedAsync(DbWork db, AgentVersion version, VersionMove move)
    {
        var standing = await GateEvidence.RefreshAsync(db, version.Id);
        if (!VersionLifecycle.Next(version.LifecycleState).Contains(move.To) || standing is null)
            return standing;

        if (standing.Refusal(version.LifecycleState, move.To) is { } refusal)
            throw new ConflictException(refusal);

        if (move.To == LifecycleState.Approved)
            EnsureApprover(version, standing.Gate, move);
        return standing;
    }

    private static void EnsureApprover(AgentVersion version, VersionGate gate, VersionMove move)
    {
        if (gate.NeedsApprover && !move.IsApprover)
            throw new ConflictException($"The policy wants a person with the role Approver to approve version {version.Id}; {move.Actor} does not have it. Ask one who has.");
        if (!gate.NeedsSecondPerson)
            return;
        if (Actor.IsProgram(move.Actor))
            throw new ConflictException($"The policy wants a second person to approve version {version.Id}, and {move.Actor} is a key, which anyone may hold. Ask a person to do it.");
        if (gate.VersionCreatedBy is not { } creator)
            throw new ConflictException($"The policy wants a second person to approve version {version.Id}, and the audit trail no longer says who created it. Create the version anew.");
        if (Actor.IsSamePerson(creator, move.Actor))
            throw new ConflictException($"The policy wants a second person to approve version {version.Id}: {creator} created it and {move.Actor} is the same person. Ask someone else.");
    }
}

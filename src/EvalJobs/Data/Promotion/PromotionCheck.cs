using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Whether a version may be promoted now. The caller holds the version, so that what is found cannot change before it is stored.</summary>
internal static class PromotionCheck
{
    /// <returns>What the promotion is based on; null when the version never had requirements.</returns>
    /// <exception cref="ConflictException">The evidence is not sufficient, or another person must approve; the message names the requirement, the figures and the remedy.</exception>
    public static async Task<VersionStanding?> EnsureAllowedAsync(DbWork db, AgentVersion version, TransitionRequest request)
    {
        var standing = await GateEvidence.RefreshAsync(db, version.Id);
        if (!VersionLifecycle.Next(version.LifecycleState).Contains(request.To) || standing is null)
            return standing;

        if (standing.FindError(version.LifecycleState, request.To) is { } error)
            throw new ConflictException(error);

        if (request.To == LifecycleState.Approved)
            EnsureApprover(version, standing.Gate, request);
        return standing;
    }

    private static void EnsureApprover(AgentVersion version, VersionGate gate, TransitionRequest request)
    {
        if (gate.NeedsApprover && !request.IsApprover)
            throw new ConflictException($"The policy requires a person with the role Approver to approve version {version.Id}; {request.Actor} does not have it. Ask one who has.");
        if (!gate.NeedsSecondPerson)
            return;
        if (Actor.IsProgram(request.Actor))
            throw new ConflictException($"The policy requires a second person to approve version {version.Id}, and {request.Actor} is a key, which anyone may hold. Ask a person to do it.");
        if (gate.VersionCreatedBy is not { } creator)
            throw new ConflictException($"The policy requires a second person to approve version {version.Id}, and the audit trail no longer says who created it. Create the version again.");
        if (Actor.IsSamePerson(creator, request.Actor))
            throw new ConflictException($"The policy requires a second person to approve version {version.Id}: {creator} created it and {request.Actor} is the same person. Ask someone else.");
    }
}

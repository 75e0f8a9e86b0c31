using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Someone else has stored a revision of the policy since it was read; nothing was stored.</summary>
internal sealed class PolicyOvertakenException(int? revision) : ConflictException(
    $"Someone else has set this policy{(revision is { } number ? $": revision {number} applies now" : " at this moment")}; nothing was stored. Read it again before you change it.");

namespace EvalJobs.Domain;

/// <summary>An alert that one of the rules in this folder asks for; not stored yet.</summary>
/// <param name="TenantId">The tenant concerned; null for the whole server.</param>
/// <param name="Topic">What it is about.</param>
/// <param name="Phase">Whether the problem is new, continues or is over.</param>
/// <param name="Text">What happened. Never a prompt, a reply, an error that may quote one, or a secret.</param>
/// <param name="Data">Details for programs; stored as a JSON object.</param>
internal sealed record AlertDraft(long? TenantId, AlertTopic Topic, AlertPhase Phase, string Text, object? Data = null);

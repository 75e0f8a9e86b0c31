namespace EvalJobs.Domain;

/// <summary>A person or program asked for something that is wrong or not allowed. The message names the thing and what would be right.</summary>
public abstract class NotAllowedException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What helps, without the words of the command line or the dashboard; empty when the message says all.</summary>
    internal IReadOnlyList<Remedy> Remedies { get; init; } = [];

    /// <summary>The field that is wrong, as the HTTP API names it; null when it is none, or when the message begins with it.</summary>
    internal string? Field { get; init; }
}

/// <summary>Input that cannot be accepted: a malformed file, genome, option or name.</summary>
public sealed class InvalidInputException(string message, Exception? inner = null) : NotAllowedException(message, inner);

/// <summary>A named thing does not exist.</summary>
public sealed class NotFoundException(string message) : NotAllowedException(message);

/// <summary>The thing exists, but its present state does not allow the request.</summary>
public class ConflictException(string message) : NotAllowedException(message);

/// <summary>What was to be changed is no longer as the caller saw it.</summary>
internal sealed class ConditionException() : NotAllowedException("It has changed since it was read; nothing was changed.");

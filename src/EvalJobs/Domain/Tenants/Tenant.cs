namespace EvalJobs.Domain;

/// <summary>A customer whose evaluations are kept apart from everyone else's.</summary>
public sealed record Tenant
{
    /// <summary>The worker pool of tenants without one of their own.</summary>
    public const string CommonPool = "evaluations";

    /// <summary>The worker pool of ticks, health checks and cleanups; no tenant may have it.</summary>
    public const string MaintenancePool = "maintenance";

    /// <summary>Database identity.</summary>
    public required long Id { get; init; }

    /// <summary>Unique short name for commands, configuration and logs: 1 to 63 of a-z, 0-9 and '-'.</summary>
    public required string Slug { get; init; }

    /// <summary>Name for people.</summary>
    public required string Name { get; init; }

    /// <summary>A paused tenant's pending runs wait; a running batch stops claiming.</summary>
    public required bool IsPaused { get; init; }

    /// <summary>Runs per batch; null means the server's <c>Dispatch:BatchLimit</c>.</summary>
    public int? BatchLimit { get; init; }

    /// <summary>Pending runs above which the tenant is in WARNING; null means the server's <c>Health:PendingWarning</c>.</summary>
    public int? PendingWarningThreshold { get; init; }

    /// <summary>The worker pool (a Hangfire queue) that works this tenant; null means the common pool.</summary>
    public string? WorkerPool { get; init; }

    /// <summary>When the tenant was added, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <returns>Whether this is a slug: 1 to 63 of a-z, 0-9 and '-', starting and ending with a letter or digit.</returns>
    public static bool IsSlug(string? slug) => slug is { Length: >= 1 and <= 63 } && slug[0] != '-' && slug[^1] != '-'
        && slug.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-');

    /// <summary>Checks a slug.</summary>
    /// <exception cref="InvalidInputException">Not a slug.</exception>
    public static string ValidateSlug(string slug) => IsSlug(slug) ? slug : throw new InvalidInputException(
        $"'{slug}' is not a tenant slug: use 1 to 63 of a-z, 0-9 and '-', starting and ending with a letter or digit.") { Field = "slug" };
}

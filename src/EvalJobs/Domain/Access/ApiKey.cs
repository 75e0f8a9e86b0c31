using System.Text.RegularExpressions;

namespace EvalJobs.Domain;

/// <summary>A key for programs that use the HTTP API. Its secret is not kept, only a hash of it.</summary>
internal sealed partial record ApiKey
{
    /// <summary>The longest time a key may be valid, in days.</summary>
    public const int MaxDays = 3650;

    /// <summary>The default time a key is valid, in days.</summary>
    public const int DefaultDays = 365;

    /// <summary>Database identity.</summary>
    public required long Id { get; init; }

    /// <summary>What people call it, unique among keys that are not revoked; the actor <c>key:name</c> in the audit trail.</summary>
    public required string Name { get; init; }

    /// <summary>The only tenant it gives access to; null for an admin key.</summary>
    public long? TenantId { get; init; }

    /// <summary>The tenant's slug; null for an admin key.</summary>
    public string? TenantSlug { get; init; }

    /// <summary>What it may do.</summary>
    public required ApiKeyRole Role { get; init; }

    /// <summary>The first characters of the secret, by which its holder recognizes it.</summary>
    public required string Hint { get; init; }

    /// <summary>When it was created, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Who created it.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>When it expires, UTC in the database's clock.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>When it was revoked, UTC; null when it was not.</summary>
    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>Who revoked it.</summary>
    public string? RevokedBy { get; init; }

    /// <summary>When it was last used, UTC, to within two minutes; null when it never was.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>Whether it is accepted now, by the database's clock.</summary>
    public required bool IsUsable { get; init; }

    /// <returns>What is wrong with a key's name; null when nothing is.</returns>
    public static string? NameError(string? name) => name is not null && ValidName().IsMatch(name)
        ? null
        : "name: expected 1 to 64 letters, digits and . _ @ -, starting with a letter or digit, such as ci-main.";

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}\\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ValidName();
}

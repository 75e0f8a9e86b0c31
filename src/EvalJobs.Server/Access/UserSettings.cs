using System.Text.RegularExpressions;
using EvalJobs.Domain;

namespace EvalJobs.Server.Access;

/// <summary>One named user. Section <c>EvalJobs:Dashboard:Users:{name}</c>.</summary>
internal sealed partial record UserSettings
{
    /// <summary>The password's hash, from <c>user hash</c>.</summary>
    public string PasswordHash { get; init; } = "";

    /// <summary>What the user may do. Default <c>Viewer</c>: read only.</summary>
    public ViewerRole Role { get; init; } = ViewerRole.Viewer;

    /// <summary>Slugs of the tenants that the user may see; default: every tenant.</summary>
    /// <remarks>
    /// An array, because the binder of the settings distinguishes an empty array from a missing one. An empty list of another type would stay null,
    /// which means every tenant.
    /// </remarks>
    public string[]? Tenants { get; init; }

    /// <summary>Shows nothing: so that a secret is never logged by accident.</summary>
    public override string ToString() => nameof(UserSettings);

    /// <returns>Whether this may be a user's name: letters, digits and <c>. _ @ -</c>, at most 64.</returns>
    public static bool IsName(string name) => Name().IsMatch(name) && !name.Contains("__", StringComparison.Ordinal);

    /// <returns>The viewer for this user.</returns>
    public Viewer ToViewer(string name) => new(name, Role, Tenants?.ToHashSet(StringComparer.Ordinal));

    internal IEnumerable<string> Errors(string name)
    {
        if (!IsName(name))
            yield return "a name has letters, digits and . _ @ - only, starts with a letter or digit, and has no '__'.";
        if (!Password.IsHash(PasswordHash))
            yield return "PasswordHash is not one made by the command 'user hash'.";
        if (Tenants is { Length: 0 })
            yield return "Tenants is empty; leave it out for every tenant.";
        foreach (var slug in Tenants?.Where(slug => !Tenant.IsSlug(slug)) ?? [])
            yield return $"Tenants: '{slug}' is not a tenant's slug.";
    }

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Name();
}

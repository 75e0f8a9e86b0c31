using System.ComponentModel.DataAnnotations;
using System.Net;

namespace EvalJobs.Server.Access;

/// <summary>Who may use the dashboard. Section <c>EvalJobs:Dashboard</c>.</summary>
/// <remarks>Without users and an OpenID provider there is no sign-in, and only requests from this machine are answered.</remarks>
internal sealed record AccessOptions : IValidatableObject
{
    /// <summary>The section of the settings.</summary>
    public const string Section = "EvalJobs:Dashboard";

    /// <summary>Users by name; <c>user hash</c> creates an entry. They are read again whenever a settings file changes.</summary>
    public IReadOnlyDictionary<string, UserSettings> Users { get; init; } = new Dictionary<string, UserSettings>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The OpenID provider for sign-in; default none.</summary>
    public OpenIdConnectSettings? OpenIdConnect { get; init; }

    /// <summary>How long a session lasts. Default 8 hours, 5 minutes to 30 days.</summary>
    /// <remarks>It is never extended, because the polling of an open page would extend it indefinitely.</remarks>
    [Range(typeof(TimeSpan), "00:05:00", "30.00:00:00")]
    public TimeSpan SessionLifetime { get; init; } = TimeSpan.FromHours(8);

    /// <summary>Wrong passwords after which a name is locked out. An address is locked out after four times as many. Default 5, 3 to 50.</summary>
    [Range(3, 50)]
    public int LockOutAfter { get; init; } = 5;

    /// <summary>How long a lock-out lasts, counted from the last wrong password. Default 15 minutes, 1 minute to 1 day.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan LockOutFor { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Addresses or networks (<c>10.0.0.7</c>, <c>10.1.0.0/16</c>) of proxies whose forwarded headers are trusted. Default none.</summary>
    public IReadOnlyList<string> KnownProxies { get; init; } = [];

    /// <summary>
    /// The path that browsers see before the server's own, such as <c>/evaljobs</c>; default none, or the <c>X-Forwarded-Prefix</c> of a known proxy.
    /// </summary>
    public string? PathBase { get; init; }

    /// <summary>Folder of the keys that protect cookies, shared by all servers; default: the folder of this account.</summary>
    public string? KeyFolder { get; init; }

    /// <summary>Whether people must sign in.</summary>
    public bool RequiresSignIn => Users.Count > 0 || OpenIdConnect is not null;

    /// <summary>The known proxies as networks; a single address is a network of one.</summary>
    public IEnumerable<IPNetwork> ProxyNetworks => KnownProxies.Select(proxy => Network(proxy)!.Value);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var proxy in KnownProxies.Where(proxy => Network(proxy) is null))
            yield return new($"'{proxy}' is neither an IP address nor a network such as 10.1.0.0/16.", [nameof(KnownProxies)]);
        if (PathBase is not null && !SitePath.IsAcceptable(PathBase))
            yield return new($"'{PathBase}' is not a path such as /evaljobs: letters, digits and -._~ after each slash, none at the end, and not one of the server's own paths.", [nameof(PathBase)]);
        foreach (var (name, user) in Users)
        {
            foreach (var error in user.Errors(name))
                yield return new(error, [$"{nameof(Users)}:{name}"]);
        }

        foreach (var error in OpenIdConnect?.Errors() ?? [])
            yield return new(error, [nameof(OpenIdConnect)]);
    }

    private static IPNetwork? Network(string text)
    {
        if (IPNetwork.TryParse(text, out var network))
            return network;
        return IPAddress.TryParse(text, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8) : null;
    }
}

using System.Security.Claims;
using EvalJobs.Domain;
using Microsoft.Extensions.Primitives;

namespace EvalJobs.Server.Access;

/// <summary>The people who are allowed in. A user removed from the settings, or changed there, is out with the next request.</summary>
/// <remarks>Users are read again when the settings change; settings that became unacceptable leave them as they were. Thread-safe.</remarks>
public sealed class AccessDirectory : IDisposable
{
    private readonly AccessOptions _options;
    private readonly ILogger<AccessDirectory> _logger;
    private readonly IDisposable _watch;
    private volatile Dictionary<string, (string Name, UserSettings User)> _users;

    /// <summary>Starts with the users of <paramref name="options"/> and watches the settings.</summary>
    public AccessDirectory(IConfiguration configuration, AccessOptions options, ILogger<AccessDirectory> logger)
    {
        _options = options;
        _logger = logger;
        _users = ByName(options);
        _watch = ChangeToken.OnChange(configuration.GetReloadToken, Reload, configuration);
    }

    /// <returns>The user's name as configured and the entry; null when there is none. Upper and lower case are the same.</returns>
    public (string Name, UserSettings User)? Find(string name) => _users.TryGetValue(name, out var found) ? found : null;

    /// <returns>Who the session's cookie stands for; null when that person, or what they may do, is no longer in the settings.</returns>
    public Viewer? ViewerOf(ClaimsPrincipal principal)
    {
        if (SessionClaims.UserName(principal) is { } name)
            return Find(name) is { } found && SessionClaims.Fits(principal, found.User) ? found.User.ToViewer(found.Name) : null;
        return _options.OpenIdConnect is { } provider && SessionClaims.Fits(principal, provider) ? SessionClaims.ProviderViewer(principal) : null;
    }

    /// <inheritdoc/>
    public void Dispose() => _watch.Dispose();

    private void Reload(IConfiguration configuration)
    {
        try
        {
            _users = ByName(SettingsReader.Read<AccessOptions>(configuration, AccessOptions.Section));
        }
        catch (InvalidInputException error)
        {
            _logger.LogError("The dashboard's users stay as they were: {Reason}", error.Message);
        }
    }

    private static Dictionary<string, (string Name, UserSettings User)> ByName(AccessOptions options) =>
        options.Users.ToDictionary(entry => entry.Key, entry => (entry.Key, entry.Value), StringComparer.OrdinalIgnoreCase);
}

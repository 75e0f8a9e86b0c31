using System.Security.Claims;
using EvalJobs.DependencyInjection;
using EvalJobs.Server.Settings;
using Microsoft.Extensions.Primitives;

namespace EvalJobs.Server.Access;

/// <summary>The people who are allowed in. A user removed from the settings, or changed there, is out within moments.</summary>
/// <remarks>Users are read again when a settings file changes; files that became unacceptable leave them as they were. Thread-safe.</remarks>
internal sealed class AccessDirectory : IDisposable
{
    /// <summary>From a file's first change to reading it: editors and copies write in several goes.</summary>
    private static readonly TimeSpan WritingTime = TimeSpan.FromMilliseconds(250);

    private readonly SettingsWatch _settings;
    private readonly AccessOptions _options;
    private readonly ILogger<AccessDirectory> _logger;
    private readonly Lock _reloading = new();
    private readonly ITimer _reload;
    private readonly IDisposable _watch;
    private volatile Dictionary<string, (string Name, UserSettings User)> _users;

    /// <summary>Starts with the users of <paramref name="options"/> and follows the settings files.</summary>
    public AccessDirectory(SettingsWatch settings, AccessOptions options, TimeProvider clock, ILogger<AccessDirectory> logger)
    {
        _settings = settings;
        _options = options;
        _logger = logger;
        _users = ByName(options);
        _reload = clock.CreateTimer(_ => Reload(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _watch = ChangeToken.OnChange(settings.NextChange, () => _reload.Change(WritingTime, Timeout.InfiniteTimeSpan));
    }

    /// <returns>The user's name as configured and the entry; null when there is none. Upper and lower case are the same.</returns>
    public (string Name, UserSettings User)? Find(string name) => _users.TryGetValue(name, out var found) ? found : null;

    /// <returns>Whom the session's cookie identifies; null when that person, or what they may do, is no longer in the settings.</returns>
    public Viewer? ViewerOf(ClaimsPrincipal principal)
    {
        if (SessionClaims.UserName(principal) is { } name)
            return Find(name) is { } found && SessionClaims.Fits(principal, found.User) ? found.User.ToViewer(found.Name) : null;
        return _options.OpenIdConnect is { } provider && SessionClaims.Fits(principal, provider) ? SessionClaims.ProviderViewer(principal) : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _watch.Dispose();
        _reload.Dispose();
    }

    private void Reload()
    {
        // One at a time, so that the last to read is the last to store.
        lock (_reloading)
        {
            try
            {
                _users = ByName(SettingsReader.Read<AccessOptions>(_settings.Read(), AccessOptions.Section));
            }
            catch (Exception error)
            {
                // Whatever it is: on a timer's thread it would end the process.
                _logger.UsersNotReloaded(error.Message);
            }
        }
    }

    private static Dictionary<string, (string Name, UserSettings User)> ByName(AccessOptions options) =>
        options.Users.ToDictionary(entry => entry.Key, entry => (entry.Key, entry.Value), StringComparer.OrdinalIgnoreCase);
}

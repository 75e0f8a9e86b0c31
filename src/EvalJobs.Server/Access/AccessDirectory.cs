using System.Security.Claims;
using EvalJobs.DependencyInjection;
using EvalJobs.Server.Settings;
using Microsoft.Extensions.Primitives;

namespace EvalJobs.Server.Access;

/// <summary>The users who may sign in. When a user is removed from the settings or changed there, the user's sessions end within moments.</summary>
/// <remarks>Users are read again when a settings file changes. If a file is no longer valid, the previous users stay. Thread-safe.</remarks>
internal sealed class AccessDirectory : IDisposable
{
    /// <summary>The time from the first change of a file until it is read, because editors write a file in several steps.</summary>
    private static readonly TimeSpan WritingTime = TimeSpan.FromMilliseconds(250);

    private readonly SettingsWatch _settings;
    private readonly AccessOptions _options;
    private readonly ILogger<AccessDirectory> _logger;
    private readonly Lock _reloading = new();
    private readonly ITimer _reload;
    private readonly IDisposable _watch;
    private volatile Dictionary<string, (string Name, UserSettings User)> _users;

    /// <summary>Starts with the users of <paramref name="options"/> and watches the settings files.</summary>
    public AccessDirectory(SettingsWatch settings, AccessOptions options, TimeProvider clock, ILogger<AccessDirectory> logger)
    {
        _settings = settings;
        _options = options;
        _logger = logger;
        _users = ByName(options);
        _reload = clock.CreateTimer(_ => Reload(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _watch = ChangeToken.OnChange(settings.NextChange, () => _reload.Change(WritingTime, Timeout.InfiniteTimeSpan));
    }

    /// <returns>The user's configured name and entry; null when there is none. The name is compared without regard to case.</returns>
    public (string Name, UserSettings User)? Find(string name) => _users.TryGetValue(name, out var found) ? found : null;

    /// <returns>The user of the session's cookie; null when that user, or the user's role, is no longer in the settings.</returns>
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
        // One at a time, so that the reading that begins last is also stored last.
        lock (_reloading)
        {
            try
            {
                _users = ByName(SettingsReader.Read<AccessOptions>(_settings.Read(), AccessOptions.Section));
            }
            catch (Exception error)
            {
                // Any exception, because on a timer's thread it would end the process.
                _logger.UsersNotReloaded(error.Message);
            }
        }
    }

    private static Dictionary<string, (string Name, UserSettings User)> ByName(AccessOptions options) =>
        options.Users.ToDictionary(entry => entry.Key, entry => (entry.Key, entry.Value), StringComparer.OrdinalIgnoreCase);
}

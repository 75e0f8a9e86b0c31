using System.Net;
using System.Security.Claims;
using System.Threading.RateLimiting;

namespace EvalJobs.Server.Access;

/// <summary>Checks a name and password. Answers an unknown name as it does a wrong password, in the same time.</summary>
internal sealed class PasswordSignIn(AccessDirectory directory, SignInThrottle throttle, SessionEnds ends, ILogger<PasswordSignIn> logger) : IDisposable
{
    // Hashing is costly on purpose; people who are not signed in must not take the processor from the workers with it.
    private readonly ConcurrencyLimiter _hashing = new(new ConcurrencyLimiterOptions { PermitLimit = 2, QueueLimit = 50 });

    /// <returns>The session's principal, or why there is none.</returns>
    public async Task<(ClaimsPrincipal? Principal, SignInError Error)> TryAsync(
        string name, string password, IPAddress? address, CancellationToken cancellationToken)
    {
        if (name.Length > 64 || password.Length > Password.MaxLength)
            return (null, SignInError.Wrong);
        using var turn = await _hashing.AcquireAsync(1, cancellationToken);
        if (!turn.IsAcquired)
            return (null, SignInError.Busy);
        if (!throttle.TryBegin(name, address))
        {
            logger.LockedOut(Known(name), address);
            return (null, SignInError.LockedOut);
        }

        var found = directory.Find(name);
        if (!Password.Verify(found?.User.PasswordHash ?? Password.DummyHash, password) || found is not { } match)
        {
            logger.SignInFailed(Known(name), address);
            return (null, SignInError.Wrong);
        }

        throttle.Succeeded(name, address);
        logger.SignedIn(match.Name, address, match.User.Role);
        return (SessionClaims.For(match.Name, match.User, await ends.FindStartAsync(cancellationToken)), SignInError.None);
    }

    /// <inheritdoc/>
    public void Dispose() => _hashing.Dispose();

    // What was typed may be a password in the wrong field: only names in the settings are logged.
    private string Known(string name) => directory.Find(name)?.Name ?? "an unknown user";
}

/// <summary>Why a sign-in did not succeed.</summary>
internal enum SignInError
{
    /// <summary>It did.</summary>
    None,

    /// <summary>No such name, or another password.</summary>
    Wrong,

    /// <summary>Too many failures; nothing was checked.</summary>
    LockedOut,

    /// <summary>Too many people are signing in at this moment.</summary>
    Busy,

    /// <summary>The form was not one this server gave, or it is out of date.</summary>
    StaleForm,

    /// <summary>The provider did not sign the person in, or could not be asked.</summary>
    Provider,

    /// <summary>The provider knows the person, but nothing it says gives a role here.</summary>
    NoRole,
}

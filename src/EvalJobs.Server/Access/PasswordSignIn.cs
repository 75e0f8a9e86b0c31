using System.Net;
using System.Security.Claims;
using System.Threading.RateLimiting;

namespace EvalJobs.Server.Access;

/// <summary>Checks a name and a password. The answer to an unknown name is the same as to a wrong password, and takes the same time.</summary>
internal sealed class PasswordSignIn(AccessDirectory directory, SignInThrottle throttle, SessionEnds ends, ILogger<PasswordSignIn> logger) : IDisposable
{
    // Hashing is costly on purpose. Requests without sign-in must not use up the processor that the workers need.
    private readonly ConcurrencyLimiter _hashing = new(new ConcurrencyLimiterOptions { PermitLimit = 2, QueueLimit = 50 });

    /// <returns>The principal of the session, or the reason why there is none.</returns>
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

    // The typed name may be a password in the wrong field, so only names in the settings are logged.
    private string Known(string name) => directory.Find(name)?.Name ?? "an unknown user";
}

/// <summary>Why a sign-in did not succeed.</summary>
internal enum SignInError
{
    /// <summary>The sign-in succeeded.</summary>
    None,

    /// <summary>Unknown name, or wrong password.</summary>
    Wrong,

    /// <summary>Too many failures; nothing was checked.</summary>
    LockedOut,

    /// <summary>Too many sign-ins are being checked at this moment.</summary>
    Busy,

    /// <summary>The form does not come from this server, or it has expired.</summary>
    StaleForm,

    /// <summary>The provider did not sign the person in, or could not be reached.</summary>
    Provider,

    /// <summary>The provider signed the person in, but its claims give no role on this server.</summary>
    NoRole,
}

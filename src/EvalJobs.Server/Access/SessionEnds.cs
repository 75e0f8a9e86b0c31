using System.Security.Claims;
using EvalJobs.Data;
using EvalJobs.Server.Web;

namespace EvalJobs.Server.Access;

/// <summary>The sessions that were ended before they expired, on this server or another one.</summary>
/// <remarks>All requests share one reading. A sign-out on this server is effective at once, one on another server within seconds.</remarks>
internal sealed class SessionEnds(SignOutRepository signOuts, AccessOptions options, TimeProvider clock)
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(2);

    private readonly SharedSnapshot<IReadOnlyList<SignOut>> _ended = new(() => signOuts.ListAsync(CancellationToken.None), MaxAge, MaxAge, clock);

    /// <returns>Whether the session was ended.</returns>
    /// <exception cref="System.Data.Common.DbException">The database did not answer, so the session cannot be checked.</exception>
    public async Task<bool> HasEndedAsync(ClaimsPrincipal session)
    {
        var (subject, sessionId, startedAfter) = SessionClaims.Session(session);
        return sessionId is null || (await _ended.GetAsync()).Any(end => end.Subject == subject && (end.SessionId is { } one ? one == sessionId : end.Id > startedAfter));
    }

    /// <returns>The id of the last sign-out, for a session that begins now.</returns>
    public Task<long> FindStartAsync(CancellationToken cancellationToken) => signOuts.FindLastIdAsync(cancellationToken);

    /// <summary>Ends a session, or all sessions of the person.</summary>
    public async Task EndAsync(ClaimsPrincipal session, bool everywhere)
    {
        var (subject, sessionId, _) = SessionClaims.Session(session);
        if (sessionId is null)
            return;

        // The person has requested it, so it is done even if the browser no longer waits.
        await signOuts.AddAsync(subject, everywhere ? null : sessionId, options.SessionLifetime, CancellationToken.None);
        _ended.Invalidate();
    }
}

using System.Security.Claims;
using EvalJobs.Data;
using EvalJobs.Server.Web;

namespace EvalJobs.Server.Access;

/// <summary>Which sessions were ended before their time, on this server or another one.</summary>
/// <remarks>One reading for all requests. What ends here holds at once, what ends on another server within seconds.</remarks>
internal sealed class SessionEnds(SignOutRepository signOuts, AccessOptions options, TimeProvider clock)
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(2);

    private readonly SharedSnapshot<IReadOnlyList<SignOut>> _ended = new(() => signOuts.ListAsync(CancellationToken.None), MaxAge, MaxAge, clock);

    /// <returns>Whether the session was ended.</returns>
    /// <exception cref="System.Data.Common.DbException">The database did not answer: nobody can tell.</exception>
    public async Task<bool> HasEndedAsync(ClaimsPrincipal session)
    {
        var (subject, sessionId, startedAfter) = SessionClaims.Session(session);
        return sessionId is null || (await _ended.GetAsync()).Any(end => end.Subject == subject && (end.SessionId is { } one ? one == sessionId : end.Id > startedAfter));
    }

    /// <returns>What a session that begins now begins after.</returns>
    public Task<long> FindStartAsync(CancellationToken cancellationToken) => signOuts.FindLastIdAsync(cancellationToken);

    /// <summary>Ends a session, or all of the person's.</summary>
    public async Task EndAsync(ClaimsPrincipal session, bool everywhere)
    {
        var (subject, sessionId, _) = SessionClaims.Session(session);
        if (sessionId is null)
            return;

        // The person has asked for it: it happens whether or not the browser still waits.
        await signOuts.AddAsync(subject, everywhere ? null : sessionId, options.SessionLifetime, CancellationToken.None);
        _ended.Invalidate();
    }
}

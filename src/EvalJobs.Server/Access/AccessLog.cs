using System.Net;

namespace EvalJobs.Server.Access;

/// <summary>What the server logs of sign-in and access. Event ids 6010 to 6099.</summary>
internal static partial class AccessLog
{
    [LoggerMessage(6010, LogLevel.Warning, "Whether sessions have ended could not be read from the database")]
    public static partial void SessionsUnreadable(this ILogger logger, Exception error);

    [LoggerMessage(6011, LogLevel.Warning, "Rejected a request from {Address} for host {Host} ({Scheme}, forwarded headers: {Forwarded}). {Hint}")]
    public static partial void ConnectionRejected(this ILogger logger, IPAddress? address, string host, string scheme, bool forwarded, string hint);

    [LoggerMessage(6012, LogLevel.Error, "The dashboard's users were not reloaded: {Reason}")]
    public static partial void UsersNotReloaded(this ILogger logger, string reason);

    [LoggerMessage(6013, LogLevel.Error, "{Actor} used {Command} on Hangfire's page, but the audit record could not be written")]
    public static partial void CommandNotRecorded(this ILogger logger, Exception error, string actor, string? command);

    [LoggerMessage(6020, LogLevel.Information, "{Name} signed in from {Address} as {Role}")]
    public static partial void SignedIn(this ILogger logger, string name, IPAddress? address, ViewerRole role);

    [LoggerMessage(6021, LogLevel.Warning, "Sign-in failed for {Name} from {Address}")]
    public static partial void SignInFailed(this ILogger logger, string name, IPAddress? address);

    [LoggerMessage(6022, LogLevel.Warning, "Sign-in rejected: {Name} or the address {Address} is locked out")]
    public static partial void LockedOut(this ILogger logger, string name, IPAddress? address);

    [LoggerMessage(6030, LogLevel.Information, "{Name} signed in with the OpenID provider as {Role}")]
    public static partial void SignedInWithProvider(this ILogger logger, string name, ViewerRole role);

    [LoggerMessage(6031, LogLevel.Warning, "Sign-in rejected: the claims of the OpenID provider give no role")]
    public static partial void NoRole(this ILogger logger);

    [LoggerMessage(6032, LogLevel.Warning, "Sign-in with the OpenID provider failed")]
    public static partial void ProviderSignInFailed(this ILogger logger, Exception? error);

    [LoggerMessage(6014, LogLevel.Warning, "The last use of keys could not be stored before the server ended")]
    public static partial void KeyUseNotStored(this ILogger logger, Exception error);

    [LoggerMessage(6015, LogLevel.Warning, "Whether the key or session is accepted could not be read from the database")]
    public static partial void ApiCallerUnreadable(this ILogger logger, Exception error);

    [LoggerMessage(6033, LogLevel.Error, "The OpenID provider could not be reached")]
    public static partial void ProviderUnreachable(this ILogger logger, Exception error);
}

using System.Globalization;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace EvalJobs.Server.Access;

/// <summary>The claims in a session's cookie, with a stamp of the settings under which it was created.</summary>
internal static class SessionClaims
{
    private const string User = "evaljobs:user";
    private const string Name = "evaljobs:name";
    private const string Role = "evaljobs:role";
    private const string Tenant = "evaljobs:tenant";
    private const string LimitedToTenants = "evaljobs:confined";
    private const string Stamp = "evaljobs:stamp";
    private const string SessionId = "evaljobs:session";
    private const string StartedAfter = "evaljobs:started-after";

    /// <returns>The claims of a user of the settings: only name and stamp, so that the permissions are always read from the settings.</returns>
    public static ClaimsPrincipal For(string name, UserSettings user, long startedAfter) => Principal(
        startedAfter, new Claim("sub", $"user:{name}"), new Claim(User, name), new Claim(Stamp, StampOf(user)));

    /// <returns>The claims of a person whom the provider signed in, with the permissions until the session ends.</returns>
    public static ClaimsPrincipal For(Viewer viewer, string subject, OpenIdConnectSettings provider, long startedAfter) => Principal(
    startedAfter,
    [
        new Claim("sub", $"oidc:{subject}"),
        new Claim(Name, viewer.Name),
        new Claim(Role, viewer.Role.ToString()),
        new Claim(Stamp, StampOf(provider)),
        .. viewer.SeesEverything ? (IEnumerable<Claim>)[] : [new Claim(LimitedToTenants, "true")],
        .. viewer.Tenants?.Select(slug => new Claim(Tenant, slug)) ?? [],
    ]);

    /// <returns>The name of the user in the settings; null when the provider signed the person in.</returns>
    public static string? UserName(ClaimsPrincipal principal) => principal.FindFirstValue(User);

    /// <returns>The person whom the provider signed in; null when the cookie is not of such a person.</returns>
    public static Viewer? ProviderViewer(ClaimsPrincipal principal) =>
        principal.FindFirstValue(Name) is { } name && Enum.TryParse<ViewerRole>(principal.FindFirstValue(Role), out var role)
            ? new Viewer(name, role, principal.HasClaim(LimitedToTenants, "true") ? Tenants(principal) : null)
            : null;

    /// <returns>Whether the cookie was created under exactly this entry.</returns>
    public static bool Fits(ClaimsPrincipal principal, UserSettings user) => principal.FindFirstValue(Stamp) == StampOf(user);

    /// <returns>Whether the cookie was created under exactly this provider and mapping.</returns>
    public static bool Fits(ClaimsPrincipal principal, OpenIdConnectSettings provider) => principal.FindFirstValue(Stamp) == StampOf(provider);

    private static HashSet<string> Tenants(ClaimsPrincipal principal) =>
        principal.FindAll(Tenant).Select(claim => claim.Value).ToHashSet(StringComparer.Ordinal);

    /// <returns>
    /// The person of the session, the session's id, and the last sign-out before the session began. There is no id in a cookie of an older program
    /// version.
    /// </returns>
    public static (string Subject, string? SessionId, long StartedAfter) Session(ClaimsPrincipal principal) =>
        (principal.FindFirstValue("sub") ?? "", principal.FindFirstValue(SessionId),
            long.TryParse(principal.FindFirstValue(StartedAfter), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0);

    private static ClaimsPrincipal Principal(long startedAfter, params Claim[] claims) =>
        new(new ClaimsIdentity(
            [
                .. claims,
                new Claim(SessionId, Convert.ToHexString(RandomNumberGenerator.GetBytes(16))),
                new Claim(StartedAfter, startedAfter.ToString(CultureInfo.InvariantCulture)),
            ],
            CookieAuthenticationDefaults.AuthenticationScheme,
            "sub",
            Role));

    // The whole entry, so that any change to it ends the earlier sessions. It is hashed, so that even a decrypted cookie does not contain a password's hash.
    private static string StampOf<T>(T settings) =>
        Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(settings))));
}

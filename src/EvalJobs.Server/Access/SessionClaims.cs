using System.Globalization;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace EvalJobs.Server.Access;

/// <summary>What a session's cookie says, and the stamp that ties it to the settings it was given under.</summary>
internal static class SessionClaims
{
    private const string User = "evaljobs:user";
    private const string Name = "evaljobs:name";
    private const string Role = "evaljobs:role";
    private const string Tenant = "evaljobs:tenant";
    private const string Confined = "evaljobs:confined";
    private const string Stamp = "evaljobs:stamp";
    private const string SessionId = "evaljobs:session";
    private const string StartedAfter = "evaljobs:started-after";

    /// <returns>The cookie of a named user: name and stamp only, so that what they may do is always read from the settings.</returns>
    public static ClaimsPrincipal For(string name, UserSettings user, long startedAfter) => Principal(
        startedAfter, new Claim("sub", $"user:{name}"), new Claim(User, name), new Claim(Stamp, StampOf(user)));

    /// <returns>The cookie of someone the provider vouched for, with what they may do until it ends.</returns>
    public static ClaimsPrincipal For(Viewer viewer, string subject, OpenIdConnectSettings provider, long startedAfter) => Principal(
    startedAfter,
    [
        new Claim("sub", $"oidc:{subject}"),
        new Claim(Name, viewer.Name),
        new Claim(Role, viewer.Role.ToString()),
        new Claim(Stamp, StampOf(provider)),
        .. viewer.SeesEverything ? (IEnumerable<Claim>)[] : [new Claim(Confined, "true")],
        .. viewer.Tenants?.Select(slug => new Claim(Tenant, slug)) ?? [],
    ]);

    /// <returns>The named user's name; null when the provider vouched for the person.</returns>
    public static string? UserName(ClaimsPrincipal principal) => principal.FindFirstValue(User);

    /// <returns>The person the provider vouched for; null when the cookie does not say.</returns>
    public static Viewer? ProviderViewer(ClaimsPrincipal principal) =>
        principal.FindFirstValue(Name) is { } name && Enum.TryParse<ViewerRole>(principal.FindFirstValue(Role), out var role)
            ? new Viewer(name, role, principal.HasClaim(Confined, "true") ? Tenants(principal) : null)
            : null;

    /// <returns>Whether the cookie was given under this very entry.</returns>
    public static bool Fits(ClaimsPrincipal principal, UserSettings user) => principal.FindFirstValue(Stamp) == StampOf(user);

    /// <returns>Whether the cookie was given under this very provider and mapping.</returns>
    public static bool Fits(ClaimsPrincipal principal, OpenIdConnectSettings provider) => principal.FindFirstValue(Stamp) == StampOf(provider);

    private static HashSet<string> Tenants(ClaimsPrincipal principal) =>
        principal.FindAll(Tenant).Select(claim => claim.Value).ToHashSet(StringComparer.Ordinal);

    /// <returns>Whose session it is, its own id, and the sign-out it began after. No id: the cookie is one of an older program.</returns>
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

    // The whole entry, so that any change to it ends the sessions given before. Hashed: a cookie shows no password's hash, even decrypted.
    private static string StampOf<T>(T settings) =>
        Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(settings))));
}

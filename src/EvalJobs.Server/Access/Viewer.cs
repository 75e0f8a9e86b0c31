using EvalJobs.Domain;

namespace EvalJobs.Server.Access;

/// <summary>The user of the dashboard, or the caller of the API, with the permissions.</summary>
/// <param name="Name">The signed-in name; <c>local</c> for a request from this machine where no sign-in is configured.</param>
/// <param name="Role">What they may do.</param>
/// <param name="Tenants">Slugs of the tenants they may see; null means every tenant and the server itself.</param>
public sealed record Viewer(string Name, ViewerRole Role, IReadOnlySet<string>? Tenants = null)
{
    /// <summary>The user of this machine, where no sign-in is configured.</summary>
    public static Viewer Local { get; } = new("local", ViewerRole.Operator);

    /// <returns>The viewer for a program with this key.</returns>
    internal static Viewer Of(ApiKey key) => new(
        key.Name,
        key.Role switch
        {
            ApiKeyRole.Viewer => ViewerRole.Viewer,
            ApiKeyRole.Operator => ViewerRole.Operator,
            _ => ViewerRole.Approver,
        },
        key.Role == ApiKeyRole.Admin ? null : new HashSet<string>(StringComparer.Ordinal) { key.TenantSlug ?? "" })
    {
        KeyId = key.Id,
        KeyTenantId = key.TenantId,
    };

    /// <summary>The key a program uses; null for a person.</summary>
    public long? KeyId { get; init; }

    /// <summary>The only tenant that the key gives access to; null for an admin key or a person.</summary>
    internal long? KeyTenantId { get; init; }

    /// <summary>The kind of caller that the provider's access token identifies; null when the request has no such token.</summary>
    internal TokenHolder? Token { get; init; }

    /// <summary>
    /// Whether the request itself proves the caller's identity. A session's cookie does not, because browsers also send it with requests of other
    /// sites.
    /// </summary>
    internal bool IsProvenByRequest => KeyId is not null || Token is not null;

    /// <summary>Whether they may manage keys. This needs every permission, because keys of every role can be created.</summary>
    public bool ManagesKeys => SeesEverything && IsApprover;

    /// <summary>Whether they may change anything they can see.</summary>
    public bool CanOperate => Role is ViewerRole.Operator or ViewerRole.Approver;

    /// <summary>Whether they have the role that a policy may ask for at an approval.</summary>
    public bool IsApprover => Role == ViewerRole.Approver;

    /// <summary>Whether they may see every tenant.</summary>
    public bool SeesEverything => Tenants is null;

    /// <summary>Their name in the audit trail, such as <c>web:alice</c>, <c>key:ci-main</c> or <c>token:ci</c>.</summary>
    public string Actor => KeyId is not null ? $"key:{Name}" : Token == TokenHolder.Program ? $"token:{Name}" : $"web:{Name}";

    /// <returns>Whether they may see this tenant.</returns>
    public bool Sees(string tenantSlug) => Tenants is null || Tenants.Contains(tenantSlug);

    /// <returns>The viewer of this request.</returns>
    /// <exception cref="InvalidOperationException">The request has no viewer, because <see cref="AccessGate"/> does not check this page, or everyone
    /// may open it.</exception>
    public static Viewer Of(HttpContext http) => Find(http) ?? throw new InvalidOperationException("The request has no viewer: it was not authenticated.");

    /// <returns>The viewer of this request; null when the request has none.</returns>
    public static Viewer? Find(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        return http.Features.Get<Viewer>();
    }
}

/// <summary>The kind of caller that an access token identifies.</summary>
internal enum TokenHolder
{
    /// <summary>A person, who is also the person of a session.</summary>
    Person,

    /// <summary>A program that the provider knows: the token names no person.</summary>
    Program,
}

/// <summary>What a person may do on the dashboard.</summary>
public enum ViewerRole
{
    /// <summary>Read only, on Hangfire's own pages, too.</summary>
    Viewer,

    /// <summary>Everything that the dashboard offers, except approvals that need an Approver.</summary>
    Operator,

    /// <summary>The same, and approvals that a policy reserves to this role.</summary>
    Approver,
}

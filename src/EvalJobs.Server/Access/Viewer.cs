using EvalJobs.Domain;

namespace EvalJobs.Server.Access;

/// <summary>Who is looking at the dashboard, and what they may see and do there.</summary>
/// <param name="Name">The signed-in name; <c>local</c> for a request from this machine where no sign-in is configured.</param>
/// <param name="Role">What they may do.</param>
/// <param name="Tenants">Slugs of the tenants they are confined to; null means every tenant and the server itself.</param>
public sealed record Viewer(string Name, ViewerRole Role, IReadOnlySet<string>? Tenants = null)
{
    /// <summary>The user of this machine, where no sign-in is configured.</summary>
    public static Viewer Local { get; } = new("local", ViewerRole.Operator);

    /// <returns>Who a program with this key is.</returns>
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

    /// <summary>The tenant the key is confined to; null for an admin key or a person.</summary>
    internal long? KeyTenantId { get; init; }

    /// <summary>What the provider's access token that came with the request identifies; null when none did.</summary>
    internal TokenHolder? Token { get; init; }

    /// <summary>Whether the request itself proves who they are; a session's cookie would come along with another site's request, too.</summary>
    internal bool IsProvenByRequest => KeyId is not null || Token is not null;

    /// <summary>Whether they may manage keys: a person who can create a key of every role can do what any of them can.</summary>
    public bool ManagesKeys => SeesEverything && IsApprover;

    /// <summary>Whether they may change anything they can see.</summary>
    public bool CanOperate => Role is ViewerRole.Operator or ViewerRole.Approver;

    /// <summary>Whether they have the role that a policy may ask for at an approval.</summary>
    public bool IsApprover => Role == ViewerRole.Approver;

    /// <summary>Whether they are not confined to some tenants.</summary>
    public bool SeesEverything => Tenants is null;

    /// <summary>Their name in the audit trail, such as <c>web:alice</c>, <c>key:ci-main</c> or <c>token:ci</c>.</summary>
    public string Actor => KeyId is not null ? $"key:{Name}" : Token == TokenHolder.Program ? $"token:{Name}" : $"web:{Name}";

    /// <returns>Whether they may see this tenant.</returns>
    public bool Sees(string tenantSlug) => Tenants is null || Tenants.Contains(tenantSlug);

    /// <returns>Who makes this request.</returns>
    /// <exception cref="InvalidOperationException"><see cref="AccessGate"/> let nobody in: the page is outside it, or open to anyone.</exception>
    public static Viewer Of(HttpContext http) => Find(http) ?? throw new InvalidOperationException("The request has no viewer: it was not authenticated.");

    /// <returns>Who makes this request; null when nobody was let in.</returns>
    public static Viewer? Find(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        return http.Features.Get<Viewer>();
    }
}

/// <summary>Whom an access token identifies.</summary>
internal enum TokenHolder
{
    /// <summary>A person, who is the same one as in a session.</summary>
    Person,

    /// <summary>A program that the provider knows: the token names nobody.</summary>
    Program,
}

/// <summary>What a person may do on the dashboard.</summary>
public enum ViewerRole
{
    /// <summary>Read only, in Hangfire's own pages too.</summary>
    Viewer,

    /// <summary>Everything the dashboard offers but approvals that need an Approver.</summary>
    Operator,

    /// <summary>The same, and approvals that a policy reserves to this role.</summary>
    Approver,
}

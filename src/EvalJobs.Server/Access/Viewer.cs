namespace EvalJobs.Server.Access;

/// <summary>Who is looking at the dashboard, and what they may see and do there.</summary>
/// <param name="Name">The signed-in name; <c>local</c> for a request from this machine where no sign-in is configured.</param>
/// <param name="Role">What they may do.</param>
/// <param name="Tenants">Slugs of the tenants they are confined to; null means every tenant and the server itself.</param>
public sealed record Viewer(string Name, ViewerRole Role, IReadOnlySet<string>? Tenants = null)
{
    /// <summary>Whoever sits at this machine, where no sign-in is configured.</summary>
    public static Viewer Local { get; } = new("local", ViewerRole.Operator);

    /// <summary>Whether they may change anything they can see.</summary>
    public bool CanOperate => Role is ViewerRole.Operator or ViewerRole.Approver;

    /// <summary>Whether they have the role that a policy may ask for at an approval.</summary>
    public bool IsApprover => Role == ViewerRole.Approver;

    /// <summary>Whether they are not confined to some tenants.</summary>
    public bool SeesEverything => Tenants is null;

    /// <summary>Their name in the audit trail, such as <c>web:alice</c>.</summary>
    public string Actor => $"web:{Name}";

    /// <returns>Whether they may see this tenant.</returns>
    public bool Sees(string tenantSlug) => Tenants is null || Tenants.Contains(tenantSlug);

    /// <returns>Who makes this request.</returns>
    /// <exception cref="InvalidOperationException"><see cref="AccessGate"/> let nobody in: the page is outside it, or open to anyone.</exception>
    public static Viewer Of(HttpContext http) => Find(http) ?? throw new InvalidOperationException("Nobody was let in for this request.");

    /// <returns>Who makes this request; null when nobody was let in.</returns>
    public static Viewer? Find(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        return http.Features.Get<Viewer>();
    }
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

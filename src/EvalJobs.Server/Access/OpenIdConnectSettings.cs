namespace EvalJobs.Server.Access;

/// <summary>The OpenID provider and what its claims mean here. Section <c>EvalJobs:Dashboard:OpenIdConnect</c>.</summary>
internal sealed record OpenIdConnectSettings
{
    /// <summary>The value of the tenant claim that means every tenant.</summary>
    public const string EveryTenant = "*";

    /// <summary>The provider's address, below which <c>.well-known/openid-configuration</c> is; https, or http on loopback.</summary>
    public string Authority { get; init; } = "";

    /// <summary>The client's id, as registered with the provider.</summary>
    public string ClientId { get; init; } = "";

    /// <summary>The client's secret; none for a public client.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>What the sign-in page calls the provider. Default <c>single sign-on</c>.</summary>
    public string DisplayName { get; init; } = "single sign-on";

    /// <summary>Scopes requested in addition to <c>openid</c> and <c>profile</c>. Default none.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>The id token's claim that names a person, <c>sub</c> where it is missing. Default <c>preferred_username</c>.</summary>
    /// <remarks>It must be unique: it is who did it in the audit trail.</remarks>
    public string NameClaim { get; init; } = "preferred_username";

    /// <summary>The claim that gives the role. Default <c>roles</c>.</summary>
    public string RoleClaim { get; init; } = "roles";

    /// <summary>Values of the role claim that make an Approver, who may do all an Operator may. Default none.</summary>
    public IReadOnlyList<string> ApproverValues { get; init; } = [];

    /// <summary>Values of the role claim that make an Operator. Default none.</summary>
    public IReadOnlyList<string> OperatorValues { get; init; } = [];

    /// <summary>Values of the role claim that make a Viewer. Default none. Who has no value of any list may not sign in.</summary>
    public IReadOnlyList<string> ViewerValues { get; init; } = [];

    /// <summary>The claim that lists the slugs of one's tenants, <c>*</c> for every one. Default: no claim, everyone sees every tenant.</summary>
    public string? TenantClaim { get; init; }

    /// <summary>The audience of access tokens that the HTTP API accepts from the provider. Default none: programs use keys.</summary>
    public string? TokenAudience { get; init; }

    /// <summary>Shows nothing: so that a secret is never logged by accident.</summary>
    public override string ToString() => nameof(OpenIdConnectSettings);

    internal IEnumerable<string> Errors()
    {
        if (!Uri.TryCreate(Authority, UriKind.Absolute, out var authority)
            || (authority.Scheme != Uri.UriSchemeHttps && !(authority.Scheme == Uri.UriSchemeHttp && authority.IsLoopback)))
            yield return $"Authority '{Authority}' is not an https address (http is for loopback only).";
        if (ClientId.Length == 0)
            yield return "ClientId is missing.";
        if (TokenAudience is not null && string.IsNullOrWhiteSpace(TokenAudience))
            yield return "TokenAudience is empty: every token of the provider would be accepted, whatever program it is for.";
        if (NameClaim.Length == 0 || RoleClaim.Length == 0)
            yield return "NameClaim and RoleClaim cannot be empty.";
        if (ApproverValues.Count + OperatorValues.Count + ViewerValues.Count == 0)
            yield return "none of ApproverValues, OperatorValues and ViewerValues has a value, so nobody could sign in.";
    }
}

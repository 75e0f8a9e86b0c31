namespace EvalJobs.Server.Access;

/// <summary>The OpenID provider, and the meaning of its claims for this server. Section <c>EvalJobs:Dashboard:OpenIdConnect</c>.</summary>
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

    /// <summary>The name of the provider on the sign-in page. Default <c>single sign-on</c>.</summary>
    public string DisplayName { get; init; } = "single sign-on";

    /// <summary>Scopes requested in addition to <c>openid</c> and <c>profile</c>. Default none.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>The claim of the id token that names a person; <c>sub</c> if the token does not have it. Default <c>preferred_username</c>.</summary>
    /// <remarks>It must be unique, because it is the name of the person in the audit trail.</remarks>
    public string NameClaim { get; init; } = "preferred_username";

    /// <summary>The claim that gives the role. Default <c>roles</c>.</summary>
    public string RoleClaim { get; init; } = "roles";

    /// <summary>Values of the role claim for an Approver, who may do everything that an Operator may do. Default none.</summary>
    public IReadOnlyList<string> ApproverValues { get; init; } = [];

    /// <summary>Values of the role claim for an Operator. Default none.</summary>
    public IReadOnlyList<string> OperatorValues { get; init; } = [];

    /// <summary>Values of the role claim for a Viewer. Default none. A person without a value of any of these lists may not sign in.</summary>
    public IReadOnlyList<string> ViewerValues { get; init; } = [];

    /// <summary>The claim that lists the slugs of a person's tenants; <c>*</c> means every tenant. Default: no claim, every person sees every tenant.</summary>
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

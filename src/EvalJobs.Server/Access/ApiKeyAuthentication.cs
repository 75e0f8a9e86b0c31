using System.Data.Common;
using System.Security.Claims;
using System.Text.Encodings.Web;
using EvalJobs.Domain;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace EvalJobs.Server.Access;

/// <summary>The authentication scheme of programs: <c>Authorization: Bearer ej_…</c>. It is used in addition to the session's cookie.</summary>
/// <remarks>A key that is mistyped, unknown, expired or revoked fails in one and the same way, so that nobody learns which it was.</remarks>
internal sealed class ApiKeyAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, ApiKeyDirectory keys, ApiKeyUse use)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    /// <summary>The scheme's name.</summary>
    public const string Name = "ApiKey";

    private const string BearerPrefix = "Bearer ";

    /// <returns>Whether the request names one of our keys, right or wrong: nothing that the OpenID provider is asked about.</returns>
    public static bool NamesKey(HttpRequest request) => request.Headers.Authorization.ToString().StartsWith(BearerPrefix + ApiKeySecret.Prefix, StringComparison.OrdinalIgnoreCase);

    /// <remarks>A <see cref="DbException"/> is a failure, too: the framework asks as well, where nothing would tell the caller what it was. <see cref="ApiGate"/> does.</remarks>
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        try
        {
            return await AuthenticateKeyAsync();
        }
        catch (DbException error)
        {
            return AuthenticateResult.Fail(error);
        }
    }

    private async Task<AuthenticateResult> AuthenticateKeyAsync()
    {
        var header = Request.Headers.Authorization;
        if (header.Count == 0)
            return AuthenticateResult.NoResult();
        if (header is not [{ } only] || !only.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase)
            || !ApiKeySecret.TryParse(only[BearerPrefix.Length..].Trim(), out var secret)
            || await keys.FindUsableAsync(secret, Context.RequestAborted) is not { } key)
        {
            return AuthenticateResult.Fail("The key is not accepted.");
        }

        use.Record(key.Id);
        Context.Features.Set(key);
        var identity = new ClaimsIdentity([new Claim("sub", $"key:{key.Name}")], Name, "sub", roleType: null);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Name));
    }
}

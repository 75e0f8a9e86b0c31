using System.Data.Common;
using System.Security.Claims;
using System.Text.Encodings.Web;
using EvalJobs.Domain;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace EvalJobs.Server.Access;

/// <summary>The authentication scheme of programs: <c>Authorization: Bearer ej_…</c>. It is used in addition to the session's cookie.</summary>
/// <remarks>A mistyped, unknown, expired or revoked key fails in the same way, so that the caller cannot distinguish these cases.</remarks>
internal sealed class ApiKeyAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, ApiKeyDirectory keys, ApiKeyUse use)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    /// <summary>The scheme's name.</summary>
    public const string Name = "ApiKey";

    private const string BearerPrefix = "Bearer ";

    /// <returns>Whether the request has a key in the form of an EvalJobs key, valid or not. Such a key is not sent to the OpenID provider.</returns>
    public static bool NamesKey(HttpRequest request) => request.Headers.Authorization.ToString().StartsWith(BearerPrefix + ApiKeySecret.Prefix, StringComparison.OrdinalIgnoreCase);

    /// <remarks>
    /// A <see cref="DbException"/> is a failure, too, because the framework also calls this method, where the caller would get no explanation.
    /// <see cref="ApiGate"/> gives one.
    /// </remarks>
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

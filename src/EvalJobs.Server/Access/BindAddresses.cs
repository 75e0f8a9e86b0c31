using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EvalJobs.Domain;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace EvalJobs.Server.Access;

/// <summary>The addresses on which the server will listen, and whether they are allowed.</summary>
internal static class BindAddresses
{
    /// <summary>The default address, which only this machine can reach.</summary>
    public const string Default = "http://127.0.0.1:5080";

    /// <returns>
    /// The addresses on which the framework will listen, in its own precedence: Kestrel endpoints, then URLs, then ports; otherwise <see cref="Default"/>.
    /// </returns>
    public static IReadOnlyList<string> Of(IConfiguration configuration)
    {
        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]).OfType<string>().ToList();
        if (endpoints.Count > 0 && !configuration.GetValue<bool>(WebHostDefaults.PreferHostingUrlsKey))
            return endpoints;
        if (Split(configuration[WebHostDefaults.ServerUrlsKey]) is { Count: > 0 } urls)
            return urls;

        var ports = Split(configuration[WebHostDefaults.HttpPortsKey]).Select(port => $"http://*:{port}")
            .Concat(Split(configuration[WebHostDefaults.HttpsPortsKey]).Select(port => $"https://*:{port}")).ToList();
        return ports.Count > 0 ? ports : [Default];
    }

    /// <summary>Rejects addresses that other machines can reach, unless sign-in is configured and passwords are encrypted in transit.</summary>
    /// <exception cref="InvalidInputException">The message names the address and says what to do.</exception>
    public static void EnsureAllowed(IEnumerable<string> addresses, AccessOptions options)
    {
        foreach (var address in addresses.Where(IsPublic))
        {
            if (!options.RequiresSignIn)
            {
                throw new InvalidInputException(
                    $"The server would listen on {address}, which other machines can reach, and no sign-in is configured. "
                    + $"Configure {AccessOptions.Section}:Users (the command 'user hash' makes an entry) or {AccessOptions.Section}:OpenIdConnect, "
                    + $"or listen on this machine only: Urls={Default}. See docs/operate/access.md.");
            }

            if (!Parse(address).Scheme.Equals("https", StringComparison.OrdinalIgnoreCase) && options.KnownProxies.Count == 0)
            {
                throw new InvalidInputException(
                    $"The server would listen on {address} without encryption, so passwords and sessions could be read on the way. "
                    + $"Listen on https, or name the proxy that ends https in {AccessOptions.Section}:KnownProxies. See docs/operate/access.md.");
            }
        }
    }

    /// <summary>Checks that the server can listen on the addresses, by listening on each for a moment. Pipes of Windows are not checked.</summary>
    /// <remarks>Call it before anything is started: a server that cannot listen must not begin to work.</remarks>
    /// <exception cref="CannotListenException">The message names the address and the reason, and says what to do.</exception>
    public static void EnsureFree(IEnumerable<string> addresses)
    {
        foreach (var address in addresses)
        {
            var binding = Parse(address);
            if (binding.IsNamedPipe)
                continue;

            try
            {
                using var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(EndPointOf(binding));
            }
            catch (Exception error) when (error is SocketException or ArgumentException)
            {
                // The second one means that the path is too long for a socket.
                throw new CannotListenException(
                    $"The server cannot listen on {address}: {error.Message.TrimEnd('.')}. "
                    + "Free it, or choose another address with the setting Urls (see docs/operate/configuration.md) or, for the demo, with --port.", error);
            }
        }
    }

    /// <returns>Whether other machines can reach it. A host name counts as public, because Kestrel then listens on all addresses.</returns>
    public static bool IsPublic(string address)
    {
        var binding = Parse(address);
        return !binding.IsUnixPipe && !binding.IsNamedPipe && !LocalRequest.IsLoopbackHost(binding.Host);
    }

    /// <summary>Parses an address as Kestrel does. Only IPv6 is different: Kestrel omits it on a machine without IPv6.</summary>
    private static EndPoint EndPointOf(BindingAddress binding)
    {
        if (binding.IsUnixPipe)
            return new UnixDomainSocketEndPoint(binding.UnixPipePath);
        if (binding.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
            return new IPEndPoint(IPAddress.Loopback, binding.Port);
        return new IPEndPoint(IPAddress.TryParse(binding.Host, out var address) ? address : IPAddress.Any, binding.Port);
    }

    private static BindingAddress Parse(string address)
    {
        try
        {
            var binding = BindingAddress.Parse(address);
            return Error(binding) is { } error
                ? throw new InvalidInputException($"Urls: '{address}': {error}; expected an address such as {Default}.")
                : binding;
        }
        catch (FormatException)
        {
            throw new InvalidInputException($"Urls: '{address}' is not an address to listen on; expected one such as {Default}.");
        }
    }

    /// <summary>Values that Kestrel would reject with its own message, or would not reject.</summary>
    private static string? Error(BindingAddress binding)
    {
        if (!binding.Scheme.Equals("http", StringComparison.OrdinalIgnoreCase) && !binding.Scheme.Equals("https", StringComparison.OrdinalIgnoreCase))
            return $"the server speaks http and https, not '{binding.Scheme}'";
        if (binding.IsUnixPipe || binding.IsNamedPipe)
            return null;
        if (binding.Host.Contains(':', StringComparison.Ordinal) && !binding.Host.StartsWith('['))
            return "the port is not a number";
        if (binding.Port is < 0 or > IPEndPoint.MaxPort)
            return $"the port {binding.Port} is not from 0 to {IPEndPoint.MaxPort}";
        return binding.PathBase.Trim('/').Length > 0 ? $"an address to listen on has no path ('{binding.PathBase}')" : null;
    }

    /// <summary>Checks that an address with https has a certificate, as far as this can be known before Kestrel searches for it.</summary>
    /// <exception cref="CannotListenException">No certificate is configured, and this user has none for development.</exception>
    public static void EnsureCertificate(IConfiguration configuration)
    {
        if (CertificateError(configuration) is { } error && !HasDevelopmentCertificate())
            throw new CannotListenException(error);
    }

    /// <summary>Kestrel uses the certificate that 'dotnet dev-certs https' has created, if there is one.</summary>
    private static bool HasDevelopmentCertificate()
    {
        const string AspNetHttpsOid = "1.3.6.1.4.1.311.84.1.1";
        using var store = new X509Store(StoreName.My, StoreLocation.CurrentUser);
        try
        {
            store.Open(OpenFlags.ReadOnly);
        }
        catch (CryptographicException)
        {
            return false;
        }

        return store.Certificates.Any(certificate => certificate.Extensions.Any(extension => extension.Oid?.Value == AspNetHttpsOid));
    }

    /// <returns>What to do if the server could not start because a certificate is missing; null when no address needs one, or when one is configured.</returns>
    public static string? CertificateError(IConfiguration configuration)
    {
        var secure = Of(configuration).FirstOrDefault(address => address.StartsWith("https:", StringComparison.OrdinalIgnoreCase));
        var isConfigured = configuration.GetSection("Kestrel:Certificates:Default").Exists()
            || configuration.GetSection("Kestrel:Endpoints").GetChildren().Any(endpoint => endpoint.GetSection("Certificate").Exists());
        return secure is null || isConfigured
            ? null
            : $"The server cannot listen on {secure}: https needs a certificate. Name its file in Kestrel:Certificates:Default:Path (and :Password or :KeyPath), "
                + "or listen on http and let a proxy end https. See docs/operate/access.md.";
    }

    private static List<string> Split(string? list) =>
        [.. (list ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
}

/// <summary>An address is in use, does not belong to this machine, or is not allowed for this user.</summary>
internal sealed class CannotListenException(string message, Exception? inner = null) : IOException(message, inner);

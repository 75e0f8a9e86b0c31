using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EvalJobs.Domain;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace EvalJobs.Server.Access;

/// <summary>Where the server will listen, and whether that is allowed.</summary>
internal static class BindAddresses
{
    /// <summary>Where it listens by default: this machine only.</summary>
    public const string Default = "http://127.0.0.1:5080";

    /// <returns>
    /// The addresses the framework will listen on, by its own precedence: Kestrel endpoints, then URLs, then ports; else <see cref="Default"/>.
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

    /// <summary>Rejects addresses other machines can reach unless people sign in, and their passwords travel encrypted.</summary>
    /// <exception cref="InvalidInputException">Says which address and what to do.</exception>
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

    /// <summary>Makes sure that the addresses can be listened on, by taking each for a moment; pipes of Windows are not looked at.</summary>
    /// <remarks>To be asked before anything is started: a server that cannot listen must not have begun to work.</remarks>
    /// <exception cref="CannotListenException">Says which address, why, and what to do.</exception>
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
                // The latter is a path too long for a socket.
                throw new CannotListenException(
                    $"The server cannot listen on {address}: {error.Message.TrimEnd('.')}. "
                    + "Free it, or choose another address with the setting Urls (see docs/operate/configuration.md) or, for the demo, with --port.", error);
            }
        }
    }

    /// <returns>Whether other machines can reach it. A host name counts as public: Kestrel listens everywhere then.</returns>
    public static bool IsPublic(string address)
    {
        var binding = Parse(address);
        return !binding.IsUnixPipe && !binding.IsNamedPipe && !LocalRequest.IsLoopbackHost(binding.Host);
    }

    /// <summary>As Kestrel takes an address, but for IPv6, which it does without where there is none.</summary>
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

    /// <summary>What Kestrel would reject in words of its own, or not at all.</summary>
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

    /// <summary>Makes sure that an address with https has a certificate, as far as that can be known before Kestrel looks for it.</summary>
    /// <exception cref="CannotListenException">None is configured, and this user has none for development.</exception>
    public static void EnsureCertificate(IConfiguration configuration)
    {
        if (CertificateError(configuration) is { } error && !HasDevelopmentCertificate())
            throw new CannotListenException(error);
    }

    /// <summary>Kestrel takes the certificate that 'dotnet dev-certs https' made, where there is one.</summary>
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

    /// <returns>What to do when the server could not start because a certificate is missing; null when no address needs one, or one is configured.</returns>
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

/// <summary>An address is taken, not of this machine, or not allowed to this user.</summary>
internal sealed class CannotListenException(string message, Exception? inner = null) : IOException(message, inner);

using System.Net;
using System.Net.Sockets;
using EvalJobs.Domain;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace EvalJobs.Server.Access;

/// <summary>Where the server will listen, and whether that is allowed.</summary>
public static class BindAddresses
{
    /// <summary>Where it listens unless told otherwise: this machine only.</summary>
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

    /// <summary>Refuses addresses other machines can reach unless people sign in, and their passwords travel encrypted.</summary>
    /// <exception cref="InvalidInputException">Says which address and what to do.</exception>
    public static void Demand(IEnumerable<string> addresses, AccessOptions options)
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
    public static void DemandFree(IEnumerable<string> addresses)
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
            return BindingAddress.Parse(address);
        }
        catch (FormatException)
        {
            throw new InvalidInputException($"Urls: '{address}' is no address to listen on; expected one such as {Default}.");
        }
    }

    private static List<string> Split(string? list) =>
        [.. (list ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
}

/// <summary>An address is taken, not of this machine, or not allowed to this user.</summary>
public sealed class CannotListenException(string message, Exception inner) : IOException(message, inner);

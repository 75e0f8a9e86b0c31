using System.Net;
using System.Net.Sockets;

namespace EvalJobs.Execution.Agents;

/// <summary>
/// Keeps tenant-given URLs away from the operator's own network. It resolves the name at connect time and connects to
/// the address it checked, so a name that resolves differently later has no effect.
/// </summary>
internal sealed class AddressGuard(AgentOptions options)
{
    private static readonly IPNetwork[] ReservedIPv4 =
    [
        IPNetwork.Parse("0.0.0.0/8"),       // this host
        IPNetwork.Parse("10.0.0.0/8"),      // private
        IPNetwork.Parse("100.64.0.0/10"),   // carrier-grade NAT
        IPNetwork.Parse("127.0.0.0/8"),     // loopback
        IPNetwork.Parse("169.254.0.0/16"),  // link-local, cloud metadata
        IPNetwork.Parse("172.16.0.0/12"),   // private
        IPNetwork.Parse("192.0.0.0/24"),    // protocol assignments
        IPNetwork.Parse("192.0.2.0/24"),    // documentation
        IPNetwork.Parse("192.88.99.0/24"),  // 6to4 relays
        IPNetwork.Parse("192.168.0.0/16"),  // private
        IPNetwork.Parse("198.18.0.0/15"),   // benchmarking
        IPNetwork.Parse("198.51.100.0/24"), // documentation
        IPNetwork.Parse("203.0.113.0/24"),  // documentation
        IPNetwork.Parse("224.0.0.0/4"),     // multicast
        IPNetwork.Parse("240.0.0.0/4"),     // reserved, broadcast
    ];

    // Nothing outside it may be reached: loopback, link-local, unique local, multicast, reserved.
    private static readonly IPNetwork GlobalIPv6 = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] ReservedIPv6 =
    [
        IPNetwork.Parse("2001::/23"),     // protocol assignments, Teredo among them (it embeds an IPv4 address)
        IPNetwork.Parse("2001:db8::/32"), // documentation
        IPNetwork.Parse("3fff::/20"),     // documentation
    ];

    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    private readonly AllowedHost[] _allowed = [.. options.AllowedHosts.Select(AllowedHost.TryParse).OfType<AllowedHost>()];

    /// <summary>Opens the connection for a <see cref="SocketsHttpHandler"/>.</summary>
    /// <exception cref="AgentCallException">The host has no allowed address. A retry cannot help.</exception>
    /// <exception cref="SocketException">The name is unknown, or the host does not answer.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        // An IPv6 address arrives in its URL's brackets.
        var (host, port) = (context.DnsEndPoint.Host.Trim('[', ']'), context.DnsEndPoint.Port);
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host, cancellationToken);
        var permitted = Array.FindAll(addresses, address => MayReach(host, address, port));

        if (permitted.Length == 0)
        {
            throw new AgentCallException(
                $"The host '{host}' (port {port}) leads to a private, loopback or otherwise reserved address; such hosts must be listed in EvalJobs:Agents:AllowedHosts.");
        }

        SocketException? last = null;
        foreach (var address in permitted)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(address, port, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException error)
            {
                socket.Dispose();
                last = error;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
        throw last!;
    }

    /// <returns>Whether an address belongs to the public internet, also after unwrapping an IPv4 address embedded in an IPv6 one.</returns>
    public static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();

        if (address.AddressFamily == AddressFamily.InterNetwork)
            return !Array.Exists(ReservedIPv4, network => network.Contains(address));

        if (Nat64.Contains(address))
            return IsPublic(new IPAddress(address.GetAddressBytes()[12..]));
        if (SixToFour.Contains(address))
            return IsPublic(new IPAddress(address.GetAddressBytes()[2..6]));

        return GlobalIPv6.Contains(address) && !Array.Exists(ReservedIPv6, network => network.Contains(address));
    }

    private bool MayReach(string host, IPAddress address, int port) =>
        IsPublic(address) || Array.Exists(_allowed, entry => entry.Names(host, port) || entry.Names(address, port));
}

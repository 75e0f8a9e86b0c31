using System.Globalization;
using System.Net;

namespace EvalJobs.Execution.Agents;

/// <summary>One entry of <see cref="AgentOptions.AllowedHosts"/>: a name or address, with a port or for all ports.</summary>
internal sealed record AllowedHost(string Host, int? Port)
{
    /// <summary>Reads <c>name</c>, <c>name:port</c>, <c>10.0.0.1:port</c>, <c>::1</c>, <c>[::1]</c> or <c>[::1]:port</c>.</summary>
    public static AllowedHost? TryParse(string entry)
    {
        var host = entry;
        string? port = null;

        if (entry.StartsWith('['))
        {
            var close = entry.IndexOf(']', StringComparison.Ordinal);
            if (close < 0 || (close + 1 < entry.Length && entry[close + 1] != ':'))
                return null;
            host = entry[1..close];
            port = close + 1 < entry.Length ? entry[(close + 2)..] : null;
        }
        else if (entry.Count(c => c == ':') == 1)
        {
            var colon = entry.IndexOf(':', StringComparison.Ordinal);
            host = entry[..colon];
            port = entry[(colon + 1)..];
        }

        if (Uri.CheckHostName(host) == UriHostNameType.Unknown)
            return null;
        if (port is null)
            return new AllowedHost(host, null);
        return ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? new AllowedHost(host, number)
            : null;
    }

    public bool Names(string host, int port) =>
        (Port is null || Port == port) && string.Equals(Host, host, StringComparison.OrdinalIgnoreCase);

    public bool Names(IPAddress address, int port) =>
        (Port is null || Port == port) && IPAddress.TryParse(Host, out var own) && Plain(own).Equals(Plain(address));

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}

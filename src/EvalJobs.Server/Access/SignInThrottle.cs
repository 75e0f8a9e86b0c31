using System.Net;
using System.Net.Sockets;

namespace EvalJobs.Server.Access;

/// <summary>Locks out names and addresses after repeated wrong passwords. In memory, so each server counts for itself. Thread-safe.</summary>
/// <remarks>
/// Names nobody has are locked out as real ones are, or the difference would tell which exist; but they are counted apart, so that a flood
/// of them cannot push a real user's count out of the bounded memory.
/// </remarks>
internal sealed class SignInThrottle(AccessOptions options, AccessDirectory directory, TimeProvider clock)
{
    /// <summary>An address may be an office: it is locked out after this many times as many failures as a name.</summary>
    internal const int AddressFactor = 4;

    private const int Capacity = 10_000;

    private readonly FailureCounter _users = new(options.LockOutAfter, options.LockOutFor, Capacity, clock);
    private readonly FailureCounter _unknownNames = new(options.LockOutAfter, options.LockOutFor, Capacity, clock);
    private readonly FailureCounter _addresses = new(options.LockOutAfter * AddressFactor, options.LockOutFor, Capacity, clock);

    /// <summary>Begins an attempt, counted as failed until <see cref="Succeeded"/>.</summary>
    /// <returns>False when the name or the address is locked out.</returns>
    public bool TryBegin(string name, IPAddress? address) => _addresses.TryBegin(Key(address)) && CounterOf(name).TryBegin(name);

    /// <summary>
    /// The attempt was right: the name's failures are forgotten. The address only gets this attempt back, or someone with one account could guess
    /// the passwords of others without end.
    /// </summary>
    public void Succeeded(string name, IPAddress? address)
    {
        CounterOf(name).Forget(name);
        _addresses.Undo(Key(address));
    }

    /// <returns>The address as counted; an IPv6 site is one address, for it has more than can be counted.</returns>
    internal static string Key(IPAddress? address)
    {
        if (address is null)
            return "";
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8))
            : address.ToString();
    }

    private FailureCounter CounterOf(string name) => directory.Find(name) is null ? _unknownNames : _users;
}

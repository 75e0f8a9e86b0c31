using System.Net;
using System.Net.Sockets;

namespace EvalJobs.Server.Access;

/// <summary>Locks out names and addresses after repeated wrong passwords. In memory, so each server counts for itself. Thread-safe.</summary>
/// <remarks>
/// Unknown names are locked out like existing ones, because a difference would reveal which names exist. They are counted separately, so that many
/// unknown names cannot remove an existing user's count from the bounded memory.
/// </remarks>
internal sealed class SignInThrottle(AccessOptions options, AccessDirectory directory, TimeProvider clock)
{
    /// <summary>An address may belong to a whole office, so it is locked out only after this many times as many failures as a name.</summary>
    internal const int AddressFactor = 4;

    private const int Capacity = 10_000;

    private readonly FailureCounter _users = new(options.LockOutAfter, options.LockOutFor, Capacity, clock);
    private readonly FailureCounter _unknownNames = new(options.LockOutAfter, options.LockOutFor, Capacity, clock);
    private readonly FailureCounter _addresses = new(options.LockOutAfter * AddressFactor, options.LockOutFor, Capacity, clock);

    /// <summary>Begins an attempt, which counts as failed until <see cref="Succeeded"/> is called.</summary>
    /// <returns>False when the name or the address is locked out.</returns>
    public bool TryBegin(string name, IPAddress? address) => _addresses.TryBegin(Key(address)) && CounterOf(name).TryBegin(name);

    /// <summary>
    /// The attempt succeeded. All failures of the name are removed, but only this attempt of the address. Otherwise a person with one account could
    /// guess the passwords of others without limit.
    /// </summary>
    public void Succeeded(string name, IPAddress? address)
    {
        CounterOf(name).Forget(name);
        _addresses.Undo(Key(address));
    }

    /// <returns>The address for the count. A whole IPv6 site counts as one address, because it has more addresses than can be counted.</returns>
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

using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Receiver;

/// <summary>Verifies the messages of an EvalJobs webhook.</summary>
public sealed class EvalJobsSignature(string secret, TimeProvider clock)
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(5);

    /// <param name="timestamp">The header EvalJobs-Timestamp.</param>
    /// <param name="signature">The header EvalJobs-Signature.</param>
    /// <param name="body">The body, byte for byte.</param>
    public bool IsValid(string? timestamp, string? signature, ReadOnlySpan<byte> body)
    {
        if (!long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || (clock.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(Math.Min(seconds, 253402300799))).Duration() > MaxAge)
            return false;

        byte[] signed = [.. Encoding.UTF8.GetBytes($"{timestamp}."), .. body];
        var expected = $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed))}";
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(signature ?? ""));
    }
}

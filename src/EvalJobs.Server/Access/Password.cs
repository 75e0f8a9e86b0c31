using System.Buffers.Binary;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace EvalJobs.Server.Access;

/// <summary>Hashes and checks passwords with the framework's hasher: PBKDF2 with HMAC-SHA512 and a separate salt for each password.</summary>
internal static class Password
{
    /// <summary>The shortest password that <c>user hash</c> accepts.</summary>
    public const int MinLength = 12;

    /// <summary>The longest password that is checked.</summary>
    public const int MaxLength = 256;

    private const int Iterations = 210_000;
    private const int FewestIterations = 100_000;
    private const int MostIterations = 5_000_000;

    private static readonly PasswordHasher<object> Hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = Iterations }));
    private static readonly object Nobody = new();

    /// <summary>A hash that no password has. It is checked for unknown names, which takes as long as the check of a real hash.</summary>
    public static string DummyHash { get; } = CreateDummyHash();

    /// <returns>The password's hash, for the settings.</returns>
    public static string Hash(string password) => Hasher.HashPassword(Nobody, password);

    /// <returns>Whether the password has this hash. The check takes tens of milliseconds of processor time, which is intended.</returns>
    public static bool Verify(string hash, string password) =>
        Hasher.VerifyHashedPassword(Nobody, hash, password) != PasswordVerificationResult.Failed;

    /// <returns>Whether this is a hash in the framework's third format with enough iterations, and not a plain password.</returns>
    public static bool IsHash(string text)
    {
        // 1 byte format, 3 numbers (function, iterations, salt length), salt, subkey.
        Span<byte> bytes = stackalloc byte[128];
        if (!Convert.TryFromBase64String(text, bytes, out var length) || length < 13 || bytes[0] != 1)
            return false;
        var iterations = BinaryPrimitives.ReadUInt32BigEndian(bytes[5..]);
        var salt = BinaryPrimitives.ReadUInt32BigEndian(bytes[9..]);
        return bytes[1..5] is [0, 0, 0, 2] && iterations is >= FewestIterations and <= MostIterations && salt >= 16 && length >= 13 + salt + 16;
    }

    private static string CreateDummyHash()
    {
        var bytes = new byte[13 + 16 + 32];
        bytes[0] = 1;
        bytes[4] = 2;
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(5), Iterations);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(9), 16);
        return Convert.ToBase64String(bytes);
    }
}

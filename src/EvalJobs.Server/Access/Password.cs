using System.Buffers.Binary;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace EvalJobs.Server.Access;

/// <summary>Hashes and checks passwords with the framework's hasher: PBKDF2 with HMAC-SHA512 and a salt of its own each.</summary>
internal static class Password
{
    /// <summary>Shortest password <c>user hash</c> accepts.</summary>
    public const int MinLength = 12;

    /// <summary>Longest password looked at.</summary>
    public const int MaxLength = 256;

    private const int Iterations = 210_000;
    private const int FewestIterations = 100_000;
    private const int MostIterations = 5_000_000;

    private static readonly PasswordHasher<object> Hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = Iterations }));
    private static readonly object Nobody = new();

    /// <summary>A hash no password has, for names no user has: checking it takes as long as checking a real one.</summary>
    public static string DummyHash { get; } = CreateDummyHash();

    /// <returns>The password's hash, for the settings.</returns>
    public static string Hash(string password) => Hasher.HashPassword(Nobody, password);

    /// <returns>Whether it is this hash's password. Takes tens of milliseconds of CPU, by design.</returns>
    public static bool Verify(string hash, string password) =>
        Hasher.VerifyHashedPassword(Nobody, hash, password) != PasswordVerificationResult.Failed;

    /// <returns>Whether this is a hash in the framework's third format, made with enough iterations; a bare password is not.</returns>
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

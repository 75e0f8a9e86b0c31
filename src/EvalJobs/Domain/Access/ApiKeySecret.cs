using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace EvalJobs.Domain;

/// <summary>
/// The secret of an API key: <c>ej_</c>, 40 random characters and 6 of checksum, from 0-9, A-Z and a-z. The prefix and the checksum let scanners of
/// source code find leaked keys without false alarms. They also let us reject a mistyped key without a query.
/// </summary>
/// <remarks>The random part has 238 bits, so one fast hash protects what is stored: it cannot be guessed.</remarks>
internal sealed class ApiKeySecret
{
    /// <summary>What every secret begins with.</summary>
    public const string Prefix = "ej_";

    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static readonly SearchValues<char> DigitSet = SearchValues.Create(Digits);
    private const int RandomLength = 40;
    private const int ChecksumLength = 6;
    private const int HintLength = 8;

    private ApiKeySecret(string text) => Text = text;

    /// <summary>The secret itself: never log or store it.</summary>
    public string Text { get; }

    /// <summary>SHA-256 of the secret in lower-case hexadecimal: what is stored.</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text)));

    /// <summary>The first characters, which are not secret.</summary>
    public string Hint => Text[..HintLength];

    /// <returns>A new secret from the system's cryptographic random numbers.</returns>
    public static ApiKeySecret Create()
    {
        var body = Prefix + RandomNumberGenerator.GetString(Digits, RandomLength);
        return new(body + Checksum(body));
    }

    /// <returns>Whether the text has the form of a secret. Its key need not exist.</returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ApiKeySecret? secret)
    {
        secret = text is { Length: var length } && length == Prefix.Length + RandomLength + ChecksumLength
            && text.StartsWith(Prefix, StringComparison.Ordinal)
            && text.AsSpan(Prefix.Length).IndexOfAnyExcept(DigitSet) < 0
            && text.EndsWith(Checksum(text[..^ChecksumLength]), StringComparison.Ordinal)
            ? new(text)
            : null;
        return secret is not null;
    }

    /// <summary>Shows nothing: so that a secret is never logged by accident.</summary>
    public override string ToString() => nameof(ApiKeySecret);

    private static string Checksum(string body)
    {
        var rest = new BigInteger(SHA256.HashData(Encoding.UTF8.GetBytes(body)), isUnsigned: true, isBigEndian: true);
        var checksum = new char[ChecksumLength];
        for (var at = checksum.Length - 1; at >= 0; at--)
        {
            checksum[at] = Digits[(int)(rest % Digits.Length)];
            rest /= Digits.Length;
        }

        return new string(checksum);
    }
}

using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace EvalJobs.Execution.Agents;

/// <summary>The text of an answer's body, by the character set its Content-Type names.</summary>
internal static class TextBody
{
    private static readonly Encoding[] WithByteOrderMark = [Encoding.UTF8, Encoding.UTF32, Encoding.Unicode, Encoding.BigEndianUnicode];

    /// <param name="bytes">The body.</param>
    /// <param name="type">Its Content-Type, if it has one.</param>
    /// <returns>The text, without a byte order mark. UTF-8 unless the body or its type says otherwise.</returns>
    /// <exception cref="FormatException">The character set is not known; the message names it.</exception>
    public static string Of(ReadOnlySpan<byte> bytes, MediaTypeHeaderValue? type)
    {
        foreach (var encoding in WithByteOrderMark)
        {
            if (bytes.StartsWith(encoding.Preamble))
                return encoding.GetString(bytes[encoding.Preamble.Length..]);
        }
        return EncodingOf(type?.CharSet).GetString(bytes);
    }

    /// <returns>The text as UTF-8, for messages.</returns>
    public static string Lenient(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    private static Encoding EncodingOf(string? charset)
    {
        var name = charset?.Trim().Trim('"', '\'').Trim();
        if (string.IsNullOrEmpty(name))
            return Encoding.UTF8;

        // "utf8" is not a registered name, but many servers send it.
        var plain = name.Replace("_", "-", StringComparison.Ordinal);
        if (plain.Equals("utf8", StringComparison.OrdinalIgnoreCase) || plain.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            return Encoding.UTF8;
        try
        {
            // "cp1252" and "1252" name a code page by its number.
            if (int.TryParse(plain.StartsWith("cp", StringComparison.OrdinalIgnoreCase) ? plain[2..] : plain, NumberStyles.None, CultureInfo.InvariantCulture, out var codePage))
                return CodePagesEncodingProvider.Instance.GetEncoding(codePage) ?? Encoding.GetEncoding(codePage);

            // The provider is used directly and not registered: a registration would apply to the whole process.
            return CodePagesEncodingProvider.Instance.GetEncoding(plain) ?? Encoding.GetEncoding(plain);
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            throw new FormatException($"its Content-Type names the unknown character set '{Excerpt.Of(name, 50)}'", error);
        }
    }
}

using EvalJobs.Domain;

namespace EvalJobs.Import;

/// <summary>The form of a CSV file, if a person gives it.</summary>
internal sealed record CsvForm
{
    private static readonly (string Name, string Separator)[] Named = [("comma", ","), ("semicolon", ";"), ("tab", "\t"), ("pipe", "|")];

    /// <summary>The names of the usual separators.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Named.Select(each => each.Name)];

    /// <summary>The separator of the columns, one character; null detects it by the first line.</summary>
    public string? Separator { get; init; }

    /// <summary>
    /// Whether the first row contains the names of the columns. Otherwise the names are 1, 2, 3 and so on; without a mapping the first column is the
    /// input and the second the expected output.
    /// </summary>
    public bool HasHeader { get; init; } = true;

    /// <summary>Reads a separator.</summary>
    /// <param name="text">One of <see cref="Names"/>, or the character itself.</param>
    /// <exception cref="InvalidInputException">Any other text.</exception>
    public static string ParseSeparator(string text)
    {
        foreach (var (name, separator) in Named)
        {
            if (name == text)
                return separator;
        }

        return text is [var only] && only is not ('"' or '\r' or '\n') && !char.IsLetterOrDigit(only) && !char.IsSurrogate(only)
            ? text
            : throw new InvalidInputException(
                $"The separator '{(text.Length <= 20 ? text : text[..20] + "…")}' must be {string.Join(", ", Names)} or one character that is not a letter, digit or double quote, such as ~.");
    }

    /// <returns>The name of a separator; the character itself if it has no name.</returns>
    public static string NameOf(string separator) => Named.FirstOrDefault(each => each.Separator == separator).Name ?? separator;
}

using System.CommandLine;
using EvalJobs.Domain;

namespace EvalJobs.Server.Cli;

/// <summary>Lists with pages.</summary>
internal static class Paging
{
    private const int Largest = 10_000;

    public static Option<int> LimitOption(string things = "", int limit = 50) =>
        new("--limit") { Description = $"At most this many{things}, 1 to {Largest}.", DefaultValueFactory = _ => limit };

    public static Option<long?> BeforeOption() => new("--before") { Description = "Only ids below this one: the last of the previous page.", HelpName = "id" };

    /// <exception cref="InvalidInputException">Not an id; ids begin at 1.</exception>
    public static long Before(this ParseResult parsed, Option<long?> option) =>
        parsed.GetValue(option) is not { } id ? long.MaxValue
            : id >= 1 ? id
            : throw new InvalidInputException($"--before {id}: expected an id, 1 or more.");

    /// <exception cref="InvalidInputException">Out of range.</exception>
    public static int Limit(this ParseResult parsed, Option<int> option) =>
        parsed.GetValue(option) is >= 1 and <= Largest and var limit
            ? limit
            : throw new InvalidInputException($"--limit {parsed.GetValue(option)}: expected 1 to {Largest}.");

    /// <summary>Writes how to get the next page when the page is full.</summary>
    public static void Hint<T>(IReadOnlyList<T> page, int limit, Func<T, string> next)
    {
        if (page.Count == limit)
            CommandContext.Line($"There may be more: {next(page[^1])}");
    }

    /// <returns>The value of an option that is a word, such as a status; null when the option is absent.</returns>
    /// <exception cref="InvalidInputException">Another word; the message names the option and lists the right ones.</exception>
    public static TEnum? Word<TEnum>(this ParseResult parsed, Option<string?> option) where TEnum : struct, Enum
    {
        if (parsed.GetValue(option) is not { } word)
            return null;
        try
        {
            return StoredWord.Parse<TEnum>(word);
        }
        catch (InvalidInputException error)
        {
            throw new InvalidInputException($"{option.Name} {error.Message}", error);
        }
    }
}

using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Globalization;

namespace EvalJobs.Server.Cli;

/// <summary>The errors of a command line in this program's words: they name the option and the expected value.</summary>
internal static class ParseErrors
{
    /// <returns>The exit code, after the error was written to standard error; null when there is no error.</returns>
    public static async Task<int?> RejectAsync(ParseResult parsed, string[] args)
    {
        if (args.Select(arg => EqualsError(parsed, arg)).FirstOrDefault(wrong => wrong is not null) is { } assigned)
            return await WriteErrorAsync(assigned);
        return parsed.Action is ParseErrorAction parseError ? await ShowParseErrorAsync(parsed, parseError) : null;
    }

    private static async Task<int> ShowParseErrorAsync(ParseResult parsed, ParseErrorAction parseError)
    {
        // The help text would hide the error, and it goes to standard output, where programs read answers.
        parseError.ShowHelp = false;
        var text = new StringWriter();
        await parsed.InvokeAsync(new InvocationConfiguration { Output = text, Error = text });

        var values = parsed.Errors.Select(ValueError).OfType<string>().ToList();
        return await WriteErrorAsync(values.Count > 0 ? string.Join(Environment.NewLine, values) : text.ToString().Trim());
    }

    private static async Task<int> WriteErrorAsync(string error)
    {
        await CommandContext.ErrorLineAsync($"error: {error}");
        await Console.Error.WriteLineAsync("--help shows what is right here.");
        return ExitCode.Rejected;
    }

    /// <returns>The error of an argument of the form --option=value; null when it is valid, or when another check reports it.</returns>
    /// <remarks>
    /// If the value after '=' is missing, the library uses the next argument as the value. It reports the value of a switch as an unknown argument.
    /// </remarks>
    private static string? EqualsError(ParseResult parsed, string argument)
    {
        if (argument.Split('=', 2) is not [var name, var value])
            return null;
        var options = parsed.CommandResult.Command.Options.Concat(parsed.RootCommandResult.Command.Options.Where(option => option.Recursive));
        return options.FirstOrDefault(option => option.Name == name) switch
        {
            null => null,
            _ when value.Length == 0 => $"{name}: a value is missing after '='.",
            { } option when (Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType) == typeof(bool) => Expectation(typeof(bool), value) is { } expected ? $"{name} '{value}': expected {expected}." : null,
            _ => null,
        };
    }

    /// <returns>The expected form of a value that cannot be read; null for any other error.</returns>
    private static string? ValueError(ParseError error)
    {
        (string Name, Type Type)? symbol = error.SymbolResult switch
        {
            OptionResult option => (option.Option.Name, option.Option.ValueType),
            ArgumentResult { Parent: OptionResult option } => (option.Option.Name, option.Option.ValueType),
            ArgumentResult argument => (argument.Argument.Name, argument.Argument.ValueType),
            _ => null,
        };
        if (symbol is not var (name, declared))
            return null;
        var type = declared.GetElementType() ?? Nullable.GetUnderlyingType(declared) ?? declared;
        return error.SymbolResult!.Tokens.Select(token => (token.Value, Expected: Expectation(type, token.Value))).FirstOrDefault(each => each.Expected is not null) is (var wrong, { } expected)
            ? $"{name} '{wrong}': expected {expected}."
            : null;
    }

    /// <returns>The expected form of a text for this type; null when the text can be read.</returns>
    private static string? Expectation(Type type, string text) =>
        type == typeof(int) ? int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out _) ? null : "a whole number, such as 10"
        : type == typeof(long) ? long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out _) ? null : "a whole number, such as 10"
        : type == typeof(bool) ? bool.TryParse(text, out _) ? null : "true or false, or nothing"
        : type.IsEnum ? Enum.GetNames(type).Contains(text, StringComparer.OrdinalIgnoreCase) ? null : $"one of {string.Join(", ", Enum.GetNames(type))}"
        : type == typeof(FileInfo) && string.IsNullOrWhiteSpace(text) ? "the name of a file"
        : null;
}

using System.Text.Encodings.Web;
using System.Text.Json;
using EvalJobs.DependencyInjection;
using EvalJobs.Domain;
using EvalJobs.Server.Access;
using EvalJobs.Server.Web;
using Spectre.Console;

namespace EvalJobs.Server.Cli;

/// <summary>The context of a command: the services on the configured database, and the output for people or programs.</summary>
internal sealed class CommandContext(IServiceProvider services, bool isJson, CancellationToken cancellationToken)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new StoredWordConverterFactory() },
    };

    /// <summary>Ends the command.</summary>
    public CancellationToken CancellationToken => cancellationToken;

    /// <summary>Whether the output is for a program, as JSON.</summary>
    public bool IsJson => isJson;

    /// <summary>Whether the output goes to a terminal. Only then progress is shown.</summary>
    public bool IsWatched => !isJson && !Console.IsOutputRedirected && !Console.IsErrorRedirected;

    /// <returns>A service of the product.</returns>
    public T Get<T>() where T : notnull => services.GetRequiredService<T>();

    /// <summary>Whether the person at this command line is a user of the dashboard with the role Approver, by the user name on this machine.</summary>
    public bool IsApprover =>
        SettingsReader.Read<AccessOptions>(Get<IConfiguration>(), AccessOptions.Section).Users
            .Any(user => Actor.IsSamePerson(user.Key, Actor.CommandLine()) && user.Value.Role == ViewerRole.Approver);

    /// <summary>Writes the answer: the value as JSON for programs, or the text for people.</summary>
    public void Answer(object value, Action text)
    {
        if (isJson)
            Console.Out.WriteLine(JsonSerializer.Serialize(value, Json));
        else
            text();
    }

    /// <summary>Writes a line for people. It is not read as markup, because names may contain brackets.</summary>
    public static void Line(string text) => Console.Out.WriteLine(TerminalText.Escape(text));

    /// <summary>Writes a line for people to standard error.</summary>
    public static Task ErrorLineAsync(string text) => Console.Error.WriteLineAsync(TerminalText.Escape(text));

    /// <summary>Writes a table for people.</summary>
    public static void Table(string[] columns, IEnumerable<string[]> rows)
    {
        var table = new Table().Border(TableBorder.Rounded);
        foreach (var column in columns)
            table.AddColumn(new TableColumn(Markup.Escape(column)));
        foreach (var row in rows)
            table.AddRow(row.Select(cell => new Text(TerminalText.Escape(cell))).ToArray<Spectre.Console.Rendering.IRenderable>());

        // A pipe has no terminal width, so rows must not be wrapped at 80 columns.
        if (Console.IsOutputRedirected)
            AnsiConsole.Profile.Width = 400;
        AnsiConsole.Write(table);
    }

    /// <returns>The stored word of an enum value, such as <c>NOT_RUN</c>.</returns>
    public static string Word<TEnum>(TEnum value) where TEnum : struct, Enum => StoredWord.Of(value);

    /// <returns>A count with its word, such as "1 case" and "3 cases".</returns>
    public static string Many(long count, string one, string? many = null) => $"{count} {Plural.Of(count, one, many)}";

    /// <returns>A share as a percentage with one decimal; a dash when there is none.</returns>
    public static string Percent(double? share) => share is { } value ? $"{value * 100:0.0} %" : "–";

    /// <returns>A moment in UTC to the second; a dash when there is none.</returns>
    public static string Moment(DateTimeOffset? at) => at is { } value ? $"{value:yyyy-MM-dd HH:mm:ss}" : "–";
}

using EvalJobs.Domain;

namespace EvalJobs.Server.Settings;

/// <summary>Where settings come from. The server and every command read the same sources in the same order: they must mean the same database.</summary>
internal static class SettingsSources
{
    /// <summary>The environment whose own settings file is read: ASPNETCORE_ENVIRONMENT, else DOTNET_ENVIRONMENT, else Production.</summary>
    public static string EnvironmentName => Variable("ASPNETCORE_ENVIRONMENT") ?? Variable("DOTNET_ENVIRONMENT") ?? Environments.Production;

    /// <summary>The settings files beside the executable, later ones winning.</summary>
    public static IReadOnlyList<string> Files => ["appsettings.json", $"appsettings.{EnvironmentName}.json"];

    /// <summary>Reads the settings once, later sources winning: the framework's own variables, two files beside the executable, environment variables, the command line.</summary>
    /// <param name="commandLine">Full names with their values.</param>
    /// <remarks>
    /// No file is followed: the framework empties a source whose file it can no longer read, and a running server would lose its tenants' secrets
    /// to a misplaced comma. <see cref="SettingsWatch"/> is for what follows changes.
    /// </remarks>
    /// <exception cref="InvalidInputException">A file is no JSON; the message names it and the line.</exception>
    public static IConfigurationRoot Load(IEnumerable<KeyValuePair<string, string?>> commandLine)
    {
        try
        {
            var builder = new ConfigurationBuilder().SetBasePath(AppContext.BaseDirectory).AddEnvironmentVariables("ASPNETCORE_");
            foreach (var file in Files)
                builder.AddJsonFile(file, optional: true, reloadOnChange: false);
            return builder.AddEnvironmentVariables().AddInMemoryCollection(commandLine).Build();
        }
        catch (InvalidDataException error)
        {
            throw new InvalidInputException($"{error.Message} {error.InnerException?.Message}", error);
        }
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}

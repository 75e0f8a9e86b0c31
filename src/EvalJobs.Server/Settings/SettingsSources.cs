using EvalJobs.Domain;

namespace EvalJobs.Server.Settings;

/// <summary>The sources of settings. The server and every command read the same sources in the same order, so that they use the same database.</summary>
internal static class SettingsSources
{
    /// <summary>The environment, which has its own settings file: ASPNETCORE_ENVIRONMENT, else DOTNET_ENVIRONMENT, else Production.</summary>
    public static string EnvironmentName => Variable("ASPNETCORE_ENVIRONMENT") ?? Variable("DOTNET_ENVIRONMENT") ?? Environments.Production;

    /// <summary>The settings files in the folder of the executable. Later ones override earlier ones.</summary>
    public static IReadOnlyList<string> Files => ["appsettings.json", $"appsettings.{EnvironmentName}.json"];

    /// <summary>
    /// Reads the settings once. Later sources override earlier ones: the framework's own variables, two files in the folder of the executable,
    /// environment variables, the command line.
    /// </summary>
    /// <param name="commandLine">Full names with their values.</param>
    /// <remarks>
    /// Changes of a file are ignored, because the framework empties a source whose file it can no longer read: a misplaced comma would remove the
    /// tenants' secrets from a running server. <see cref="SettingsWatch"/> is for settings that may change.
    /// </remarks>
    /// <exception cref="InvalidInputException">A file is not JSON; the message names the file and the line.</exception>
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

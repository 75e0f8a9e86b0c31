using EvalJobs.Domain;

namespace EvalJobs.Server;

/// <summary>Where settings come from. The server and every command read the same sources in the same order: they must mean the same database.</summary>
public static class SettingsSources
{
    /// <summary>The environment whose own settings file is read: ASPNETCORE_ENVIRONMENT, else DOTNET_ENVIRONMENT, else Production.</summary>
    public static string EnvironmentName => Variable("ASPNETCORE_ENVIRONMENT") ?? Variable("DOTNET_ENVIRONMENT") ?? Environments.Production;

    /// <summary>Reads the settings, later sources winning: the framework's own variables, two files beside the executable, environment variables, the command line.</summary>
    /// <param name="commandLine">Full names with their values.</param>
    /// <param name="watchFiles">Whether a file is read again when it changes.</param>
    /// <exception cref="InvalidInputException">A file is no JSON; the message names it and the line.</exception>
    public static IConfigurationRoot Load(IEnumerable<KeyValuePair<string, string?>> commandLine, bool watchFiles = false)
    {
        try
        {
            return new ConfigurationBuilder()
                .SetBasePath(AppContext.BaseDirectory)
                .AddEnvironmentVariables("ASPNETCORE_")
                .AddJsonFile("appsettings.json", optional: true, watchFiles)
                .AddJsonFile($"appsettings.{EnvironmentName}.json", optional: true, watchFiles)
                .AddEnvironmentVariables()
                .AddInMemoryCollection(commandLine)
                .Build();
        }
        catch (InvalidDataException error)
        {
            throw new InvalidInputException($"{error.Message} {error.InnerException?.Message}", error);
        }
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}

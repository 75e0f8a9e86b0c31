using System.Text.Json;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Server.Settings;
using Microsoft.Data.Sqlite;

namespace EvalJobs.Server.Cli.Pipeline;

/// <summary>
/// The settings of <c>eval</c>. The user of the command wrote or chose the files, so the command may use what they name: the genomes' hosts, and
/// recordings in the genomes' folder.
/// </summary>
internal static class EvalSettings
{
    /// <summary>The tenant of everything that <c>eval</c> stores; secrets are read under its name.</summary>
    public const string Tenant = "local";

    /// <returns>The settings of this command, overridden by those of the command line.</returns>
    /// <param name="given">The settings of the command line, by their full names.</param>
    /// <param name="databaseFile">The SQLite file to work on.</param>
    /// <param name="genomeFile">Recordings of <c>replay</c> targets are read from its folder.</param>
    /// <param name="genomes">Their hosts may be reached, even private ones.</param>
    public static Dictionary<string, string?> Build(
        IReadOnlyDictionary<string, string?> given, string databaseFile, FileInfo genomeFile, IEnumerable<Genome> genomes)
    {
        var configured = SettingsSources.Load(given);
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            // One failed attempt is enough, because a user at a terminal does not wait minutes for the next one.
            ["EvalJobs:Execution:MaxAttempts"] = "1",
            ["EvalJobs:Agents:OutagePatience"] = "00:00:00",
            ["EvalJobs:Agents:ReplayFolder"] = configured["EvalJobs:Agents:ReplayFolder"] ?? genomeFile.DirectoryName,
        };
        var hostCount = configured.GetSection("EvalJobs:Agents:AllowedHosts").GetChildren().Count();
        foreach (var host in genomes.SelectMany(Hosts).Distinct(StringComparer.OrdinalIgnoreCase))
            settings[$"EvalJobs:Agents:AllowedHosts:{hostCount++}"] = host;
        foreach (var (name, value) in given)
            settings[name] = value;

        // Never the configured database, which may be that of a server.
        settings["EvalJobs:Storage:Provider"] = nameof(StorageProvider.Sqlite);
        settings["EvalJobs:Storage:ConnectionString"] = new SqliteConnectionStringBuilder { DataSource = databaseFile }.ToString();
        settings["EvalJobs:Hangfire:Storage"] = "InMemory";
        return settings;
    }

    /// <summary>Adds secrets that are environment variables of the same name.</summary>
    /// <exception cref="InvalidInputException">There is no such variable.</exception>
    public static void AddSecrets(Dictionary<string, string?> settings, IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            settings[$"EvalJobs:Secrets:{Tenant}:{name}"] = Environment.GetEnvironmentVariable(name) is { Length: > 0 } value
                ? value
                : throw new InvalidInputException($"--secret {name}: there is no environment variable of that name.");
        }
    }

    /// <summary>Adds programs that genomes of type <c>process</c> may name, such as <c>bot=python3 bot.py</c>.</summary>
    /// <exception cref="InvalidInputException">Not name=program.</exception>
    public static void AddCommands(Dictionary<string, string?> settings, IEnumerable<string> commands)
    {
        foreach (var command in commands)
        {
            if (command.Split('=', 2) is not [{ Length: > 0 } name, var line] || line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var program, .. var arguments])
                throw new InvalidInputException($"--command {command}: expected name=program, such as bot=\"python3 bot.py\".");
            settings[$"EvalJobs:Agents:AllowedCommands:{name}:Path"] = program;
            for (var index = 0; index < arguments.Length; index++)
                settings[$"EvalJobs:Agents:AllowedCommands:{name}:Arguments:{index}"] = arguments[index];
        }
    }

    private static IEnumerable<string> Hosts(Genome genome)
    {
        JsonElement[] objects = genome.Target.TryGetProperty("oauth", out var oauth) && oauth.ValueKind == JsonValueKind.Object
            ? [genome.Target, oauth]
            : [genome.Target];
        foreach (var target in objects)
        {
            foreach (var name in (string[])["url", "endpoint", "tokenUrl"])
            {
                if (target.TryGetProperty(name, out var url) && url.ValueKind == JsonValueKind.String
                    && Uri.TryCreate(url.GetString(), UriKind.Absolute, out var address) && address.Host.Length > 0)
                    yield return $"{address.Host}:{address.Port}";
            }
        }
    }
}

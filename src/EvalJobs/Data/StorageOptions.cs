using System.ComponentModel.DataAnnotations;
using System.Data.Common;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;

namespace EvalJobs.Data;

/// <summary>Where the evaluation data are stored. Section <c>EvalJobs:Storage</c>.</summary>
internal sealed record StorageOptions : IValidatableObject
{
    private const string SqliteDefault = "Data Source=data/evaljobs.db";

    /// <summary>The database product. Default SQLite, which needs no installation.</summary>
    public StorageProvider Provider { get; init; } = StorageProvider.Sqlite;

    /// <summary>ADO.NET connection string. Default: the file <c>data/evaljobs.db</c> below the working directory.</summary>
    [Required]
    public string ConnectionString { get; init; } = SqliteDefault;

    /// <summary>Longest wait for one statement, a lock held by another process included. Default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a starting server or <c>migrate</c> tries to connect to SQL Server: after a power cut both
    /// start at once. Default 2 minutes; 0 tries once.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan StartupTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Whether lists, charts, comparisons and searches of the dashboard, and their files, are read with <c>ApplicationIntent=ReadOnly</c>: from a readable secondary of an availability group, or
    /// the read scale-out of Azure SQL, which may be some seconds behind. Everything that decides or changes something, the API and the commands read the primary. SQL Server only. Default false.
    /// </summary>
    public bool ReadOnlyIntent { get; init; }

    /// <summary>Shows nothing: so that a password is never logged by accident.</summary>
    public override string ToString() => nameof(StorageOptions);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (ConnectionStringError(Provider, ConnectionString) is { } error)
            yield return new($"not a connection string of {Provider}: {error}", [nameof(ConnectionString)]);
        if (ReadOnlyIntent && Provider == StorageProvider.Sqlite)
            yield return new("True needs SQL Server with a readable secondary; an SQLite file has no secondary. Leave it out.", [nameof(ReadOnlyIntent)]);
    }

    /// <summary>What is wrong with a connection string, without connecting; null when it can be tried.</summary>
    /// <remarks>For an unknown keyword the provider's error has the name. For an invalid value it would have the value, which may be part of a password.</remarks>
    public static string? ConnectionStringError(StorageProvider provider, string text)
    {
        try
        {
            DbConnectionStringBuilder parsed = provider == StorageProvider.Sqlite
                ? new SqliteConnectionStringBuilder(text)
                : new SqlConnectionStringBuilder(text);
            return parsed.Count == 0 ? "it is empty."
                : provider == StorageProvider.SqlServer && text == SqliteDefault ? "it is the default for SQLite; give the one of the server."
                : parsed is SqlConnectionStringBuilder server ? SqlServerError(server)
                : null;
        }
        catch (FormatException)
        {
            return "one of its values has the wrong kind: its keyword expects another, such as True or a number.";
        }
        catch (ArgumentException error)
        {
            return error.Message;
        }
    }

    private static string? SqlServerError(SqlConnectionStringBuilder server)
    {
        if (server.DataSource.Length == 0)
            return "it names no server.";
        if (server.ApplicationIntent == ApplicationIntent.ReadOnly)
            return "ApplicationIntent=ReadOnly leads to a copy that cannot be written; leave it out.";

        // Since version 7 SqlClient has no provider of its own for Entra ID; a host may have given it one.
        return IsEntra(server.Authentication) && SqlAuthenticationProvider.GetProvider(server.Authentication) is null
            ? $"Authentication={server.Authentication} needs the package Microsoft.Data.SqlClient.Extensions.Azure, which is not here; use Integrated Security or a user with a password."
            : null;
    }

    private static bool IsEntra(SqlAuthenticationMethod method) => method is not (SqlAuthenticationMethod.NotSpecified or SqlAuthenticationMethod.SqlPassword);
}

/// <summary>The database products EvalJobs runs on.</summary>
internal enum StorageProvider
{
    /// <summary>An SQLite file in WAL mode: one machine, no installation.</summary>
    Sqlite,

    /// <summary>SQL Server 2019 or newer, or Azure SQL: any number of servers on one database.</summary>
    SqlServer,
}

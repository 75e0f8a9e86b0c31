using System.ComponentModel.DataAnnotations;
using Microsoft.Data.SqlClient;

namespace EvalJobs.Data;

/// <summary>Where the evaluation data lives. Section <c>EvalJobs:Storage</c>.</summary>
public sealed record StorageOptions : IValidatableObject
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
    /// How long a starting server or <c>migrate</c> goes on trying to reach SQL Server before it gives up: after a power cut both
    /// start at once. Default 2 minutes; 0 tries once.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan StartupTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Provider != StorageProvider.SqlServer)
            yield break;
        if (ConnectionString == SqliteDefault)
            yield return new("Provider is SqlServer; give its connection string.", [nameof(ConnectionString)]);
        else if (!IsSqlServerConnectionString(ConnectionString))
            yield return new("this is not a SQL Server connection string (its text is not shown: it may hold a password).", [nameof(ConnectionString)]);
    }

    /// <summary>Whether the client can read it and it names a server. Connects to nothing.</summary>
    public static bool IsSqlServerConnectionString(string text)
    {
        try
        {
            return new SqlConnectionStringBuilder(text).DataSource.Length > 0;
        }
        catch (Exception error) when (error is ArgumentException or FormatException)
        {
            return false;
        }
    }
}

/// <summary>The database products EvalJobs runs on.</summary>
public enum StorageProvider
{
    /// <summary>An SQLite file in WAL mode: one machine, no installation.</summary>
    Sqlite,

    /// <summary>SQL Server 2019 or newer, or Azure SQL: any number of servers on one database.</summary>
    SqlServer,
}

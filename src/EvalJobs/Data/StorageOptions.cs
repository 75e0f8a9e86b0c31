using System.ComponentModel.DataAnnotations;
using System.Data.Common;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;

namespace EvalJobs.Data;

/// <summary>Where the evaluation data lives. Section <c>EvalJobs:Storage</c>.</summary>
public sealed record StorageOptions : IValidatableObject
{
    /// <summary>The database product. Default SQLite, which needs no installation.</summary>
    public StorageProvider Provider { get; init; } = StorageProvider.Sqlite;

    /// <summary>ADO.NET connection string. Default: the file <c>data/evaljobs.db</c> below the working directory.</summary>
    [Required]
    public string ConnectionString { get; init; } = "Data Source=data/evaljobs.db";

    /// <summary>Longest wait for one statement, a lock held by another process included. Default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (ConnectionStringFault() is { } fault)
            yield return new($"not a connection string of {Provider}: {fault}", [nameof(ConnectionString)]);
    }

    /// <summary>What the provider says of it: a keyword it does not know, never a value, which may be a password.</summary>
    private string? ConnectionStringFault()
    {
        try
        {
            DbConnectionStringBuilder parsed = Provider == StorageProvider.Sqlite
                ? new SqliteConnectionStringBuilder(ConnectionString)
                : new SqlConnectionStringBuilder(ConnectionString);
            return parsed.Count == 0 ? "it is empty." : null;
        }
        catch (Exception error) when (error is ArgumentException or FormatException)
        {
            return error.Message;
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

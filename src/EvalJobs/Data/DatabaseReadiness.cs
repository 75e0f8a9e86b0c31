using Microsoft.Data.SqlClient;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Data;

/// <summary>Waits at start for a SQL Server that is still starting.</summary>
internal sealed partial class DatabaseReadiness(StorageOptions options, TimeProvider clock, ILogger<DatabaseReadiness> logger)
{
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(10);

    // The login, its password or its right to connect is wrong. Waiting does not help, and more attempts may lock the login out.
    private static readonly int[] LoginErrors = [18452, 18456, 18470, 18486, 18487, 18488];

    /// <summary>Tries to connect until it succeeds or <see cref="StorageOptions.StartupTimeout"/> has passed; each failure is logged.</summary>
    /// <param name="connectionString">A SQL Server.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="DatabaseUnreachableException">The time is over, or the login was rejected.</exception>
    public async Task WaitAsync(string connectionString, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        var server = new SqlConnectionStringBuilder(connectionString);
        for (var pause = TimeSpan.FromSeconds(1); ; pause = pause * 2 < MaxPause ? pause * 2 : MaxPause)
        {
            try
            {
                await using var connection = new SqlConnection(connectionString);
                await connection.OpenAsync(cancellationToken);
                return;
            }
            catch (SqlException error)
            {
                var waited = clock.GetElapsedTime(start);
                if (LoginErrors.Contains(error.Number) || waited + pause > options.StartupTimeout)
                {
                    throw new DatabaseUnreachableException(
                        $"The database {server.InitialCatalog} on {server.DataSource} could not be opened within {waited.TotalSeconds:0} s: {error.Message}", error);
                }

                LogNotYetOpen(server.InitialCatalog, server.DataSource, error.Message, pause.TotalSeconds, options.StartupTimeout);
            }

            await Task.Delay(pause, clock, cancellationToken);
        }
    }

    [LoggerMessage(2000, LogLevel.Warning,
        "The database {Database} on {Server} cannot be opened yet: {Error} Trying again in {Seconds} s, at most until {Timeout} have passed")]
    private partial void LogNotYetOpen(string database, string server, string error, double seconds, TimeSpan timeout);
}

/// <summary>The database could not be opened within the startup timeout.</summary>
public sealed class DatabaseUnreachableException(string message, Exception inner) : IOException(message, inner);

using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Dapper;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Tests.Crash;

/// <summary>One attempt at a run, as recorded in the audit trail and the log of its server.</summary>
public sealed partial record RunAttempt
{
    public required long RunId { get; init; }

    public required int Number { get; init; }

    /// <summary>The name of the server whose attempt it was.</summary>
    public required string Life { get; init; }

    /// <summary>When the run was rescued from it: after that it can store nothing. Null: it completed the run.</summary>
    public DateTimeOffset? TakenAt { get; init; }

    /// <summary>When its server logged that it stopped because it lost the lease. Null: it never lost it, or was killed before.</summary>
    public DateTimeOffset? StoppedAt { get; init; }

    /// <summary>When its server was killed, if it was.</summary>
    public DateTimeOffset? KilledAt { get; init; }

    /// <summary>It was running when its server was killed.</summary>
    public bool WasKilled => TakenAt >= KilledAt && StoppedAt is null;

    /// <summary>It lost its run while its server was alive.</summary>
    public bool LostItsLease => TakenAt is not null && !WasKilled;

    /// <summary>Every attempt of the farm that completed its run or whose run was rescued.</summary>
    public static async Task<List<RunAttempt>> ListAsync(ServerFarm farm)
    {
        var lives = farm.Lives.ToDictionary(life => life.Server.Id);
        var stops = farm.Lives.SelectMany(
            life => life.Server.TimedLog, (life, line) => (life.Name, line.At, Match: StopPattern().Match(line.Text)))
            .Where(stop => stop.Match.Success)
            .ToDictionary(stop => (stop.Name, Figure(stop.Match, "run"), (int)Figure(stop.Match, "attempt")), stop => (DateTimeOffset?)stop.At);

        await using var connection = await farm.Database.Database.OpenAsync(CancellationToken.None);
        await using var reader = await connection.ExecuteReaderAsync(
            $"SELECT TargetId AS RunId, Type, Payload, At FROM {farm.Database.Schema}ChangeRecord WHERE Type IN (@Requeued, @Completed)",
            new { Requeued = ChangeType.RunRequeued, Completed = ChangeType.RunCompleted });
        var records = await RowReader.ReadAsync<EndRecord>(reader, CancellationToken.None);
        return records.ToList().ConvertAll(record =>
        {
            var life = lives[(int)Figure(OwnerPattern().Match(record.Payload), "process")];
            var number = JsonElement.Parse(record.Payload).GetProperty("attempt").GetInt32();
            return new RunAttempt
            {
                RunId = record.RunId,
                Number = number,
                Life = life.Name,
                TakenAt = record.Type == ChangeType.RunRequeued ? record.At : null,
                StoppedAt = stops.GetValueOrDefault((life.Name, record.RunId, number)),
                KilledAt = life.KilledAt,
            };
        });
    }

    private static long Figure(Match match, string group) => long.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"run (?<run>\d+), attempt (?<attempt>\d+) .*was cancelled or taken over", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex StopPattern();

    /// <summary>The name of a process in leases: machine, process id, random number.</summary>
    [GeneratedRegex(@":(?<process>\d+):[0-9a-f]{8}\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OwnerPattern();

    private sealed record EndRecord
    {
        public required long RunId { get; init; }

        public required string Type { get; init; }

        public required string Payload { get; init; }

        public required DateTimeOffset At { get; init; }
    }
}

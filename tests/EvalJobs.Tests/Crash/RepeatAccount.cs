using System.Globalization;
using System.Text.RegularExpressions;
using Dapper;
using EvalJobs.Domain;

namespace EvalJobs.Tests.Crash;

/// <summary>
/// Takes every question of a healthy tenant that was asked again and finds the reason: the server that asked before was killed before
/// it had stored the answer, or one of the two had lost its lease of that run while it lived.
/// </summary>
public sealed partial class RepeatAccount
{
    private RepeatAccount(int zombieRuns) => ZombieRuns = zombieRuns;

    /// <summary>Questions asked at least once.</summary>
    public int Cases { get; private set; }

    /// <summary>Times a question was asked again.</summary>
    public int Total { get; private set; }

    /// <summary>Asked by a process that then lost its lease while it lived, and again by the successor.</summary>
    public int TakenFromZombies { get; private set; }

    /// <summary>Asked again by a process that had not yet noticed that its lease was gone.</summary>
    public int AskedByZombies { get; private set; }

    /// <summary>Runs that were taken back from a process that was alive at that moment.</summary>
    public int ZombieRuns { get; }

    /// <summary>Asked by a process that was killed before it had stored the answer, and again by the successor.</summary>
    public int LostInKills { get; private set; }

    public int MostLostInOneKill { get; private set; }

    /// <summary>Sentences about those for which there is no excuse.</summary>
    public List<string> Unexplained { get; } = [];

    public static async Task<RepeatAccount> OfAsync(ServerFarm farm)
    {
        var lives = farm.Lives.ToDictionary(life => life.Name, StringComparer.Ordinal);
        var zombies = await ZombiesAsync(farm);
        var account = new RepeatAccount(zombies.Count);
        var lostByLife = new Dictionary<string, int>(StringComparer.Ordinal);

        foreach (var asks in farm.AsksOf(ServerFarm.HealthyTenants))
        {
            account.Cases++;
            foreach (var (before, after) in asks.Zip(asks.Skip(1)))
            {
                account.Total++;
                var earlier = lives[before.Life];
                if (zombies.Contains((asks.Key.RunId, before.Life)) && earlier.StoredAtPause?.Contains(asks.Key) != true)
                {
                    account.TakenFromZombies++;
                }
                else if (zombies.Contains((asks.Key.RunId, after.Life)))
                {
                    account.AskedByZombies++;
                }
                else if (earlier.StoredAtDeath is { } stored && !stored.Contains(asks.Key) && before.Life != after.Life)
                {
                    account.LostInKills++;
                    lostByLife[before.Life] = lostByLife.GetValueOrDefault(before.Life) + 1;
                }
                else
                {
                    account.Unexplained.Add($"run {asks.Key.RunId}, '{asks.Key.Input}': asked by {before.Life} and again by {after.Life}");
                }
            }
        }

        account.MostLostInOneKill = lostByLife.Values.DefaultIfEmpty().Max();
        return account;
    }

    private static async Task<HashSet<(long RunId, string Life)>> ZombiesAsync(ServerFarm farm)
    {
        await using var connection = await farm.Database.Database.OpenAsync(CancellationToken.None);
        var requeued = await connection.QueryAsync<Requeued>(
            $"SELECT TargetId AS RunId, Payload, At FROM {farm.Database.Schema}ChangeRecord WHERE Type = @Type", new { Type = ChangeType.RunRequeued });
        return
        [
            .. from record in requeued
               let process = int.Parse(OwnerPattern().Match(record.Payload).Groups["process"].ValueSpan, CultureInfo.InvariantCulture)
               let life = farm.Lives.Single(each => each.Server.Id == process)
               where life.KilledAt is null || record.At < life.KilledAt
               select (record.RunId, life.Name),
        ];
    }

    [GeneratedRegex(@"its worker \(.*:(?<process>\d+):[0-9a-f]+\) vanished", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OwnerPattern();

    /// <summary>A run that was taken back from its worker.</summary>
    private sealed record Requeued
    {
        public required long RunId { get; init; }

        public required string Payload { get; init; }

        public required DateTimeOffset At { get; init; }
    }
}

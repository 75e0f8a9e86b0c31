using System.Globalization;
using Dapper;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Tests.Support;

/// <summary>
/// Two tenants with runs in every state, as input for scripts. acme: runs 1 COMPLETED and 2 FAILED long ago and archived, 3 RUNNING with an
/// expired lease, 4 PENDING. globex: 5 COMPLETED and 6 FAILED an hour ago, 7 PENDING. Each run has a version of the same number.
/// </summary>
public sealed class AdminTestData
{
    private readonly TestDatabase _database;

    private AdminTestData(TestDatabase database, Tenant acme, Tenant globex, EvaluationRun stuck)
    {
        _database = database;
        (Acme, Globex, Stuck) = (acme, globex, stuck);
    }

    public Tenant Acme { get; }

    public Tenant Globex { get; }

    /// <summary>Run 3 as the worker that lost its lease still holds it.</summary>
    public EvaluationRun Stuck { get; }

    internal static async Task<AdminTestData> BuildAsync(TestDatabase database, Some some)
    {
        var acme = await some.TenantWithRunsAsync(4, cases: 3, slug: "acme");
        var stuck = (await EndTwoAsync(some, acme, claim: 3))[2];
        await database.PassAsync(TimeSpan.FromDays(100));
        await new ArchiveRepository(database.Database).ArchiveBatchAsync(90, 1000, default);

        var globex = await some.TenantWithRunsAsync(3, cases: 3, slug: "globex");
        await EndTwoAsync(some, globex, claim: 2);
        await some.Dispatches.AbandonExpiredBatchesAsync(default);
        await database.PassAsync(TimeSpan.FromHours(1));
        await some.Dispatches.AbandonExpiredBatchesAsync(default);
        return new AdminTestData(database, acme, globex, stuck);
    }

    /// <returns>Every row of every table of the product, as text.</returns>
    public Task<string> SnapshotAsync() => SnapshotAsync([.. Tables]);

    /// <returns>Every row of these tables, as text.</returns>
    public async Task<string> SnapshotAsync(params string[] tables)
    {
        await using var connection = await _database.Database.OpenAsync(CancellationToken.None);
        var lines = new List<string>();
        foreach (var table in tables)
        {
            var rows = (await connection.QueryAsync($"SELECT * FROM {_database.Schema}{table}")).Cast<IDictionary<string, object?>>();
            lines.AddRange(rows.Select(row => $"{table}: {string.Join(", ", row.OrderBy(cell => cell.Key, StringComparer.Ordinal).Select(cell => string.Create(CultureInfo.InvariantCulture, $"{cell.Key}={cell.Value}")))}")
                .Order(StringComparer.Ordinal));
        }

        return string.Join('\n', lines);
    }

    /// <summary>The tables of the migrated schema, without "eval.".</summary>
    public static IReadOnlyList<string> Tables { get; } = [.. Columns().Select(table => table.Table).Distinct(StringComparer.Ordinal)];

    /// <summary>The tables of the migrated schema with their columns.</summary>
    public static IReadOnlyList<(string Table, string Column)> Columns()
    {
        var schema = new TSqlSchema();
        foreach (var migration in ProductSql.SqlServerMigrations)
            schema.Apply(migration);
        return [.. schema.Tables.Values.SelectMany(table => table.Columns.Select(column => (table.Name["eval.".Length..], column.Name)))];
    }

    private static async Task<IReadOnlyList<EvaluationRun>> EndTwoAsync(Some some, Tenant tenant, int claim)
    {
        var runs = await some.ClaimAsync(await some.LiveBatchAsync(tenant), limit: claim);
        var cases = await some.UnansweredAsync(runs[0].Id);
        await some.Claims.SaveResultsAsync(runs[0], [.. cases.Select(each => Some.Result(each.Id))], default);
        await some.Claims.CompleteAsync(runs[0], default);
        await some.Claims.SaveResultsAsync(runs[1], [Some.Result(cases[0].Id, CaseVerdict.Failed)], default);
        await some.Claims.FailAttemptAsync(runs[1], "the agent is broken", maxAttempts: 1, TimeSpan.Zero, isPermanent: true, default);
        return runs;
    }
}

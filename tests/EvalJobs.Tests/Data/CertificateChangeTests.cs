using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Data;

/// <summary>Every single change of the data that a promotion was based on is detected.</summary>
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class CertificateChangeTests<TDatabase> : DatabaseFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    private const int ChangeCount = 1000;

    /// <summary>Columns that no certificate can depend on, with the reason. The test changes every other column of these tables.</summary>
    private static readonly Dictionary<(string Table, string Column), string> Free = new()
    {
        [("AgentVersion", "LifecycleState")] = "keeps changing after the promotion; the audit record of each transition is covered",
        [("AgentVersion", "EvalStatus")] = "keeps changing with later runs; the result of the promotion is covered",
        [("EvaluationRun", "Priority")] = "when the run was worked, not its result",
        [("EvaluationRun", "DueAt")] = "when the run was worked, not its result",
        [("EvaluationRun", "TenantBatchId")] = "which batch worked it; old batches are deleted",
        [("EvaluationRun", "LeaseOwner")] = "empty once a run has ended",
        [("EvaluationRun", "LeaseUntil")] = "empty once a run has ended",
        [("EvaluationRun", "DeathCount")] = "processes that ended while it was worked",
        [("EvaluationRun", "IsAlone")] = "how the run was worked; not kept in the archive",
        [("EvaluationRun", "RescuedFrom")] = "who held the lease; not kept in the archive",
        [("EvaluationRun", "LastFailedAt")] = "when an attempt failed, not the result of the one that completed",
        [("EvaluationRun", "AcknowledgedAt")] = "set later, when someone acknowledges a failed run",
        [("EvaluationRun", "AcknowledgedBy")] = "set later, when someone acknowledges a failed run",
        [("EvaluationRun", "RepeatsRunId")] = "which run it repeats; it has its own answers",
        [("EvaluationRun", "RestoredAt")] = "changes when the run comes back from the archive",
    };

    /// <summary>Boolean columns. SQLite stores them as numbers, so a 3 would mean the same as a 1.</summary>
    private static readonly string[] Flags = ["NeedsSecondPerson", "NeedsApprover", "MustPass", "IsCut", "AskAgain"];

    private static readonly Dictionary<string, string[]> Keys = new(StringComparer.Ordinal)
    {
        ["TestCaseResult"] = ["RunId", "TestCaseId"],
        ["RunLook"] = ["RunId"],
        ["PromotionCertificate"] = ["AuditRecordId"],
    };

    [Test]
    public async Task VerifyAsync_AThousandSingleChanges_AreAllDetected()
    {
        var promotion = await new SomePromotion(Database.Database, Some).ApprovedAsync();
        var certificates = new CertificateRepository(Database.Database);
        var certificate = (await certificates.ListAsync(promotion.VersionId, 1, default))[0];
        var cells = (await CellsAsync(certificate)).GroupBy(cell => cell.Table, StringComparer.Ordinal).Select(group => group.ToList()).ToList();
        var random = new Random(12);
        var (unnoticed, changed) = (new List<string>(), new HashSet<(string, string)>());

        for (var count = 0; count < ChangeCount;)
        {
            // Chooses the table first; otherwise most changes would be of results.
            var table = cells[random.Next(cells.Count)];
            var cell = table[random.Next(table.Count)];
            var value = Flags.Contains(cell.Column) ? Toggled(cell.Value) : Changed(cell.Value, random);
            if (!await TrySetAsync(cell, value))
                continue;

            count++;
            changed.Add((cell.Table, cell.Column));
            if (!await IsDetectedAsync(certificates, certificate))
                unnoticed.Add($"{cell.Table}.{cell.Column} of {string.Join(", ", cell.Key)}: {cell.Value} became {value}");
            (await TrySetAsync(cell with { Key = cell.KeyAfter(value), Value = value }, cell.Value)).Should().BeTrue("each change is undone");
        }

        unnoticed.Should().BeEmpty();
        (await certificates.VerifyAsync(certificate, default)).Should().BeEquivalentTo(new CertificateVerification([], []));
        changed.Should().Contain(("TestCaseResult", "Output")).And.Contain(("TestCase", "Input")).And.Contain(("AgentVersion", "Genome"))
            .And.Contain(("PromotionPolicy", "Document")).And.Contain(("ChangeRecord", "Actor")).And.Contain(("PromotionCertificate", "Document")).And.Contain(("RunLook", "VoidReason"));
    }

    private static async Task<bool> IsDetectedAsync(CertificateRepository certificates, StoredCertificate certificate)
    {
        try
        {
            return !(await certificates.VerifyAsync(await certificates.GetAsync(certificate.AuditRecordId, default), default)).IsIntact;
        }
        catch (NotFoundException)
        {
            return true;
        }
    }

    private async Task<List<Cell>> CellsAsync(StoredCertificate certificate)
    {
        var document = JsonElement.Parse(certificate.Document);
        var runs = Ids(document, "run");
        var rows = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["AgentVersion"] = $"Id IN ({Ids(document, "version")})",
            ["PromotionPolicy"] = $"Id IN ({Ids(document, "policy")})",
            ["VersionGate"] = $"Id IN ({Ids(document, "gate")})",
            ["VersionRequirement"] = $"GateId IN ({Ids(document, "gate")})",
            ["TestCase"] = $"SuiteId IN ({Ids(document, "cases")})",
            ["RunLook"] = $"RunId IN ({runs})",
            ["EvaluationRun"] = $"Id IN ({runs})",
            ["TestCaseResult"] = $"RunId IN ({runs})",
            ["ChangeRecord"] = $"Id IN ({Ids(document, "audit")}, {certificate.AuditRecordId})",
            ["PromotionCertificate"] = $"AuditRecordId = {certificate.AuditRecordId}",
        };
        var cells = new List<Cell>();
        foreach (var (table, where) in rows)
        {
            foreach (var row in (await Database.ListAsync<object>($"SELECT * FROM {Database.Schema}{table} WHERE {where}")).Cast<IDictionary<string, object?>>())
            {
                var key = (Keys.GetValueOrDefault(table) ?? ["Id"]).ToDictionary(name => name, name => row[name], StringComparer.Ordinal);
                cells.AddRange(row.Where(column => !Free.ContainsKey((table, column.Key))).Select(column => new Cell(table, column.Key, key, column.Value)));
            }
        }

        cells.Select(cell => cell.Table).Distinct(StringComparer.Ordinal).Should().BeEquivalentTo(rows.Keys, "each of them has rows");
        Free.Keys.Should().OnlyContain(free => rows.ContainsKey(free.Table));
        return cells;
    }

    private static string Ids(JsonElement document, string kind) =>
        string.Join(", ", document.GetProperty("evidence").EnumerateArray().Where(entry => entry.GetProperty("kind").GetString() == kind).Select(entry => entry.GetProperty("id").GetInt64()));

    /// <summary>The smallest change of a value.</summary>
    private static object? Changed(object? value, Random random) => value switch
    {
        null => 1,
        "" => "x",
        string text => Changed(text, random.Next(text.Length)),
        long number => number ^ (1L << random.Next(3)),
        int number => number ^ (1 << random.Next(3)),
        bool flag => !flag,
        double number => Math.BitIncrement(number),
        DateTime time => time.AddMilliseconds(1),
        _ => throw new InvalidOperationException($"A {value.GetType().Name} cannot be changed."),
    };

    private static object Toggled(object? value) => value switch
    {
        long number => 1 - number,
        bool flag => !flag,

        // Two columns have this name: in requirements it lists cases, in cases it says whether they must pass.
        string text => Changed(text, 0),
        _ => 1,
    };

    private static string Changed(string text, int at) => $"{text[..at]}{(text[at] == 'x' ? 'y' : 'x')}{text[(at + 1)..]}";

    /// <returns>False when the database itself does not allow it, for example for a value that must be unique.</returns>
    private async Task<bool> TrySetAsync(Cell cell, object? value)
    {
        var parameters = new Dapper.DynamicParameters();
        parameters.Add("value", value);
        foreach (var (name, part) in cell.Key)
            parameters.Add($"key{name}", part);
        var update = $"UPDATE {Database.Schema}{cell.Table} SET [{cell.Column}] = @value WHERE {string.Join(" AND ", cell.Key.Keys.Select(name => $"{name} = @key{name}"))}";
        try
        {
            await Database.ExecuteAsync(Database.Planted(update), parameters);
            return true;
        }
        catch (DbException)
        {
            return false;
        }
    }

    private sealed record Cell(string Table, string Column, Dictionary<string, object?> Key, object? Value)
    {
        public Dictionary<string, object?> KeyAfter(object? value) =>
            Key.ToDictionary(part => part.Key, part => part.Key == Column ? value : part.Value, StringComparer.Ordinal);

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Table}.{Column}");
    }
}

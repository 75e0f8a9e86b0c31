using EvalJobs.Data;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Data;

internal sealed class SqlCatalogTests
{
    private const string Shared = """
        -- What stands here is about the file.

        -- list: run columns
        Id, REPLACE({.}Word, '_', '') AS Word,
        [Trigger]

        -- name: GetRun
        -- One run.
        SELECT {top @Limit} {run columns of r}
        FROM {schema}Run r {with UPDLOCK} {indexed by IX_Run}
        WHERE r.DueAt <= {now} AND Id IN ({ids @Ids}) AND Status = {word @Status}
        {limit @Limit};

        """;

    [Test]
    public void Load_EitherDialect_HasATextForEveryQuery([Values] StorageProvider dialect)
    {
        var catalog = SqlCatalog.Load(dialect);

        Enum.GetValues<SqlQuery>().Should().OnlyContain(query => catalog[query].StartsWith($"-- name: {query}\n") && !catalog[query].Contains('{'));
    }

    [Test]
    public void Print_EitherDialect_ContainsEveryTextAsItIsSent([Values] StorageProvider dialect)
    {
        var catalog = SqlCatalog.Load(dialect);

        catalog.Print().Should().Be(string.Join('\n', Enum.GetValues<SqlQuery>().Select(query => catalog[query])));
    }

    [Test]
    public void Compose_SharedText_IsTranslatedForEachDialect()
    {
        Compose(StorageProvider.SqlServer, ("Runs/Runs.sql", Shared)).Should().Be("""
            -- name: GetRun
            -- One run.
            SELECT TOP (@Limit) r.Id, REPLACE(r.Word, '_', '') AS Word,
                   r.[Trigger]
            FROM eval.Run r WITH (UPDLOCK)
            WHERE r.DueAt <= CAST(SYSUTCDATETIME() AS datetime2(3)) AND Id IN (SELECT CAST(j.value AS bigint) FROM OPENJSON(@Ids) j) AND Status = CAST(@Status AS varchar(20));

            """);
        Compose(StorageProvider.Sqlite, ("Runs/Runs.sql", Shared)).Should().Be("""
            -- name: GetRun
            -- One run.
            SELECT r.Id, REPLACE(r.Word, '_', '') AS Word,
                   r.[Trigger]
            FROM Run r INDEXED BY IX_Run
            WHERE r.DueAt <= CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) AND Id IN (SELECT value FROM json_each(@Ids)) AND Status = @Status
            LIMIT @Limit;

            """);
    }

    [TestCase("{now + @LeaseMs}", "DATEADD(millisecond, @LeaseMs, CAST(SYSUTCDATETIME() AS datetime2(3)))", "CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) + @LeaseMs")]
    [TestCase("{now - @Ms}", "DATEADD(millisecond, -@Ms, CAST(SYSUTCDATETIME() AS datetime2(3)))", "CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) - @Ms")]
    [TestCase("{now - @Days days}", "DATEADD(day, -@Days, CAST(SYSUTCDATETIME() AS datetime2(3)))", "CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) - @Days * 86400000")]
    [TestCase("{now - 1 days}", "DATEADD(day, -1, CAST(SYSUTCDATETIME() AS datetime2(3)))", "CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) - 1 * 86400000")]
    [TestCase("{rows @Limit after @Offset}", "OFFSET @Offset ROWS FETCH NEXT @Limit ROWS ONLY", "LIMIT @Limit OFFSET @Offset")]
    [TestCase("{milliseconds since r.DueAt}", "DATEDIFF_BIG(millisecond, r.DueAt, CAST(SYSUTCDATETIME() AS datetime2(3)))", "(CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) - r.DueAt)")]
    [TestCase("{run columns}", "Id, REPLACE(Word, '_', '') AS Word,\n       [Trigger]", "Id, REPLACE(Word, '_', '') AS Word,\n       [Trigger]")]
    [TestCase("{run columns stored}", "Id, Word,\n       [Trigger]", "Id, Word,\n       [Trigger]")]
    [TestCase("{run columns assigned}", "Id = @Id, Word = @Word,\n       [Trigger] = @Trigger", "Id = @Id, Word = @Word,\n       [Trigger] = @Trigger")]
    [TestCase("{run columns as parameters}", "@Id, @Word,\n       @Trigger", "@Id, @Word,\n       @Trigger")]
    public void Compose_Token_IsTranslatedForEachDialect(string token, string sqlServer, string sqlite)
    {
        var text = Shared[..Shared.IndexOf("SELECT", StringComparison.Ordinal)] + $"SELECT {token} {{run columns}}";

        Compose(StorageProvider.SqlServer, ("Runs.sql", text)).Should().Contain($"SELECT {sqlServer} ");
        Compose(StorageProvider.Sqlite, ("Runs.sql", text)).Should().Contain($"SELECT {sqlite} ");
    }

    [Test]
    public void Compose_TextOfOneDialect_IsForThatDialectOnly()
    {
        (string, string)[] files = [("Runs.sqlite.sql", "-- name: GetRun\nSELECT 1;"), ("Runs.sqlserver.sql", "-- name: GetRun\nSELECT 2;")];

        Compose(StorageProvider.Sqlite, files).Should().Be("-- name: GetRun\nSELECT 1;\n");
        Compose(StorageProvider.SqlServer, files).Should().Be("-- name: GetRun\nSELECT 2;\n");
    }

    [TestCase("-- name: GetRuns\nSELECT 1;", "no block '-- name: GetRun' for Sqlite", "Runs.sql: no query is called GetRuns")]
    [TestCase("-- name: GetRun\nSELECT 1;\n-- name: GetRun\nSELECT 2;", "Runs.sql: GetRun is in Runs.sql too")]
    [TestCase("-- name: GetRun\nSELECT {runs};", "Runs.sql: GetRun has the unknown token {runs}")]
    [TestCase("-- name: GetRun\nSELECT {run columns of};", "Runs.sql: GetRun has the unknown token {run columns of}")]
    [TestCase("-- list: run columns\nId\n-- list: run columns\nId\n-- name: GetRun\nSELECT {run columns};", "Runs.sql: the list 'run columns' is defined twice")]
    [TestCase("-- list: run columns\nId\n-- name: GetRun\nSELECT 1;", "no query uses the list 'run columns'")]
    public void Compose_FilesAndQueriesDoNotMatch_NamesEveryError(string text, params string[] errors)
    {
        var compose = () => Compose(StorageProvider.Sqlite, ("Runs.sql", text));

        compose.Should().Throw<InvalidOperationException>().WithMessage($"*{string.Join("*", errors)}*");
    }

    [Test]
    public void Files_OfTheProduct_ContainSharedTextOnce()
    {
        var alike = ProductSql.SqlServerQueries.Zip(ProductSql.SqliteQueries)
            .Where(pair => pair.First.Text.Replace("eval.", "", StringComparison.Ordinal) == pair.Second.Text)
            .Select(pair => ProductSql.NameOf(pair.First));
        var written = ProductSql.Files.Where(file => file.File.Split('.').Length == 3).Select(file => file.Text);

        alike.Where(name => written.Any(text => text.Contains($"-- name: {name}\n", StringComparison.Ordinal))).Should().BeEmpty();
    }

    private static string Compose(StorageProvider dialect, params (string Name, string Text)[] files)
    {
        var catalog = SqlCatalog.Compose(dialect, files, ["GetRun"]);
        return catalog[SqlQuery.GetRun];
    }
}

using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Data.TSql;

/// <summary>Tests the compiler of the gate: every kind of mistake that it must find is planted here, together with texts that it must accept.</summary>
[Category("TSql")]
public sealed class TSqlCompilerTests
{
    private const string Schema = """
        IF SCHEMA_ID(N'eval') IS NULL
            EXEC (N'CREATE SCHEMA eval');
        GO
        CREATE TABLE eval.Suite (
            Id bigint IDENTITY(1, 1) NOT NULL CONSTRAINT PK_Suite PRIMARY KEY,
            Name nvarchar(200) NOT NULL,
            Status varchar(20) NOT NULL CONSTRAINT DF_Suite_Status DEFAULT 'NEW',
            Tags nvarchar(max) NULL,
            CreatedAt datetime2(3) NOT NULL CONSTRAINT DF_Suite_CreatedAt DEFAULT SYSUTCDATETIME()
        );
        GO
        CREATE TABLE eval.Run (
            SuiteId bigint NOT NULL,
            Attempt int NOT NULL,
            Owner nvarchar(200) NULL,
            Score float NULL,
            CONSTRAINT PK_Run PRIMARY KEY (SuiteId, Attempt),
            CONSTRAINT FK_Run_Suite FOREIGN KEY (SuiteId) REFERENCES eval.Suite (Id)
        );
        GO
        CREATE INDEX IX_Run_Owner ON eval.Run (Owner) WHERE Owner IS NOT NULL;
        GO
        """;

    private TSqlCompiler _compiler;

    [OneTimeSetUp]
    public void BuildSchema() => _compiler = new([new("0001.sql", Schema)]);

    [OneTimeTearDown]
    public void DropSchema() => _compiler?.Dispose();

    [Test]
    public void SchemaFailures_OfTheTestSchema_AreNone() => _compiler.SchemaFailures.Should().BeEmpty();

    // Tables and columns.
    [TestCase("SELECT Nope FROM eval.Suite", "Nope")]
    [TestCase("SELECT s.Nope FROM eval.Suite s", "Nope")]
    [TestCase("SELECT Nope FROM eval.Suite s JOIN eval.Run r ON r.SuiteId = s.Id", "Nope")]
    [TestCase("SELECT x.Id FROM eval.Suite s", "x.Id")]
    [TestCase("SELECT x.* FROM eval.Suite s", "x.*")]
    [TestCase("SELECT eval.Suite.Nope FROM eval.Suite", "Nope")]
    [TestCase("SELECT Id FROM eval.Suite WHERE Nope = 1", "Nope")]
    [TestCase("SELECT Id AS Key1 FROM eval.Suite WHERE Key1 = 1", "Key1")]
    [TestCase("SELECT Id FROM eval.Suite ORDER BY Nope", "Nope")]
    [TestCase("SELECT Id AS A FROM eval.Suite ORDER BY A + 1", "column A")]
    [TestCase("SELECT Status, COUNT(*) AS N FROM eval.Suite GROUP BY Nope, Status", "Nope")]
    [TestCase("SELECT COUNT(*) AS N FROM eval.Suite HAVING MAX(Nope) > 1", "Nope")]
    [TestCase("SELECT ROW_NUMBER() OVER (PARTITION BY Nope ORDER BY Id) AS N FROM eval.Suite", "Nope")]
    [TestCase("SELECT DATEADD(day, Nope, CreatedAt) AS X FROM eval.Suite", "Nope")]
    [TestCase("SELECT s.Id FROM eval.Suite s JOIN eval.Run r ON r.Nope = s.Id", "Nope")]
    [TestCase("SELECT s.Id FROM eval.Suite s JOIN eval.Run r ON r.SuiteId = x.Id", "x.Id")]
    [TestCase("SELECT s.Id FROM eval.Suite s JOIN eval.Run s ON s.SuiteId = 1", "called s")]
    [TestCase("SELECT Id FROM eval.Suite a CROSS JOIN eval.Suite b", "Ambiguous")]
    [TestCase("SELECT Id FROM eval.Suite WHERE EXISTS (SELECT 1 FROM eval.Run r WHERE r.Nope = 1)", "Nope")]
    [TestCase("SELECT Id FROM eval.Suite WHERE EXISTS (SELECT 1 FROM eval.Run WHERE Nope = 1)", "Nope")]
    [TestCase("SELECT Id FROM eval.Suite WHERE Id IN (SELECT Nope FROM eval.Run)", "Nope")]
    [TestCase("SELECT Id FROM eval.Suite WHERE Id IN (SELECT Id FROM eval.Run)", "Column Id is not of this query")]
    [TestCase("DECLARE @t TABLE (A bigint); DELETE FROM eval.Suite WHERE Id IN (SELECT Id FROM @t c)", "Column Id is not of this query")]
    [TestCase("UPDATE eval.Suite SET Tags = (SELECT r.Owner FROM eval.Run r WHERE r.SuiteId = Id)", "Column Id is not of this query")]
    [TestCase("SELECT s.Id FROM eval.Suite s CROSS APPLY (SELECT r.Attempt FROM eval.Run r WHERE r.SuiteId = Id) a", "Column Id is not of this query")]
    [TestCase("SELECT d.Nope FROM (SELECT Id FROM eval.Suite) d", "Nope")]
    [TestCase("SELECT Nope FROM (SELECT Id FROM eval.Suite) d", "Nope")]
    [TestCase("SELECT d.Id FROM eval.Suite s JOIN (SELECT SuiteId AS Id FROM eval.Run WHERE SuiteId = s.Id) d ON d.Id = s.Id", "s.Id")]
    [TestCase("WITH c AS (SELECT Id FROM eval.Suite) SELECT c.Nope FROM c", "Nope")]
    [TestCase("SELECT v.C FROM (VALUES (1, 2)) v (A, B)", "v.C")]
    [TestCase("SELECT j.Nope FROM OPENJSON('[]') j", "Nope")]
    [TestCase("SELECT j.B FROM OPENJSON('[]') WITH (A int) j", "j.B")]
    [TestCase("SELECT s.Id FROM eval.Suite s CROSS APPLY OPENJSON(s.Nope) j", "Nope")]
    [TestCase("SELECT s.Nope FROM STRING_SPLIT('a,b', ',') s", "Nope")]
    [TestCase("SELECT Id FROM eval.Nope", "eval.Nope")]
    [TestCase("SELECT Id FROM Suite", "Suite")]
    [TestCase("DELETE FROM eval.Nope", "eval.Nope")]
    [TestCase("SELECT Id FROM eval.Suite WITH (INDEX (IX_Nope))", "IX_Nope")]
    [TestCase("SELECT ID FROM eval.Suite", "ID")]
    [TestCase("SELECT Id FROM eval.suite", "suite")]
    // Changing rows.
    [TestCase("UPDATE eval.Suite SET Nope = 1", "Nope")]
    [TestCase("UPDATE eval.Suite SET Name = Nope", "Nope")]
    [TestCase("UPDATE eval.Suite SET Name = 'x' WHERE Nope = 1", "Nope")]
    [TestCase("UPDATE s SET Nope = 1 FROM eval.Suite s", "Nope")]
    [TestCase("UPDATE s SET Attempt = 1 FROM eval.Suite s JOIN eval.Run r ON r.SuiteId = s.Id", "Attempt")]
    [TestCase("UPDATE x SET Name = 'x' FROM eval.Suite s", "table x")]
    [TestCase("UPDATE eval.Suite SET Name = 'x' OUTPUT inserted.Nope", "Nope")]
    [TestCase("UPDATE s SET Name = 'x' OUTPUT deleted.Nope FROM eval.Suite s", "Nope")]
    [TestCase("UPDATE s SET Name = 'x' OUTPUT s.Id FROM eval.Suite s", "s.Id")]
    [TestCase("UPDATE eval.Suite SET Id = 3", "identity")]
    [TestCase("DELETE eval.Suite OUTPUT deleted.Nope WHERE Id = 1", "Nope")]
    [TestCase("DELETE eval.Suite OUTPUT inserted.Id WHERE Id = 1", "inserted")]
    [TestCase("DELETE s FROM eval.Suite s WHERE s.Nope = 1", "Nope")]
    [TestCase("INSERT INTO eval.Suite (Name, Nope) VALUES ('x', 1)", "Nope")]
    [TestCase("INSERT INTO eval.Suite (Name) OUTPUT inserted.Nope VALUES ('x')", "Nope")]
    [TestCase("INSERT INTO eval.Suite (Name) VALUES ('x', 1)", "2 values where 1")]
    [TestCase("INSERT INTO eval.Suite (Name, Tags) VALUES ('x', 'y'), ('x')", "1 values where 2")]
    [TestCase("INSERT INTO eval.Suite (Name, Tags) SELECT Owner FROM eval.Run", "1 selected columns where 2")]
    [TestCase("INSERT INTO eval.Suite (Name) SELECT Nope FROM eval.Run", "Nope")]
    [TestCase("INSERT INTO eval.Suite (Tags) VALUES ('x')", "eval.Suite.Name")]
    [TestCase("INSERT INTO eval.Run (SuiteId) VALUES (1)", "eval.Run.Attempt")]
    [TestCase("INSERT INTO eval.Suite (Id, Name) VALUES (1, 'x')", "identity")]
    [TestCase("SET IDENTITY_INSERT eval.Run ON; INSERT INTO eval.Suite (Id, Name) VALUES (1, 'x')", "identity")]
    [TestCase("SET IDENTITY_INSERT eval.Suite ON; SET IDENTITY_INSERT eval.Suite OFF; INSERT INTO eval.Suite (Id, Name) VALUES (1, 'x')", "identity")]
    [TestCase("SELECT Id, Name FROM eval.Suite UNION ALL SELECT SuiteId FROM eval.Run", "1 columns after the set operator")]
    // Temporary tables and table variables.
    [TestCase("DECLARE @t TABLE (A bigint); SELECT B FROM @t", "column B")]
    [TestCase("DECLARE @t TABLE (A bigint); DELETE eval.Suite OUTPUT deleted.Id INTO @t (B)", "column B")]
    [TestCase("DECLARE @t TABLE (A bigint); DELETE eval.Suite OUTPUT deleted.Id, deleted.Name INTO @t", "2 output columns where 1")]
    [TestCase("CREATE TABLE #t (A int); INSERT #t (B) VALUES (1)", "column B")]
    [TestCase("SELECT A FROM #t", "#t")]
    [TestCase("SELECT Id AS A INTO #t FROM eval.Suite; SELECT B FROM #t", "column B")]
    // Grammar, variables, functions, types.
    [TestCase("SELEC Id FROM eval.Suite", "syntax")]
    [TestCase("SELECT Id FROM eval.Suite WHERE", "end of file")]
    [TestCase("SELECT Id FROM eval.Suite WHERE Id IN @Ids", "syntax")]
    [TestCase("SELECT Id FROM eval.Suite WHERE Id = @Nope", "@Nope")]
    [TestCase("SELECT Id FROM eval.Suite s LIMIT 1", "LIMIT")]
    [TestCase("SELECT NOFUNCTION(Id) AS X FROM eval.Suite", "NOFUNCTION")]
    [TestCase("SELECT GREATEST(1, 2) AS X", "GREATEST")]
    [TestCase("SELECT unixepoch('subsec') AS X", "unixepoch")]
    [TestCase("SELECT dbo.NoFunction(Id) AS X FROM eval.Suite", "NoFunction")]
    [TestCase("SELECT ISNULL(Tags) AS X FROM eval.Suite", "ISNULL")]
    [TestCase("SELECT DATEADD(milisecond, 1, CreatedAt) AS X FROM eval.Suite", "milisecond")]
    [TestCase("SELECT value FROM GENERATE_SERIES(1, 3)", "GENERATE_SERIES")]
    [TestCase("SELECT JSON_OBJECT('a': Id) AS X FROM eval.Suite", "syntax")]
    [TestCase("SELECT CAST(Id AS bigintt) AS X FROM eval.Suite", "bigintt")]
    [TestCase("DECLARE @x bigintt; SELECT @x AS X", "bigintt")]
    [TestCase("EXEC eval.NoProcedure", "NoProcedure")]
    [TestCase("EXEC sp_getapplock @Resourse = 'x', @LockMode = 'Exclusive'", "@Resourse")]
    [TestCase("SELECT Status, COUNT(*) AS N FROM eval.Suite", "Status is neither")]
    [TestCase("SELECT Name, Status FROM eval.Suite GROUP BY Status", "Name is neither")]
    [TestCase("SELECT Status, COUNT(*) AS N FROM eval.Suite GROUP BY Status ORDER BY Name", "Name is neither")]
    [TestCase("SELECT 1 AS A\nGO\nSELECT 2 AS A", "batch")]
    public void CompileQuery_PlantedMistake_IsReported(string text, string word) =>
        Compile("-- Parameters: none\n" + text).Should().Contain(failure => failure.Message.Contains(word, StringComparison.OrdinalIgnoreCase))
            .And.OnlyContain(failure => failure.File == "query.sql" && failure.Line >= 1 && failure.Column >= 1);

    [TestCase("SELECT Id, Name AS Title FROM eval.Suite WHERE Status = 'NEW' ORDER BY Title, CreatedAt DESC OFFSET 0 ROWS FETCH NEXT 5 ROWS ONLY")]
    [TestCase("SELECT eval.Suite.Id FROM eval.Suite")]
    [TestCase("SELECT s.* FROM eval.Suite s")]
    [TestCase("SELECT Id FROM eval.Suite WHERE EXISTS (SELECT 1 FROM eval.Run WHERE SuiteId = Suite.Id AND eval.Suite.Name = Owner)")]
    [TestCase("SELECT d.Id, d.N FROM (SELECT SuiteId, COUNT(*) FROM eval.Run GROUP BY SuiteId) d (Id, N)")]
    [TestCase("WITH c AS (SELECT *, ROW_NUMBER() OVER (PARTITION BY Status ORDER BY Id) AS N FROM eval.Suite) SELECT Id, Name FROM c WHERE N = 1")]
    [TestCase("WITH c AS (SELECT 1 AS N UNION ALL SELECT N + 1 FROM c WHERE N < 5) SELECT N FROM c")]
    [TestCase("SELECT s.Id, d.Attempt FROM eval.Suite s OUTER APPLY (SELECT TOP (1) r.Attempt FROM eval.Run r WHERE r.SuiteId = s.Id ORDER BY r.Attempt DESC) d")]
    [TestCase("SELECT s.Id, j.[key], j.value FROM eval.Suite s CROSS APPLY OPENJSON(s.Tags) j")]
    [TestCase("SELECT A FROM OPENJSON('[]') WITH (A int '$.a')")]
    [TestCase("SELECT value FROM STRING_SPLIT('a,b', ',')")]
    [TestCase("SELECT v.A FROM (VALUES (1, 2), (3, 4)) v (A, B)")]
    [TestCase("SELECT DATEDIFF_BIG(MILLISECOND, CreatedAt, SYSUTCDATETIME()) AS Age, CONCAT(Name, N'x') AS X, IIF(Id = 1, 2, 3) AS Y FROM eval.Suite")]
    [TestCase("SELECT Status, COUNT(*) AS N, SUM(CASE WHEN Name = 'x' THEN 1 ELSE 0 END) AS M FROM eval.Suite GROUP BY Status HAVING COUNT(*) > 1 ORDER BY N DESC, MAX(Id)")]
    [TestCase("SELECT DATEPART(year, CreatedAt) AS Y, COUNT(*) AS N FROM eval.Suite GROUP BY DATEPART(year, CreatedAt)")]
    [TestCase("SELECT CAST(CreatedAt AS date) AS D, COUNT(*) AS N FROM eval.Suite GROUP BY CAST(CreatedAt AS date)")]
    [TestCase("SELECT (SELECT COUNT(*) FROM eval.Run r WHERE r.SuiteId = s.Id) AS N, s.Name FROM eval.Suite s")]
    [TestCase("SELECT Id FROM eval.Suite UNION SELECT SuiteId FROM eval.Run ORDER BY Id")]
    [TestCase("SELECT session_id FROM sys.dm_exec_sessions WHERE login_name = SUSER_SNAME()")]
    [TestCase("UPDATE s SET Name = r.Owner OUTPUT inserted.Id, deleted.Name AS Old, r.Attempt FROM eval.Suite s JOIN eval.Run r WITH (UPDLOCK, READPAST, ROWLOCK) ON r.SuiteId = s.Id")]
    [TestCase("UPDATE TOP (3) eval.Suite SET Status = 'OLD' OUTPUT inserted.Id WHERE Status = 'NEW'")]
    [TestCase("DELETE TOP (3) FROM eval.Run OUTPUT deleted.SuiteId WHERE Attempt = 1")]
    [TestCase("DELETE r FROM eval.Run r JOIN eval.Suite s ON s.Id = r.SuiteId WHERE s.Status = 'OLD'")]
    [TestCase("INSERT INTO eval.Suite (Name) OUTPUT inserted.Id VALUES ('x'), ('y')")]
    [TestCase("SET IDENTITY_INSERT eval.Suite ON; INSERT INTO eval.Suite (Id, Name) VALUES (1, 'x'); SET IDENTITY_INSERT eval.Suite OFF")]
    [TestCase("INSERT INTO eval.Run SELECT Id, 1, NULL, NULL FROM eval.Suite")]
    [TestCase("DECLARE @t TABLE (A bigint); DELETE eval.Run OUTPUT deleted.SuiteId INTO @t (A); SELECT t.A FROM @t t")]
    [TestCase("CREATE TABLE #t (A int NOT NULL); INSERT #t (A) VALUES (1); SELECT A FROM #t; DROP TABLE #t")]
    [TestCase("SELECT Id AS A INTO #t FROM eval.Suite; SELECT A FROM #t")]
    [TestCase("EXEC sp_getapplock @Resource = 'x', @LockMode = 'Exclusive', @LockOwner = 'Session'; EXEC sp_executesql N'SELECT 1'")]
    [TestCase("UPDATE eval.Suite SET Name = 'x' WHERE Id = 1; IF @@ROWCOUNT = 0 INSERT INTO eval.Suite (Name) VALUES ('x')")]
    public void CompileQuery_ValidText_Passes(string text) => Compile("-- Parameters: none\n" + text).Should().BeEmpty();

    [Test]
    public void CompileQuery_Mistake_IsReportedOnceWithFileLineAndColumn()
    {
        const string text = "-- Suites.\n-- Parameters: none\nSELECT r.Owner,\n       s.Owner\nFROM eval.Suite s\nJOIN eval.Run r ON r.SuiteId = s.Id";

        Compile(text).Should().ContainSingle().Which.ToString().Should().Be("query.sql(4,8): Unknown column s.Owner.");
    }

    [Test]
    public void CompileQuery_MistakeOnlyDacFxFinds_IsReportedAtTheNamesFirstMention() =>
        Compile("-- Parameters: none\nSELECT Id,\n  CAST(Id AS bigintt) AS X FROM eval.Suite").Should().ContainSingle()
            .Which.Should().Match<TSqlFailure>(failure => failure.Line == 3 && failure.Column == 14);

    [Test]
    public void CompileQuery_AfterAMistake_ChecksTheNextTextIndependently()
    {
        Compile("-- Parameters: none\nSELECT Nope FROM eval.Suite").Should().NotBeEmpty();

        Compile("-- Parameters: none\nSELECT Id FROM eval.Suite").Should().BeEmpty();
    }

    [Test]
    public void CompileQuery_DeclaredParameters_MayBeUsed() =>
        Compile("-- Parameters: @Id bigint, @Names nvarchar(max), @Limit int, @Share decimal(9, 4)\n"
            + "SELECT TOP (@Limit) Id, @Share AS Share FROM eval.Suite WHERE Id = @Id AND Name IN (SELECT value FROM OPENJSON(@Names))").Should().BeEmpty();

    [TestCase("SELECT 1 AS A", "0 lines")]
    [TestCase("-- Parameters: none\n-- Parameters: none\nSELECT 1 AS A", "2 lines")]
    [TestCase("-- Parameters: @Id\nSELECT @Id AS A", "Unreadable")]
    [TestCase("-- Parameters:\nSELECT 1 AS A", "Unreadable")]
    [TestCase("-- Parameters: @Id bigintt\nSELECT @Id AS A", "bigintt")]
    [TestCase("-- Parameters: @Id bigint, @Id int\nSELECT @Id AS A", "@Id")]
    [TestCase("-- Parameters: @Id bigint, @Name nvarchar(20)\nSELECT @Id AS A", "@Name is in the header")]
    [TestCase("-- Parameters: @Id bigint\nSELECT @Id AS A, @Nam AS B", "@Nam is not declared")]
    [TestCase("-- Parameters: @Id bigint\nSELECT @ID AS A", "@ID is not declared")]
    [TestCase("-- Parameters: @Id bigint\nDECLARE @Id int; SELECT @Id AS A", "@Id")]
    public void CompileQuery_HeaderAndTextDisagree_IsReported(string text, string word) =>
        Compile(text).Should().Contain(failure => failure.Message.Contains(word, StringComparison.Ordinal));

    [Test]
    public void CompileScript_BatchesWithTemporaryTables_Passes() =>
        _compiler.CompileScript(new("script.sql", """
            SET NOCOUNT ON;
            DECLARE @Days int = 90;
            CREATE TABLE #old (Id bigint NOT NULL PRIMARY KEY);
            INSERT #old (Id) SELECT Id FROM eval.Suite WHERE CreatedAt < DATEADD(day, -@Days, SYSUTCDATETIME());
            GO
            DECLARE @Count int = (SELECT COUNT(*) FROM #old);
            PRINT CONCAT(@Count, N' old suites');
            BEGIN TRY
                BEGIN TRANSACTION;
                DELETE s FROM eval.Suite s JOIN #old o ON o.Id = s.Id;
                COMMIT;
            END TRY
            BEGIN CATCH
                ROLLBACK;
                THROW;
            END CATCH;
            DROP TABLE #old;
            """)).Should().BeEmpty();

    [TestCase("DECLARE @a int = 1;\nGO\nSELECT @a AS A", 3, "@a")]
    [TestCase("CREATE TABLE #t (A int);\nGO\nSELECT B FROM #t", 3, "column B")]
    [TestCase("SELECT 1 AS A;\nGO\n\nSELECT Nope FROM eval.Suite", 4, "Nope")]
    [TestCase("SELECT 1 AS A;\nGO\nSELECT (1 AS A", 3, "syntax")]
    public void CompileScript_PlantedMistake_IsReportedAtItsLine(string text, int line, string word) =>
        _compiler.CompileScript(new("script.sql", text)).Should()
            .Contain(failure => failure.Line == line && failure.Message.Contains(word, StringComparison.Ordinal));

    [Test]
    public void Migrations_ThatAlterEarlierTables_AreApplied()
    {
        using var compiler = new TSqlCompiler([new("0001.sql", Schema), new("0002.sql", """
            IF COL_LENGTH('eval.Suite', 'Weight') IS NULL
                ALTER TABLE eval.Suite ADD Weight float NOT NULL CONSTRAINT DF_Suite_Weight DEFAULT 1, Notes nvarchar(max) NULL;
            ALTER TABLE eval.Suite ADD CONSTRAINT CK_Suite_Weight CHECK (Weight > 0);
            GO
            UPDATE eval.Suite SET Weight = 2 WHERE Status = 'OLD';
            GO
            ALTER TABLE eval.Suite ALTER COLUMN Name nvarchar(400) NOT NULL;
            ALTER TABLE eval.Run DROP COLUMN Score;
            DROP INDEX IX_Run_Owner ON eval.Run;
            CREATE UNIQUE INDEX UX_Suite_Name ON eval.Suite (Name) INCLUDE (Weight) WHERE Weight > 1;
            GO
            """)]);

        compiler.SchemaFailures.Should().BeEmpty();
        compiler.CompileQuery(new("q.sql", "-- Parameters: none\nSELECT Weight, Notes FROM eval.Suite")).Should().BeEmpty();
        compiler.CompileQuery(new("q.sql", "-- Parameters: none\nSELECT Score FROM eval.Run")).Should().NotBeEmpty();
    }

    [TestCase("CREATE TABLE eval.Suite (Id int);", "exists already")]
    [TestCase("CREATE TABLE eval.Child (Id int, CONSTRAINT FK_C FOREIGN KEY (Id) REFERENCES eval.Nope (Id));", "Nope")]
    [TestCase("CREATE TABLE eval.Child (Id int, CONSTRAINT CK_C CHECK (Nope > 0));", "Nope")]
    [TestCase("CREATE TABLE eval.Child (Id bigintt);", "bigintt")]
    [TestCase("CREATE TABLE eval.Child (Id int,, Name int);", "syntax")]
    [TestCase("CREATE INDEX IX_Nope ON eval.Suite (Nope);", "Nope")]
    [TestCase("CREATE INDEX IX_Nope ON eval.Nope (Id);", "Nope")]
    [TestCase("CREATE INDEX IX_Nope ON eval.Suite (Id) WHERE Nope = 1;", "Nope")]
    [TestCase("CREATE INDEX IX_Run_Owner ON eval.Run (SuiteId);", "IX_Run_Owner")]
    [TestCase("CREATE TABLE nope.Child (Id int);", "nope")]
    [TestCase("ALTER TABLE eval.Nope ADD A int NULL;", "eval.Nope")]
    [TestCase("ALTER TABLE eval.Suite ADD Name int NULL;", "Name already")]
    [TestCase("ALTER TABLE eval.Suite ADD A int NOT NULL;", "without a default")]
    [TestCase("ALTER TABLE eval.Suite DROP COLUMN Nope;", "Nope")]
    [TestCase("ALTER TABLE eval.Suite DROP CONSTRAINT Nope;", "Nope")]
    [TestCase("ALTER TABLE eval.Run DROP COLUMN Owner;", "Owner")]
    [TestCase("DROP INDEX Nope ON eval.Run;", "Nope")]
    [TestCase("UPDATE eval.Suite SET Nope = 1;", "Nope")]
    [TestCase("ALTER TABLE eval.Suite ADD A int NULL; UPDATE eval.Suite SET A = 1;", "put GO between")]
    [TestCase("EXEC sp_rename 'eval.Suite', 'Suites';", "does not support")]
    public void SchemaFailures_PlantedMistakeInAMigration_IsReported(string text, string word)
    {
        using var compiler = new TSqlCompiler([new("0001.sql", Schema), new("0002.sql", text)]);

        compiler.SchemaFailures.Should().Contain(failure => failure.Message.Contains(word, StringComparison.OrdinalIgnoreCase));
    }

    [TestCase("MERGE eval.Suite t USING eval.Run r ON r.SuiteId = t.Id WHEN MATCHED THEN DELETE;", "MERGE")]
    [TestCase("WITH c AS (SELECT TOP (1) Id, Name FROM eval.Suite) UPDATE c SET Name = 'x'", "common table expression")]
    [TestCase("WITH c AS (SELECT TOP (1) Id, Name FROM eval.Suite) UPDATE x SET Name = 'x' FROM c x", "common table expression")]
    [TestCase("WITH c AS (SELECT TOP (1) Id FROM eval.Suite) DELETE FROM c", "common table expression")]
    [TestCase("SELECT Id FROM eval.Suite WITH (NOLOCK)", "NOLOCK")]
    [TestCase("SELECT Id FROM eval.Suite (NOLOCK)", "NOLOCK")]
    [TestCase("SELECT Id FROM eval.Suite WITH (READUNCOMMITTED)", "NOLOCK")]
    [TestCase("SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED", "NOLOCK")]
    [TestCase("SELECT r.Id FROM eval.Run r WHERE @Status IS NULL OR r.Status = @Status", "CAST(@Status AS varchar(20))")]
    [TestCase("UPDATE eval.Run SET Owner = 'x' WHERE @Word <> [Status]", "CAST(@Word AS varchar(20))")]
    public void Style_ForbiddenSql_IsReported(string text, string word) =>
        TSqlStyle.Check(new("query.sql", text)).Should().Contain(failure => failure.Message.Contains(word, StringComparison.Ordinal));

    [TestCase("WITH c AS (SELECT TOP (1) Id FROM eval.Suite) UPDATE s SET Name = 'x' FROM eval.Suite s JOIN c ON c.Id = s.Id")]
    [TestCase("SELECT Id FROM eval.Suite WITH (UPDLOCK, READPAST, ROWLOCK)")]
    [TestCase("SELECT r.Id FROM eval.Run r WHERE r.Status = CAST(@Status AS varchar(20)) AND r.Owner = @Owner")]
    [TestCase("DECLARE @Status varchar(20) = 'PENDING'; SELECT r.Id FROM eval.Run r WHERE r.Status = @Status")]
    public void Style_AllowedSql_Passes(string text) => TSqlStyle.Check(new("query.sql", text)).Should().BeEmpty();

    [TestCase("SELECT s.Id, Name AS Title, [Status] FROM eval.Suite s", "Id,Title,Status")]
    [TestCase("UPDATE eval.Suite SET Name = 'x' OUTPUT inserted.Id, deleted.Name AS Old", "Id,Old")]
    [TestCase("INSERT eval.Suite (Name) OUTPUT inserted.Id VALUES ('x')", "Id")]
    [TestCase("UPDATE eval.Suite SET Name = 'x'", "")]
    [TestCase("DECLARE @n int; SELECT @n = COUNT(*) FROM eval.Suite; IF @n > 0 SELECT Id FROM eval.Suite", "Id")]
    [TestCase("DELETE eval.Run OUTPUT deleted.SuiteId INTO #t WHERE SuiteId IN (SELECT Id FROM eval.Suite)", "")]
    public void ResultColumns_OfAText_AreThoseOfItsOnlyResultSet(string text, string columns) =>
        string.Join(',', TSqlResult.Columns(new("query.sql", text))).Should().Be(columns);

    [TestCase("SELECT * FROM eval.Suite")]
    [TestCase("SELECT 1 AS A; SELECT 2 AS B")]
    public void ResultColumns_OfAnUnclearText_Throw(string text) =>
        FluentActions.Invoking(() => TSqlResult.Columns(new("query.sql", text))).Should().Throw<InvalidOperationException>();

    private IReadOnlyList<TSqlFailure> Compile(string text) => _compiler.CompileQuery(new("query.sql", text));
}

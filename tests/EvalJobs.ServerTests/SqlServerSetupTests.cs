using Dapper;
using EvalJobs.Data;
using EvalJobs.DependencyInjection;
using EvalJobs.Domain;
using EvalJobs.Server.Hosting;
using EvalJobs.Tests.Support;
using Microsoft.Data.SqlClient;
using Microsoft.Extensions.DependencyInjection;

namespace EvalJobs.Tests.Server;

/// <summary>Setting up on SQL Server: migrate installs both schemas, the server only checks them, and its role may not run DDL.</summary>
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class SqlServerSetupTests<TDatabase> where TDatabase : SqlServerTestDatabase, new()
{
    private TDatabase _database;

    [SetUp]
    public void Prepare() => _database = new TDatabase();

    [TearDown]
    public async Task Drop() => await _database.DisposeAsync();

    [Test]
    public async Task Start_EmptyDatabase_SaysWhichMigrationsAreMissing()
    {
        await _database.CreateEmptyAsync();

        await FluentActions.Awaiting(() => PrepareAsync(_database.Options)).Should().ThrowAsync<SchemaException>().WithMessage("*0001_Initial*migrate*");
    }

    [Test]
    public async Task Start_HangfiresTablesMissing_SaysSo()
    {
        await _database.CreateAsync();

        await FluentActions.Awaiting(() => PrepareAsync(_database.Options)).Should().ThrowAsync<SchemaException>().WithMessage("*Hangfire's tables*HangFire*migrate*");
    }

    [Test]
    public async Task Migrate_EmptyDatabase_InstallsBothSchemasAndTheSecondTimeNothing()
    {
        await _database.CreateEmptyAsync();

        var first = await WithDatabasesAsync(_database.Options, databases => databases.MigrateAsync(default));
        var second = await WithDatabasesAsync(_database.Options, databases => databases.MigrateAsync(default));

        first.Scripts.Should().Contain("0001_Initial");
        first.HangfireVersion.Should().Be(HangfireSchema.RequiredVersion);
        second.Scripts.Should().BeEmpty();
        await PrepareAsync(_database.Options);
    }

    [Test]
    public async Task InstallScript_EmptyDatabase_CreatesWhatMigrateCreatesAndTheSecondTimeNothing()
    {
        await _database.CreateAsync();
        var migrated = await SchemaAsync(_database);
        var scripted = new TDatabase();
        await using var _ = scripted;
        await scripted.CreateEmptyAsync();
        var install = AdminScript.Named("01-install-or-upgrade");

        var shown = await install.RunAsync(scripted);
        (await SchemaAsync(scripted)).Should().BeEmpty("without @Apply it changes nothing");
        var first = await install.RunAsync(scripted, ("@Apply", true));
        var second = await install.RunAsync(scripted, ("@Apply", true));

        shown.Single().Should().OnlyContain(row => ((string)row["Outcome"]!).Contains("set @Apply = 1", StringComparison.Ordinal));
        first.Single().Should().OnlyContain(row => (string)row["Outcome"]! == "done");
        second.Single().Should().OnlyContain(row => (string)row["Outcome"]! == "has run before");
        (await SchemaAsync(scripted)).Should().Equal(migrated);
        (await WithDatabasesAsync(scripted.Options, databases => databases.MigrateAsync(default))).Scripts.Should().BeEmpty();
    }

    [Test]
    public async Task InstallScript_SomeMigrationsHaveRun_RunsTheOthers()
    {
        await _database.CreateAsync();
        var migrated = await SchemaAsync(_database);
        await _database.ExecuteAsync("""
            DROP INDEX IX_EvaluationSuite_Tenant ON eval.EvaluationSuite; DROP INDEX IX_AgentVersion_Tenant ON eval.AgentVersion;
            DELETE FROM dbo.EvalJobsSchemaVersions WHERE ScriptName = N'0007_SuitesAndVersions';
            """);

        var outcome = await AdminScript.Named("01-install-or-upgrade").RunAsync(_database, ("@Apply", true));

        outcome.Single().Where(row => (string)row["Outcome"]! == "done").Select(row => row["ScriptName"]).Should().Equal("0007_SuitesAndVersions");
        (await SchemaAsync(_database)).Should().Equal(migrated);
    }

    [Test]
    public async Task InstallScript_NewerDatabase_Rejects()
    {
        await _database.CreateAsync();
        await _database.ExecuteAsync("INSERT INTO dbo.EvalJobsSchemaVersions (ScriptName, Applied) VALUES (N'9999_FromTheFuture', SYSUTCDATETIME())");

        await FluentActions.Awaiting(() => AdminScript.Named("01-install-or-upgrade").RunAsync(_database)).Should().ThrowAsync<AdminScriptException>().WithMessage("*newer*");
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Tick_HangfireOnSqlServer_WorksEveryRun(CancellationToken cancellationToken)
    {
        await _database.CreateAsync();
        await WithDatabasesAsync(_database.Options, databases => databases.MigrateAsync(cancellationToken));
        await using var agent = await LoopbackAgent.StartAsync((_, input) => input.Replace("question", "answer", StringComparison.Ordinal));
        await using var server = await RunningServer.StartOnAsync(_database);
        var tenant = await server.Some.TenantWithRunsAsync(7, genome: Some.Genome($$"""{"type":"http","url":"{{agent.Url}}/ask/x","replyPath":"reply"}"""));

        while ((await server.RunsAsync(tenant)).Any(run => run.Status is RunStatus.Pending or RunStatus.Running))
            await server.TickAsync(cancellationToken);

        (await server.RunsAsync(tenant)).Should().OnlyContain(run => run.Status == RunStatus.Completed);
        (await Invariants.CheckAsync(_database)).Should().BeEmpty();
    }

    [Test]
    public async Task Grants_ServersUser_MayChangeRowsButNeitherTablesNorTheAuditTrail()
    {
        await _database.CreateAsync();
        await WithDatabasesAsync(_database.Options, databases => databases.MigrateAsync(default));
        await _database.ExecuteAsync("CREATE USER worker WITHOUT LOGIN");
        await AdminScript.Named("02-grants").RunAsync(_database, ("@ServerUser", "worker"), ("@Apply", true));

        await AsWorkerAsync("INSERT INTO eval.Tenant (Slug, Name) VALUES (N'a', N'A'); DELETE FROM eval.Tenant WHERE Slug = N'a';");
        await AsWorkerAsync("SELECT ScriptName FROM dbo.EvalJobsSchemaVersions; SELECT [Version] FROM HangFire.[Schema]; DELETE FROM HangFire.JobQueue WHERE Id = 0;");
        await AsWorkerAsync("INSERT INTO eval.ChangeRecord (Type, TargetEntity, TargetId, Actor, Payload) VALUES (N'X', N'X', 1, N'x', N'{}');");
        foreach (var refused in new[] { "UPDATE eval.ChangeRecord SET Actor = N'y'", "CREATE TABLE eval.Own (Id int)", "ALTER TABLE eval.Tenant ADD Own int NULL", "DROP TABLE eval.TenantHealth" })
            await FluentActions.Awaiting(() => AsWorkerAsync(refused)).Should().ThrowAsync<SqlException>(refused);
    }

    [Test]
    public async Task Grants_WithoutApply_ShowsWhatItWouldDoAndWhatExists()
    {
        await _database.CreateAsync();
        await _database.ExecuteAsync("CREATE USER worker WITHOUT LOGIN; CREATE USER keeper WITHOUT LOGIN");
        var grants = AdminScript.Named("02-grants");

        var shown = (await grants.RunAsync(_database, ("@ServerUser", "worker")))[0];
        var applied = (await grants.RunAsync(_database, ("@ServerUser", "worker"), ("@Apply", true)))[0];
        var again = (await grants.RunAsync(_database, ("@ServerUser", "worker"), ("@AdminUser", "keeper")))[0];

        shown.Select(row => row["Statement"]).Should().Contain(["CREATE ROLE evaljobs_admin AUTHORIZATION dbo", "GRANT VIEW DEFINITION TO evaljobs_admin", "ALTER ROLE evaljobs_server ADD MEMBER [worker]"])
            .And.Equal(applied.Select(row => row["Statement"]));
        shown.Should().OnlyContain(row => (string)row["Outcome"]! == "would be done: set @Apply = 1");
        applied.Should().OnlyContain(row => (string)row["Outcome"]! == "done");
        again.Where(row => (string)row["Outcome"]! != "is already as requested").Select(row => row["Statement"]).Should().Equal("ALTER ROLE evaljobs_admin ADD MEMBER [keeper]");
    }

    /// <summary>A member of the role may read sizes; the index usage needs a permission of the server.</summary>
    [Test]
    public async Task StorageScript_AsAnAdministratorOfTheDatabase_ShowsSizesAndNamesWhatItMayNotRead()
    {
        await _database.CreateAsync();
        await _database.ExecuteAsync("CREATE USER keeper WITHOUT LOGIN");
        await AdminScript.Named("02-grants").RunAsync(_database, ("@AdminUser", "keeper"), ("@Apply", true));

        await using var connection = await _database.Database.OpenAsync(CancellationToken.None);
        using var results = await connection.QueryMultipleAsync($"EXECUTE AS USER = 'keeper'; {AdminScript.Named("41-storage-and-indexes").Source.Text} REVERT;");

        (await results.ReadAsync()).Select(row => (string)row.TableName).Should().Contain("EvaluationRun");
        ((string)(await results.ReadSingleAsync()).Remark).Should().StartWith("Index usage is not shown");
    }

    [Test]
    public async Task SystemScripts_OnAServer_Run()
    {
        await _database.CreateAsync();

        (await AdminScript.Named("00-check-database").RunAsync(_database))[0].Single()["Finding"].Should().Be("fit");
        (await AdminScript.Named("41-storage-and-indexes").RunAsync(_database))[0].Should().Contain(row => (string)row["TableName"]! == "EvaluationRun");
    }

    /// <summary>One line for each column, index and constraint of schema eval.</summary>
    private static async Task<List<string>> SchemaAsync(SqlServerTestDatabase database)
    {
        await using var connection = await database.Database.OpenAsync(CancellationToken.None);
        return [.. await connection.QueryAsync<string>("""
            SELECT CONCAT('column ', t.name, '.', c.name, ' ', y.name, ' ', c.max_length, ' ', c.scale, ' ', c.is_nullable, ' ', c.collation_name COLLATE DATABASE_DEFAULT)
            FROM sys.columns c
            JOIN sys.tables t ON t.object_id = c.object_id
            JOIN sys.types y ON y.user_type_id = c.user_type_id
            WHERE t.schema_id = SCHEMA_ID(N'eval')
            UNION ALL
            SELECT CONCAT('index ', t.name, '.', i.name, ' ', i.is_unique, ' ', i.filter_definition, ' ', k.index_column_id, ' ', c.name, ' ', k.is_descending_key)
            FROM sys.indexes i
            JOIN sys.tables t ON t.object_id = i.object_id
            JOIN sys.index_columns k ON k.object_id = i.object_id AND k.index_id = i.index_id
            JOIN sys.columns c ON c.object_id = k.object_id AND c.column_id = k.column_id
            WHERE t.schema_id = SCHEMA_ID(N'eval')
            UNION ALL
            SELECT CONCAT('constraint ', o.name, ' ', RTRIM(o.type COLLATE DATABASE_DEFAULT))
            FROM sys.objects o
            WHERE o.schema_id = SCHEMA_ID(N'eval') AND o.parent_object_id <> 0
            ORDER BY 1
            """)];
    }

    private async Task AsWorkerAsync(string sql)
    {
        await using var connection = await _database.Database.OpenAsync(CancellationToken.None);
        await connection.ExecuteAsync("EXECUTE AS USER = 'worker'");
        try
        {
            await connection.ExecuteAsync(sql);
        }
        finally
        {
            await connection.ExecuteAsync("REVERT");
        }
    }

    private static Task PrepareAsync(StorageOptions options) => WithDatabasesAsync(options, async databases =>
    {
        await databases.PrepareAsync(default);
        return true;
    });

    private static async Task<T> WithDatabasesAsync<T>(StorageOptions options, Func<EvalJobsDatabases, Task<T>> work)
    {
        await using var app = ServerApp.Build(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["EvalJobs:Storage:Provider"] = $"{options.Provider}",
            ["EvalJobs:Storage:ConnectionString"] = options.ConnectionString,
            ["Logging:LogLevel:Default"] = "None",
        });
        return await work(app.Services.GetRequiredService<EvalJobsDatabases>());
    }
}

using Dapper;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Server;
using EvalJobs.Tests.Support;
using Microsoft.Data.SqlClient;
using Microsoft.Extensions.DependencyInjection;

namespace EvalJobs.Tests.Server;

/// <summary>Setting up on SQL Server: migrate installs both schemas, the server only looks, and its role owns no DDL.</summary>
[Category("SqlServer")]
public sealed class SqlServerSetupTests
{
    private SqlServerTestDatabase _database;

    [SetUp]
    public void Prepare() => _database = new SqlServerTestDatabase();

    [TearDown]
    public async Task Drop() => await _database.DisposeAsync();

    [Test]
    public async Task Start_EmptyDatabase_SaysWhichMigrationsAreMissing()
    {
        var options = await _database.CreateEmptyAsync();

        await FluentActions.Awaiting(() => PrepareAsync(options)).Should().ThrowAsync<SchemaException>().WithMessage("*0001_Initial*migrate*");
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
        var options = await _database.CreateEmptyAsync();

        var first = await WithDatabasesAsync(options, databases => databases.MigrateAsync(default));
        var second = await WithDatabasesAsync(options, databases => databases.MigrateAsync(default));

        first.Scripts.Should().Contain("0001_Initial");
        first.HangfireVersion.Should().Be(HangfireSchema.RequiredVersion);
        second.Scripts.Should().BeEmpty();
        await PrepareAsync(options);
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
    public async Task Grants_ServersUser_WorksRowsButNeitherTablesNorWhatTheAuditTrailSays()
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
    public async Task SystemScripts_OnAServer_Run()
    {
        await _database.CreateAsync();

        (await AdminScript.Named("01-install-or-upgrade").RunAsync(_database))[0].Single()["Finding"].Should().Be("fit");
        (await AdminScript.Named("41-storage-and-indexes").RunAsync(_database))[0].Should().Contain(row => (string)row["TableName"]! == "EvaluationRun");
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

    private static async Task<T> WithDatabasesAsync<T>(StorageOptions options, Func<ServerDatabases, Task<T>> work)
    {
        await using var app = ServerApp.Build(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["EvalJobs:Storage:Provider"] = $"{options.Provider}",
            ["EvalJobs:Storage:ConnectionString"] = options.ConnectionString,
            ["Logging:LogLevel:Default"] = "None",
        });
        return await work(app.Services.GetRequiredService<ServerDatabases>());
    }
}

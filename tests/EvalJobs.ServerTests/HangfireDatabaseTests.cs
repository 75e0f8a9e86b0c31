using EvalJobs.Data;
using EvalJobs.DependencyInjection;
using EvalJobs.Domain;
using Microsoft.Extensions.Configuration;

namespace EvalJobs.Tests.Server;

/// <summary>Which database Hangfire uses, and with which options.</summary>
public sealed class HangfireDatabaseTests
{
    private const string Data = "Server=data;Database=EvalJobs;Integrated Security=true";
    private const string Own = "Server=jobs;Database=Hangfire;Integrated Security=true";

    private static readonly StorageOptions Sqlite = new();
    private static readonly StorageOptions SqlServer = new() { Provider = StorageProvider.SqlServer, ConnectionString = Data };

    [Test]
    public void Of_DataOnSqlServer_IsTheSameDatabase() =>
        HangfireDatabase.Of(SqlServer, new HangfireOptions()).Should().Be(new HangfireDatabase(Data, "HangFire"));

    [Test]
    public void Of_OwnConnectionStringAndSchema_AreUsed() =>
        HangfireDatabase.Of(SqlServer, new HangfireOptions { ConnectionString = Own, SchemaName = "jobs" }).Should().Be(new HangfireDatabase(Own, "jobs"));

    [Test]
    public void Of_DataOnSqlServerAndHangfireInMemory_IsNone() =>
        HangfireDatabase.Of(SqlServer, new HangfireOptions { Storage = HangfireStorage.InMemory }).Should().BeNull();

    [Test]
    public void Of_DataOnSqlite_IsNone() => HangfireDatabase.Of(Sqlite, new HangfireOptions()).Should().BeNull();

    [Test]
    public void Of_DataOnSqliteAndHangfireOnItsOwnServer_IsThatServer() =>
        HangfireDatabase.Of(Sqlite, new HangfireOptions { Storage = HangfireStorage.SqlServer, ConnectionString = Own })!.ConnectionString.Should().Be(Own);

    [Test]
    public void Of_DataOnSqliteAndHangfireWithoutConnectionString_IsRejected() =>
        FluentActions.Invoking(() => HangfireDatabase.Of(Sqlite, new HangfireOptions { Storage = HangfireStorage.SqlServer }))
            .Should().Throw<InvalidInputException>().WithMessage("*EvalJobs:Hangfire:ConnectionString*");

    [TestCase("Data Source=data/jobs.db;Password=topsecret;Foreign Keys=True")]
    [TestCase("topsecret")]
    [TestCase("Database=topsecret")]
    [TestCase("Server=db;TrustServerCertificate=topsecret")]
    [TestCase("Server=db;Connect Timeout=topsecret")]
    public void Of_ConnectionStringOfAnotherKind_IsRejectedWithoutShowingIt(string text) =>
        FluentActions.Invoking(() => HangfireDatabase.Of(SqlServer, new HangfireOptions { ConnectionString = text }))
            .Should().Throw<InvalidInputException>().Which.Message.Should().NotContain("topsecret");

    [Test]
    public void StorageOptions_Always_NeitherInstallNorCheckTheSchemaAndKeepTheChosenValues()
    {
        var options = new HangfireDatabase(Data, "jobs").StorageOptions(TimeSpan.FromSeconds(20));

        options.PrepareSchemaIfNecessary.Should().BeFalse("the server's login may not run DDL");
        options.TryAutoDetectSchemaDependentOptions.Should().BeFalse("nothing may connect before the start has waited for the database");
        (options.SchemaName, options.CommandTimeout).Should().Be(("jobs", TimeSpan.FromSeconds(20)));
        options.SlidingInvisibilityTimeout.Should().BeGreaterThan(new EvalJobs.Execution.ExecutionOptions().Lease);
        (options.DisableGlobalLocks, options.UseIgnoreDupKeyOption, options.UseRecommendedIsolationLevel).Should().Be((true, true, true));
    }

    [TestCase(null, "*migrate*")]
    [TestCase(7, "*version 7*needs*migrate*")]
    public void HangfireSchemaError_MissingOrOld_SaysWhatToDo(int? version, string message) =>
        HangfireSchema.FindError("jobs", version).Should().Match(message).And.Contain("jobs");

    [TestCase(0)]
    [TestCase(1)]
    public void HangfireSchemaError_CurrentOrNewer_IsNone(int newer) =>
        HangfireSchema.FindError("jobs", HangfireSchema.RequiredVersion + newer).Should().BeNull();

    [TestCase("a b")]
    [TestCase("x]; DROP TABLE y --")]
    [TestCase("")]
    public void SchemaName_NotAPlainName_IsRejected(string name) =>
        FluentActions.Invoking(() => Read<HangfireOptions>("EvalJobs:Hangfire", ("SchemaName", name)))
            .Should().Throw<InvalidInputException>().WithMessage("*EvalJobs:Hangfire:SchemaName*");

    [Test]
    public void Storage_SqlServerWithoutConnectionString_IsRejected() =>
        FluentActions.Invoking(() => Read<StorageOptions>("EvalJobs:Storage", ("Provider", "SqlServer")))
            .Should().Throw<InvalidInputException>().WithMessage("*EvalJobs:Storage:ConnectionString*give the one of the server*");

    [Test]
    public void Storage_ConnectionStringOfAnotherKind_IsRejectedWithoutShowingIt() =>
        FluentActions.Invoking(() => Read<StorageOptions>("EvalJobs:Storage", ("Provider", "SqlServer"), ("ConnectionString", "topsecret")))
            .Should().Throw<InvalidInputException>().WithMessage("*EvalJobs:Storage:ConnectionString*").Which.Message.Should().NotContain("topsecret");

    private static T Read<T>(string section, params (string Name, string Value)[] settings) where T : class, new() =>
        SettingsReader.Read<T>(
            new ConfigurationBuilder()
                .AddInMemoryCollection(settings.ToDictionary(each => $"{section}:{each.Name}", each => (string?)each.Value, StringComparer.Ordinal))
                .Build(),
            section);
}

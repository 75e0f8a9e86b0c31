using System.ComponentModel.DataAnnotations;
using EvalJobs.Data;
using Microsoft.Data.SqlClient;

namespace EvalJobs.Tests.Data;

/// <summary>Which connection string a statement gets with <see cref="StorageOptions.ReadOnlyIntent"/>: statements that write or decide always use the primary.</summary>
internal sealed class ReadRoutingTests
{
    private readonly List<string> _opened = [];

    [TestCaseSource(nameof(Reads))]
    public async Task Read_InAFlowThatReadsTheReplica_UsesReadOnlyIntent(string name, Func<EvaluationDatabase, Task> read)
    {
        using var database = Database(readOnlyIntent: true);

        using (database.ReadFromCopy())
            await TryAsync(read, database);
        await TryAsync(read, database);

        _opened.Select(IntentOf).Should().Equal([ApplicationIntent.ReadOnly, ApplicationIntent.ReadWrite], "the second {0} is outside of it", name);
        _opened.Select(text => new SqlConnectionStringBuilder(text) { ApplicationIntent = ApplicationIntent.ReadWrite }.ConnectionString).Distinct(StringComparer.Ordinal).Should().ContainSingle("nothing else differs");
    }

    [TestCaseSource(nameof(Others))]
    public async Task WriteOrConnection_InAFlowThatReadsTheReplica_UsesThePrimary(string name, Func<EvaluationDatabase, Task> use)
    {
        using var database = Database(readOnlyIntent: true);

        using (database.ReadFromCopy())
            await TryAsync(use, database);

        _opened.Should().Equal([database.ConnectionString], name);
        IntentOf(database.ConnectionString).Should().Be(ApplicationIntent.ReadWrite);
    }

    [TestCaseSource(nameof(Reads))]
    public async Task Read_WithoutTheSetting_UsesThePrimary(string name, Func<EvaluationDatabase, Task> read)
    {
        using var database = Database(readOnlyIntent: false);

        using (database.ReadFromCopy())
            await TryAsync(read, database);

        _opened.Should().Equal([database.ConnectionString], name);
    }

    [Test]
    public async Task ReadFromReplica_AnotherFlow_IsNotAffected()
    {
        using var database = Database(readOnlyIntent: true);
        var begun = new TaskCompletionSource();
        var other = OtherAsync();

        using (database.ReadFromCopy())
        {
            begun.SetResult();
            await other;
        }

        _opened.Should().Equal(database.ConnectionString);

        async Task OtherAsync()
        {
            await begun.Task;
            await TryAsync(each => each.QueryAsync<long>(SqlQuery.ReadDatabaseClock, null, default), database);
        }
    }

    [Test]
    public void Validate_ReadOnlyIntentOfSqlite_IsRejected()
    {
        var options = new StorageOptions { ReadOnlyIntent = true };

        var errors = options.Validate(new ValidationContext(options)).ToList();

        errors.Should().ContainSingle().Which.ErrorMessage.Should().Contain("an SQLite file has no secondary");
        errors[0].MemberNames.Should().Equal(nameof(StorageOptions.ReadOnlyIntent));
    }

    private static IEnumerable<TestCaseData> Reads() =>
    [
        Case("QueryAsync", database => database.QueryAsync<long>(SqlQuery.ReadDatabaseClock, null, default)),
        Case("QuerySingleOrDefaultAsync", database => database.QuerySingleOrDefaultAsync<long>(SqlQuery.ReadDatabaseClock, null, default)),
        Case("ReadAsync", database => database.ReadAsync(db => db.QueryAsync<long>(SqlQuery.ReadDatabaseClock), default)),
    ];

    private static IEnumerable<TestCaseData> Others() =>
    [
        Case("WriteAsync", database => database.WriteAsync(db => db.QueryAsync<long>(SqlQuery.ReadDatabaseClock), default)),
        Case("WriteBookkeepingAsync", database => database.WriteBookkeepingAsync(db => db.QueryAsync<long>(SqlQuery.ReadDatabaseClock), default)),
        Case("OpenAsync", database => database.OpenAsync(default)),
    ];

    private static TestCaseData Case(string name, Func<EvaluationDatabase, Task> use) => new TestCaseData(name, use).SetArgDisplayNames(name);

    private static ApplicationIntent IntentOf(string connectionString) => new SqlConnectionStringBuilder(connectionString).ApplicationIntent;

    private static Task TryAsync(Func<EvaluationDatabase, Task> use, EvaluationDatabase database) => FluentActions.Awaiting(() => use(database)).Should().ThrowAsync<NotSupportedException>();

    /// <summary>Records the connection string instead of connecting.</summary>
    private EvaluationDatabase Database(bool readOnlyIntent) => new(
        new StorageOptions { Provider = StorageProvider.SqlServer, ConnectionString = "Server=db;Database=EvalJobs;User Id=u;Password=p", ReadOnlyIntent = readOnlyIntent },
        text =>
        {
            _opened.Add(text);
            throw new NotSupportedException();
        });

    [SetUp]
    public void Forget() => _opened.Clear();
}

using System.Text.RegularExpressions;
using EvalJobs.Data;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Data.TSql;

/// <summary>
/// Every query has exactly the parameters that the repositories pass and returns exactly the columns that they read. Otherwise nothing would report an
/// error: Dapper omits parameters that a text does not name, and the row reader leaves properties without a column at their default.
/// </summary>
/// <remarks>The SQLite texts have the same parameters and columns: <see cref="SqlDialectTests"/>.</remarks>
[Category("TSql")]
public sealed partial class QueryCallTests
{
    private static readonly IReadOnlyList<QueryCall> Calls = QueryCalls.Read();

    [Test]
    public void Query_OfTheCatalogue_IsCalled() =>
        Enum.GetNames<SqlQuery>().Except(Calls.Select(call => call.Query), StringComparer.Ordinal).Should().BeEmpty();

    [Test]
    public void Call_Parameters_EqualTheQuerys() => Calls.SelectMany(ParameterErrors).Should().BeEmpty();

    [Test]
    public void Call_Columns_EqualTheQuerys() => Calls.SelectMany(ColumnErrors).Should().BeEmpty();

    // One case for each way to pass parameters: an anonymous object, through a helper, added by name, a sequence. Some miss a parameter, some have one too many.
    [TestCase("limits.PendingWarningThreshold, limits.WorkerPool })", "limits.PendingWarningThreshold })", "AddTenant: misses @WorkerPool")]
    [TestCase("new { Slug = slug, Name = name,", "new { Slug = slug, Name = name, Extra = 1,", "AddTenant: has no @Extra")]
    [TestCase("new { Slug = slug }", "new { slug }", "FindTenant: has no @slug")]
    [TestCase("new { RunId = claim.Id, claim.Attempt, Owner = claim.LeaseOwner };", "new { RunId = claim.Id, claim.Attempt };", "CompleteRun: misses @Owner")]
    [TestCase("parameters.Add(\"Error\", StoredText.Clean(error));", "parameters.Add(\"Eror\", StoredText.Clean(error));", "FailRun: misses @Error")]
    [TestCase("tally.UnscoredCount,\n            tally.CutCount", "tally.CutCount", "SetRunFigures: misses @UnscoredCount")]
    [TestCase("result.DurationMs,", "", "AddCaseResult: misses @DurationMs")]
    [TestCase("delete, new { Days = days, Limit = limit }", "delete, new { Days = days }", "DeleteOldChanges: misses @Limit")]
    [TestCase("query, new { TenantId = tenantId, Limit = left }", "query, new { TenantId = tenantId }", "DeleteTenantCases: misses @Limit")]
    [TestCase("SqlQuery.FindLastTickAlert)", "SqlQuery.FindLastTickAlert, new { Now = 1 })", "FindLastTickAlert: has no @Now")]
    public void ParameterErrors_Planted_AreFound(string text, string planted, string error) =>
        Planted(text, planted).SelectMany(ParameterErrors).Should().Contain(found => found.EndsWith(error, StringComparison.Ordinal));

    [TestCase("QuerySingleOrDefaultAsync<Tenant>(SqlQuery.FindTenant", "QuerySingleOrDefaultAsync<HeldRun>(SqlQuery.FindTenant", "FindTenant: returns no Attempt")]
    [TestCase("QuerySingleOrDefaultAsync<Tenant>(SqlQuery.FindTenant", "QuerySingleOrDefaultAsync<HeldRun>(SqlQuery.FindTenant", "FindTenant: returns Slug, which nobody reads")]
    [TestCase("QuerySingleOrDefaultAsync<Tenant>(SqlQuery.FindTenant", "QuerySingleOrDefaultAsync<int>(SqlQuery.FindTenant", "FindTenant: returns 8 columns for one value")]
    [TestCase("db.ExecuteOneAsync(SqlQuery.SetTenantPaused", "db.QueryAsync<Tenant>(SqlQuery.SetTenantPaused", "SetTenantPaused: returns no Slug")]
    [TestCase("db.QuerySingleAsync<EvaluationRun>(SqlQuery.AddRun,", "db.ExecuteAsync(SqlQuery.AddRun,", "AddRun: returns Id, which nobody reads")]
    public void ColumnErrors_Planted_AreFound(string text, string planted, string error) =>
        Planted(text, planted).SelectMany(ColumnErrors).Should().Contain(found => found.EndsWith(error, StringComparison.Ordinal));

    [Test]
    public void Read_UseThatCannotBeRead_Throws() =>
        FluentActions.Invoking(() => Planted("new { Slug = slug }", "(object)slug")).Should().Throw<InvalidOperationException>().WithMessage("*TenantRepository.cs*(object)slug*");

    [TestCase("new { Slug = slug, At = DateTimeOffset.UtcNow }")]
    [TestCase("new { Slug = slug, At = (DateTime?)null }")]
    public void Read_TimeAsParameter_Throws(string parameters) =>
        FluentActions.Invoking(() => Planted("new { Slug = slug }", parameters)).Should().Throw<InvalidOperationException>().WithMessage("*At*is a time*the database's clock*");

    [Test]
    public void Query_Parameters_AreNoTimes() =>
        ProductSql.SqlServerQueries.Where(query => TimeType().IsMatch(TSqlParameters.Read(query, [])!.Declaration)).Select(ProductSql.NameOf).Should().BeEmpty();

    [GeneratedRegex(@"\b(date|time|datetime|datetime2|datetimeoffset|smalldatetime)\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TimeType();

    private static IReadOnlyList<QueryCall> Planted(string text, string planted)
    {
        var isPlanted = false;
        var calls = QueryCalls.Read(source =>
        {
            isPlanted |= source.Contains(text, StringComparison.Ordinal);
            return source.Replace(text, planted, StringComparison.Ordinal);
        });
        isPlanted.Should().BeTrue("the source no longer contains '{0}': use another text", text);
        return calls;
    }

    private static IEnumerable<string> ParameterErrors(QueryCall call)
    {
        var taken = TSqlParameters.Read(SourceOf(call), [])!.Names.Select(name => name.TrimStart('@')).ToList();
        return taken.Except(call.Parameters, StringComparer.Ordinal).Select(name => $"{call.Place} {call.Query}: misses @{name}")
            .Concat(call.Parameters.Except(taken, StringComparer.Ordinal).Select(name => $"{call.Place} {call.Query}: has no @{name}"));
    }

    private static IEnumerable<string> ColumnErrors(QueryCall call)
    {
        var returned = TSqlResult.Columns(SourceOf(call));
        if (call.Columns is null)
            return returned.Count == 1 ? [] : [$"{call.Place} {call.Query}: returns {returned.Count} columns for one value"];
        return call.Columns.Except(returned, StringComparer.Ordinal).Select(name => $"{call.Place} {call.Query}: returns no {name}")
            .Concat(returned.Except(call.Columns, StringComparer.Ordinal).Select(name => $"{call.Place} {call.Query}: returns {name}, which nobody reads"));
    }

    private static TSqlSource SourceOf(QueryCall call) => ProductSql.SqlServerQueries.Single(query => ProductSql.NameOf(query) == call.Query);
}

using System.Text.RegularExpressions;
using Dapper;
using EvalJobs.Data;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Data;

/// <summary>The cost of the pages of suites and versions depends on what they show: no query reads all runs, suites, cases or versions.</summary>
internal sealed partial class PageQueryPlanTests : DatabaseFixture<SqliteTestDatabase>
{
    private static readonly SqlCatalog Sql = SqlCatalog.Load(StorageProvider.Sqlite);

    private static readonly SqlQuery[] Queries =
    [
        SqlQuery.ListSuitePage, SqlQuery.ListSuiteRuns, SqlQuery.ListSuiteCases, SqlQuery.ListTakenCaseKeys, SqlQuery.CopyTestCases,
        SqlQuery.ListVersionIds, SqlQuery.ListVersionRows, SqlQuery.ListVersionNames, SqlQuery.ListAgents, SqlQuery.ListComparableRuns, SqlQuery.CountCasePairs, SqlQuery.ListChangedCases,
        SqlQuery.CompareRevisions, SqlQuery.ListCasesById, SqlQuery.FilterVersionIds, SqlQuery.ListRequestRecords,
        SqlQuery.ListCaseOutcomes, SqlQuery.ListCaseReplies, SqlQuery.ListRepeatingRuns, SqlQuery.ListRunOutcomes, SqlQuery.GetRunContext,
    ];

    [TestCaseSource(nameof(Queries))]
    public async Task PageQuery_WithMuchHistory_ReadsByKey(SqlQuery query)
    {
        await using var connection = await Database.Database.OpenAsync(CancellationToken.None);

        // The parameters are bound, not literals, so that SQLite plans as it does for the repositories.
        var parameters = new DynamicParameters();
        foreach (Match name in ParameterPattern().Matches(Sql[query]))
            parameters.Add(name.Value, null);
        var plan = (await connection.QueryAsync<(long, long, long, string Detail)>($"EXPLAIN QUERY PLAN {Sql[query]}", parameters)).Select(step => step.Detail).ToList();

        plan.Should().NotContain(step => step.StartsWith("SCAN", StringComparison.Ordinal) && !HarmlessScan().IsMatch(step), string.Join('\n', plan));
    }

    [GeneratedRegex(@"@\w+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ParameterPattern();

    /// <summary>Lists given as parameters, and subqueries that are themselves searched.</summary>
    [GeneratedRegex(@"^SCAN (json_each|j|x|n|b|\(|CONSTANT)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex HarmlessScan();
}

using EvalJobs.Tests.Support;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace EvalJobs.Tests.Data.TSql;

/// <summary>
/// A process that is stopped inside a transaction holds its locks until it continues. The queries that every server needs (the tick, the leases, the health check) skip locked rows; the rows
/// that they change they find by key.
/// </summary>
[Category("TSql")]
public sealed class StoppedProcessTests
{
    private static readonly string[] NeverBlocked =
    [
        "ListTenantsDue", "ListTenantsLatelyDue", "ListTenantsNewlyDue", "HasDueRuns", "AreOthersWaiting", "ListStaleQueuedBatches", "RenewBatchLeases", "AbandonExpiredBatches", "RequeueExpiredRuns", "ListPoisonedRuns",
        "ListTenantLoad", "ListFailingAgents", "CountRunsNeedingAction", "ListWorkerServers", "WithdrawWorkerServers", "ClaimPendingRuns", "ClaimOldestRuns", "ListArchivableRuns", "ListPurgeableRuns",
        "DeleteOldDatabaseMarkers", "DeleteOldEndpointOutages",
    ];

    [TestCaseSource(nameof(NeverBlocked))]
    public void Query_ThatMustNotWait_ReadsPastLockedRows(string query) =>
        Waiting(ProductSql.SqlServerQueries.Single(each => ProductSql.NameOf(each) == query)).Should().BeEmpty();

    [TestCase("SELECT Id FROM eval.EvaluationRun WHERE Status = 'PENDING'", "EvaluationRun")]
    [TestCase("SELECT t.Id FROM eval.Tenant t WITH (READPAST) WHERE NOT EXISTS (SELECT 1 FROM eval.TenantBatch b WHERE b.Status = 'QUEUED')", "TenantBatch")]
    [TestCase("UPDATE eval.TenantBatch SET Status = 'ABANDONED' WHERE Status = 'QUEUED'", "TenantBatch")]
    public void Waiting_Planted_IsFound(string text, string table) => Waiting(new("x", text)).Should().Equal(table);

    [TestCase("UPDATE b SET Status = 'X' FROM eval.TenantBatch b JOIN (SELECT o.Id FROM eval.TenantBatch o WITH (READPAST)) c ON c.Id = b.Id")]
    [TestCase("SELECT 1 AS A FROM eval.EvaluationRun r WITH (READPAST) WHERE EXISTS (SELECT 1 FROM eval.Tenant t WHERE t.Id = @TenantId AND t.IsPaused = 0)")]
    public void Waiting_ReadPastOrByKey_IsNone(string text) => Waiting(new("x", text)).Should().BeEmpty();

    [Test]
    public void ReserveBatch_RowLockedByAnotherWriter_WaitsOnlyShortly() =>
        ProductSql.SqlServerQueries.Single(each => ProductSql.NameOf(each) == "ReserveBatch").Text.Should().Contain("SET LOCK_TIMEOUT 2000;");

    /// <returns>The tables whose rows the statement may wait for: it neither skips locked rows nor reads by their own key.</returns>
    private static List<string> Waiting(TSqlSource query)
    {
        var found = new References();
        TSqlText.Parse(query, [])!.Accept(found);
        return [.. found.Tables.Where(table => !table.IsReadPast && !found.Keyed.Contains(table.Alias)).Select(table => table.Name)];
    }

    private sealed class References : TSqlFragmentVisitor
    {
        private string? _target;

        public List<(string Name, string Alias, bool IsReadPast)> Tables { get; } = [];

        /// <summary>The aliases whose row is found by Id = something.</summary>
        public HashSet<string> Keyed { get; } = new(StringComparer.Ordinal);

        public override void ExplicitVisit(UpdateSpecification node)
        {
            // The target of UPDATE x FROM … x is in the FROM clause already.
            _target = node.FromClause is null ? null : TSqlText.NameOf(((NamedTableReference)node.Target).SchemaObject);
            base.ExplicitVisit(node);
        }

        public override void Visit(NamedTableReference node)
        {
            if (TSqlText.NameOf(node.SchemaObject) is var name && name.StartsWith("eval.", StringComparison.Ordinal) && name != _target)
                Tables.Add((node.SchemaObject.BaseIdentifier.Value, node.Alias?.Value ?? name, node.TableHints.Any(hint => hint.HintKind == TableHintKind.ReadPast)));
        }

        public override void Visit(BooleanComparisonExpression node)
        {
            Add(node.FirstExpression);
            Add(node.SecondExpression);
        }

        private void Add(ScalarExpression expression)
        {
            if (expression is ColumnReferenceExpression { MultiPartIdentifier.Identifiers: [var alias, { Value: "Id" }] })
                Keyed.Add(alias.Value);
        }
    }
}

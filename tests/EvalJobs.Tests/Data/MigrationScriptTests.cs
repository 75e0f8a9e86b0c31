using EvalJobs.Data;
using EvalJobs.Tests.Support;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace EvalJobs.Tests.Data;

/// <summary>scripts/01-install-or-upgrade.sql does what the migrator does: the same statements, each once, with the same journal.</summary>
[Category("TSql")]
public sealed class MigrationScriptTests
{
    private static readonly TSqlSource Script = AdminScript.Named("01-install-or-upgrade").Source;

    [Test]
    public void File_EqualsWhatTheProgramComposes() =>
        Script.Text.ReplaceLineEndings("\n").Should().Be(MigrationScript.Compose(), "after a new migration: EvalJobs.Server migrate --script data > {0}", Script.File);

    [Test]
    public void Batches_OfEveryMigration_RunInTheirOrderAndAreThenJournaled() =>
        Guarded().Select(step => (step.Guard, step.Batches, step.Written)).Should().BeEquivalentTo(
            ProductSql.SqlServerMigrations.Select(migration => (ProductSql.NameOf(migration), BatchesOf(migration), ProductSql.NameOf(migration))),
            options => options.WithStrictOrdering());

    [Test]
    public void List_OfMigrations_NamesEach()
    {
        var listed = Statements<InsertStatement>(Parsed()).Select(insert => insert.InsertSpecification.InsertSource).OfType<ValuesInsertSource>()
            .First().RowValues.Select(row => ((StringLiteral)row.ColumnValues[0]).Value);

        listed.Should().Equal(ProductSql.SqlServerMigrations.Select(ProductSql.NameOf));
    }

    [Test]
    public void Journal_IsTheTableThatDbUpCreates()
    {
        var made = Statements<CreateTableStatement>(Parsed()).Single();
        var failures = new List<TSqlFailure>();
        var expected = Statements<CreateTableStatement>(TSqlText.Parse(new("DbUp", JournalOfDbUp.CreateSql), failures)!).Single();

        failures.Should().BeEmpty();
        Normal(made).Should().Be(Normal(expected));
    }

    private static TSqlScript Parsed()
    {
        var failures = new List<TSqlFailure>();
        var script = TSqlText.Parse(Script, failures);
        failures.Should().BeEmpty();
        return script!;
    }

    /// <summary>The IF statements that run a migration: the name they search in the journal, the texts they EXEC and the name they write.</summary>
    private static IEnumerable<(string Guard, List<string> Batches, string Written)> Guarded()
    {
        foreach (var step in Statements<IfStatement>(Parsed()).Where(each => each.ThenStatement is BeginEndBlockStatement))
        {
            var inside = ((BeginEndBlockStatement)step.ThenStatement).StatementList.Statements;
            inside.Should().HaveCountGreaterThan(1).And.HaveElementAt(inside.Count - 1, inside.OfType<InsertStatement>().Single(), "the journal is written after the migration");
            yield return (
                Literals(step.Predicate).Single(),
                inside.SkipLast(1).Cast<ExecuteStatement>().Select(each => Tokens(((ExecutableStringList)each.ExecuteSpecification.ExecutableEntity).Strings.Cast<StringLiteral>().Single().Value)).ToList(),
                Literals(inside[^1]).Single());
        }
    }

    private static List<string> BatchesOf(TSqlSource migration)
    {
        var failures = new List<TSqlFailure>();
        return [.. TSqlText.Parse(migration, failures)!.Batches.Select(batch => Tokens(TSqlText.Of(batch)))];
    }

    /// <summary>Without white space and comments.</summary>
    private static string Tokens(string sql)
    {
        using var reader = new StringReader(sql);
        var tokens = new TSql150Parser(initialQuotedIdentifiers: true).GetTokenStream(reader, out _);
        return string.Join(' ', tokens.Where(token => token.TokenType is not (TSqlTokenType.WhiteSpace or TSqlTokenType.SingleLineComment or TSqlTokenType.EndOfFile)).Select(token => token.Text));
    }

    private static string Normal(TSqlFragment node)
    {
        new Sql150ScriptGenerator().GenerateScript(node, out var text);
        return text.Replace("[", "", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal);
    }

    private static List<string> Literals(TSqlFragment node)
    {
        var found = new Found<StringLiteral>();
        node.Accept(found);
        return [.. found.Nodes.Select(literal => literal.Value)];
    }

    private static List<TNode> Statements<TNode>(TSqlFragment node) where TNode : TSqlFragment
    {
        var found = new Found<TNode>();
        node.Accept(found);
        return found.Nodes;
    }

    private sealed class Found<TNode> : TSqlFragmentVisitor where TNode : TSqlFragment
    {
        public List<TNode> Nodes { get; } = [];

        public override void Visit(TSqlFragment fragment)
        {
            if (fragment is TNode node)
                Nodes.Add(node);
        }
    }

    /// <summary>Exposes a protected member of DbUp.</summary>
    private sealed class JournalOfDbUp() : DbUp.SqlServer.SqlTableJournal(() => null, () => null, "dbo", "EvalJobsSchemaVersions")
    {
        public static string CreateSql => new JournalOfDbUp().CreateSchemaTableSql("[PK_EvalJobsSchemaVersions_Id]");
    }
}

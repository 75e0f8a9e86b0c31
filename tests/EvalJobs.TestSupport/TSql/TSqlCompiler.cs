using System.Text.RegularExpressions;
using Microsoft.SqlServer.Dac.Model;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace EvalJobs.Tests.Support;

/// <summary>Compiles T-SQL against the schema of migrations without a server: what it refuses, SQL Server would refuse, mostly.</summary>
/// <remarks>
/// <para>Two judges. DacFx's model validates each text as the body of a procedure. Our own walk over the syntax tree finds what DacFx
/// leaves out: see <see cref="TSqlNameResolver"/>, <see cref="TSqlFunctions"/>, <see cref="TSqlGrouping"/>.</para>
/// <para>Names are case-sensitive, so the product also runs on a database with a case-sensitive collation, and tables need their
/// schema, because a login's default schema is not ours to know.</para>
/// <para>Not judged: the types of expressions and what they convert to; dynamic SQL; columns of <c>sys</c> views; plans and locks.</para>
/// <para>Not thread-safe.</para>
/// </remarks>
public sealed partial class TSqlCompiler : IDisposable
{
    /// <summary>Case- and accent-sensitive.</summary>
    private const string Collation = "Latin1_General_100_CS_AS";

    private const string BodyFile = "body.sql";

    /// <summary>System procedures a script may call; the parameters are those of the documentation. DacFx knows none without the master database.</summary>
    private static readonly string[] SystemProcedures =
    [
        "CREATE PROCEDURE dbo.sp_getapplock @Resource nvarchar(255), @LockMode varchar(32), @LockOwner varchar(32) = 'Transaction', @LockTimeout int = NULL, @DbPrincipal sysname = 'public' AS RETURN 0",
        "CREATE PROCEDURE dbo.sp_releaseapplock @Resource nvarchar(255), @LockOwner varchar(32) = 'Transaction', @DbPrincipal sysname = 'public' AS RETURN 0",
    ];

    private readonly List<(string Text, TSqlSource Origin, int Line, int Column)> _creates;
    private readonly IReadOnlyDictionary<string, TSqlTable> _tables;
    private readonly List<TSqlFailure> _schemaFailures = [];
    private TSqlModel _model;

    /// <param name="migrations">In the order they run.</param>
    public TSqlCompiler(IEnumerable<TSqlSource> migrations)
        : this(Build(migrations))
    {
    }

    private TSqlCompiler(TSqlSchema schema)
    {
        _tables = schema.Tables;
        _schemaFailures.AddRange(schema.Failures);

        _creates = schema.CreateStatements().ToList();
        _model = BuildModel();
        var texts = _creates.Select(made => made.Origin).Distinct().ToList();
        foreach (var message in _model.Validate().Where(IsFault))
            _schemaFailures.Add(Place(message.Message, texts));

        foreach (var (statement, firstLine, before) in schema.RowStatements)
        {
            using var then = new TSqlCompiler(before);
            _schemaFailures.AddRange(then.CompileScript(statement).Select(failure => failure with { Line = failure.Line + firstLine - 1 }));
        }
    }

    /// <summary>What is wrong with the migrations themselves.</summary>
    public IReadOnlyList<TSqlFailure> SchemaFailures => _schemaFailures;

    /// <summary>The columns of the migrated schema, as DacFx reads them.</summary>
    public TSqlColumnTypes ColumnTypes() => TSqlColumnTypes.Of(_model);

    /// <summary>Compiles one query file: one batch, whose header declares its parameters (see <see cref="TSqlParameters"/>).</summary>
    /// <returns>Every failure found; empty when the text compiles.</returns>
    public IReadOnlyList<TSqlFailure> CompileQuery(TSqlSource query)
    {
        var failures = new List<TSqlFailure>();
        if (TSqlText.Parse(query, failures) is not { } script)
            return failures;
        if (script.Batches.Count != 1)
            return [new(query.File, 1, 1, $"A query is one batch; this has {script.Batches.Count}.")];
        if (TSqlParameters.Read(query, failures) is not { } parameters)
            return failures;

        failures.AddRange(parameters.Compare(query, script));
        Walk(query, script, failures);
        AskDacFx(query, script, parameters.Declaration, query.Text, failures);
        return failures;
    }

    /// <summary>Compiles a script as an administrator runs it: batches between GO, each with its own DECLAREs.</summary>
    /// <remarks>Temporary tables live from batch to batch. USE is not noticed here, so write none.</remarks>
    /// <returns>Every failure found; empty when the text compiles.</returns>
    public IReadOnlyList<TSqlFailure> CompileScript(TSqlSource script)
    {
        var failures = new List<TSqlFailure>();
        if (TSqlText.Parse(script, failures) is not { } parsed)
            return failures;

        Walk(script, parsed, failures);
        foreach (var batch in parsed.Batches)
        {
            failures.AddRange(TSqlParameters.None.Compare(script, batch));
            AskDacFx(script, batch, parameters: string.Empty, TSqlText.Of(batch), failures);
        }

        return failures;
    }

    public void Dispose() => _model.Dispose();

    private static TSqlSchema Build(IEnumerable<TSqlSource> migrations)
    {
        var schema = new TSqlSchema();
        foreach (var migration in migrations)
            schema.Apply(migration);
        return schema;
    }

    private void Walk(TSqlSource source, TSqlScript script, List<TSqlFailure> failures)
    {
        script.Accept(new TSqlNameResolver(source, _tables, failures));
        script.Accept(new TSqlFunctions(source, failures));
        script.Accept(new TSqlGrouping(source, failures));
    }

    /// <summary>Leaves out, and reports, what the model refuses: one refused statement makes a whole model useless.</summary>
    private TSqlModel BuildModel()
    {
        var model = new TSqlModel(SqlServerVersion.Sql150, new TSqlModelOptions { Collation = Collation });
        foreach (var procedure in SystemProcedures)
            model.AddObjects(procedure);

        foreach (var made in _creates)
        {
            try
            {
                model.AddObjects(made.Text);
            }
            catch (DacModelException error)
            {
                _schemaFailures.AddRange(error.Messages.Select(message => new TSqlFailure(made.Origin.File, made.Line, made.Column, message.Message)));
                model.Dispose();
                _creates.Remove(made);
                return BuildModel();
            }
        }

        return model;
    }

    private void AskDacFx(TSqlSource source, TSqlFragment batch, string parameters, string body, List<TSqlFailure> failures)
    {
        try
        {
            // In dbo, where none of our tables are: a table without its schema must not be found.
            _model.AddOrUpdateObjects($"CREATE PROCEDURE dbo.GateBody\n{parameters}\nAS\n{body}", BodyFile, new TSqlObjectOptions());
            foreach (var message in _model.Validate().Where(IsFault))
                AddUnlessKnown(Place(message.Message, [source], batch.StartOffset), failures);
            _model.DeleteObjects(BodyFile);
        }
        catch (DacModelException error)
        {
            foreach (var message in error.Messages)
                AddUnlessKnown(Place(message.Message, [source], batch.StartOffset), failures);
            _model.Dispose();
            _model = BuildModel();
        }
    }

    /// <summary>DacFx gives "warning" to what fails at run time only, because the object might be made by then. Ours are all made.</summary>
    private static bool IsFault(DacModelMessage message) => !MayBeUnresolved().IsMatch(message.Message);

    /// <summary>DacFx names what it could not resolve but not where; the first mention of that name is the best there is.</summary>
    private static TSqlFailure Place(string message, IReadOnlyList<TSqlSource> sources, int fromOffset = 0)
    {
        message = OurProcedure().Replace(message, string.Empty);
        var name = NameIn(message);
        foreach (var source in sources)
        {
            if (name is not null && FirstMention(source, name, fromOffset) is { } token)
                return new(source.File, token.Line, token.Column, message);
        }

        return new(sources.Count > 0 ? sources[0].File : "schema", 1, 1, message);
    }

    private static TSqlParserToken? FirstMention(TSqlSource source, string name, int fromOffset)
    {
        using var reader = new StringReader(source.Text);
        return new TSql150Parser(initialQuotedIdentifiers: true).GetTokenStream(reader, out _)
            .FirstOrDefault(token => token.Offset >= fromOffset
                && token.TokenType is TSqlTokenType.Identifier or TSqlTokenType.QuotedIdentifier or TSqlTokenType.Variable
                && token.Text.Trim('[', ']', '"') == name);
    }

    private static void AddUnlessKnown(TSqlFailure failure, List<TSqlFailure> failures)
    {
        // Our own walk found the same name, with its true position and a shorter sentence.
        var name = NameIn(failure.Message);
        var isKnown = name is not null && failures.Exists(other => Regex.IsMatch(other.Message, $@"(?<![\w@]){Regex.Escape(name)}\b", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)));
        if (!isKnown)
            failures.Add(failure);
    }

    private static string? NameIn(string message) =>
        Names().Matches(message).Select(match => match.Groups["name"].Value.Split('.')[^1]).LastOrDefault();

    /// <summary>Says nothing to who reads the file.</summary>
    [GeneratedRegex(@"(Error validating element )?(Procedure: )?\[dbo\]\.\[GateBody\](: | )", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OurProcedure();

    /// <summary>System views, temporary tables (ours to check) and sp_executesql, which takes any parameter.</summary>
    [GeneratedRegex(@"object \[(sys|INFORMATION_SCHEMA|#[^\]]*)\]|following objects: \[(sys|INFORMATION_SCHEMA)\]|\[dbo\]\.\[sp_executesql\]|\[#[^\]]*\]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex MayBeUnresolved();

    [GeneratedRegex(@"\[(?<name>[^\]]+)\](?!\.\[|::)|(column )(?<name>[\w.]+)(?= could)|""(?<name>@\w+)""|near '(?<name>\w+)'|[‘'](?<name>@\w+)[’']", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Names();
}

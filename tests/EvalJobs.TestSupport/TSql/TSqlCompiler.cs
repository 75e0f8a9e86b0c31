using System.Text.RegularExpressions;
using Microsoft.SqlServer.Dac.Model;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace EvalJobs.Tests.Support;

/// <summary>Compiles T-SQL against the schema of migrations without a server. In most cases SQL Server would report the same errors.</summary>
/// <remarks>
/// <para>There are two checks. DacFx's model validates each text as the body of a procedure. The project's own walk over the syntax tree
/// finds what DacFx does not check: see <see cref="TSqlNameResolver"/>, <see cref="TSqlFunctions"/>, <see cref="TSqlGrouping"/>.</para>
/// <para>Names are case-sensitive, so the product also runs on a database with a case-sensitive collation, and tables need their
/// schema, because the default schema of a login is unknown.</para>
/// <para>Not checked: the types of expressions and what they convert to; dynamic SQL; columns of <c>sys</c> views; plans and locks.</para>
/// <para>Not thread-safe.</para>
/// </remarks>
public sealed partial class TSqlCompiler : IDisposable
{
    /// <summary>A collation that is case-sensitive and accent-sensitive.</summary>
    private const string Collation = "Latin1_General_100_CS_AS";

    private const string BodyFile = "body.sql";

    /// <summary>System procedures a script may call; the parameters are those of the documentation. Without the master database DacFx has no system procedures.</summary>
    private static readonly string[] SystemProcedures =
    [
        "CREATE PROCEDURE dbo.sp_getapplock @Resource nvarchar(255), @LockMode varchar(32), @LockOwner varchar(32) = 'Transaction', @LockTimeout int = NULL, @DbPrincipal sysname = 'public' AS RETURN 0",
        "CREATE PROCEDURE dbo.sp_releaseapplock @Resource nvarchar(255), @LockOwner varchar(32) = 'Transaction', @DbPrincipal sysname = 'public' AS RETURN 0",
    ];

    private readonly List<(string Text, TSqlSource Origin, int Line, int Column)> _creates;
    private readonly IReadOnlyDictionary<string, TSqlTable> _tables;
    private readonly List<TSqlFailure> _schemaFailures = [];
    private TSqlModel _model;

    /// <param name="migrations">The migrations in the order they run.</param>
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
        foreach (var message in _model.Validate().Where(IsError))
            _schemaFailures.Add(Place(message.Message, texts));

        foreach (var (statement, firstLine, before) in schema.RowStatements)
        {
            using var then = new TSqlCompiler(before);
            _schemaFailures.AddRange(then.CompileScript(statement).Select(failure => failure with { Line = failure.Line + firstLine - 1 }));
        }
    }

    /// <summary>The errors in the migrations themselves.</summary>
    public IReadOnlyList<TSqlFailure> SchemaFailures => _schemaFailures;

    /// <summary>The columns of the migrated schema, from the DacFx model.</summary>
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
        ValidateWithDacFx(query, script, parameters.Declaration, query.Text, failures);
        return failures;
    }

    /// <summary>Compiles a script as an administrator runs it: batches between GO, each with its own DECLAREs.</summary>
    /// <remarks>Temporary tables stay from batch to batch. The compiler ignores USE, so do not use it.</remarks>
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
            ValidateWithDacFx(script, batch, parameters: string.Empty, TSqlText.Of(batch), failures);
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

    /// <summary>Reports and leaves out what the model rejects, because one rejected statement makes the whole model unusable.</summary>
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

    private void ValidateWithDacFx(TSqlSource source, TSqlFragment batch, string parameters, string body, List<TSqlFailure> failures)
    {
        try
        {
            // In dbo, which has none of the product's tables: a table without its schema must not be found.
            _model.AddOrUpdateObjects($"CREATE PROCEDURE dbo.GateBody\n{parameters}\nAS\n{body}", BodyFile, new TSqlObjectOptions());
            foreach (var message in _model.Validate().Where(IsError))
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

    /// <summary>DacFx reports a "warning" for what fails only at run time, because the object might be created until then. Here all objects are created already.</summary>
    private static bool IsError(DacModelMessage message) => !MayBeUnresolved().IsMatch(message.Message);

    /// <summary>DacFx reports the name it could not resolve but not its position, so the position is that of the first mention of the name.</summary>
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
        // The own walk found the same name, with its exact position and a shorter message.
        var name = NameIn(failure.Message);
        var isKnown = name is not null && failures.Exists(other => Regex.IsMatch(other.Message, $@"(?<![\w@]){Regex.Escape(name)}\b", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)));
        if (!isKnown)
            failures.Add(failure);
    }

    private static string? NameIn(string message) =>
        Names().Matches(message).Select(match => match.Groups["name"].Value.Split('.')[^1]).LastOrDefault();

    /// <summary>A prefix that does not help the reader of the message.</summary>
    [GeneratedRegex(@"(Error validating element )?(Procedure: )?\[dbo\]\.\[GateBody\](: | )", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OurProcedure();

    /// <summary>System views, temporary tables (which the own walk checks) and sp_executesql, which takes any parameter.</summary>
    [GeneratedRegex(@"object \[(sys|INFORMATION_SCHEMA|#[^\]]*)\]|following objects: \[(sys|INFORMATION_SCHEMA)\]|\[dbo\]\.\[sp_executesql\]|\[#[^\]]*\]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex MayBeUnresolved();

    [GeneratedRegex(@"\[(?<name>[^\]]+)\](?!\.\[|::)|(column )(?<name>[\w.]+)(?= could)|""(?<name>@\w+)""|near '(?<name>\w+)'|[‘'](?<name>@\w+)[’']", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Names();
}

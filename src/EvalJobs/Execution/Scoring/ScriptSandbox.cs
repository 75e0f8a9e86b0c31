using Acornima;
using Acornima.Ast;
using EvalJobs.Domain;
using Jint;
using Jint.Native;

namespace EvalJobs.Execution.Scoring;

/// <summary>
/// Runs one function written in JavaScript, each time in a new engine: no CLR, no I/O, no modules, no code from strings, and limits
/// on time, statements, memory, depth, array size and regular expressions.
/// </summary>
/// <remarks>
/// The limits protect against mistakes and against the attacks in the tests, but script and server share one process.
/// A built-in at work on megabytes is stopped only when it is done: it may take some hundred megabytes for a second or two.
/// </remarks>
internal static class ScriptSandbox
{
    /// <summary>Memory a script may allocate in all, freed or not, bytes: 32 MiB.</summary>
    public const int MemoryLimit = 32 * 1024 * 1024;

    /// <summary>Statements a script may execute: 10 million, about a second of them.</summary>
    public const int MaxStatements = 10_000_000;

    /// <summary>Nested calls a script may make.</summary>
    public const int MaxCallDepth = 200;

    /// <summary>Items an array may have.</summary>
    public const int MaxArraySize = 1_000_000;

    /// <summary>Characters a script's source may have.</summary>
    public const int MaxSourceLength = 20_000;

    /// <summary>Values one template literal may hold: they are put together in one step, which cannot be stopped half-way.</summary>
    public const int MaxTemplateValues = 10;

    /// <summary>The name of the script in the locations of errors.</summary>
    public const string SourceName = "script";

    // A character takes two bytes, so a longer text could not be allocated anyway.
    private const int MaxTextLength = MemoryLimit / 2;

    // Reading a pattern of many thousand classes takes the regular-expression engines minutes and gigabytes.
    private const int MaxPatternLength = 1_000;

    private static readonly ScriptPreparationOptions BodyOptions = ScriptPreparationOptions.Default with
    {
        ParsingOptions = ScriptParsingOptions.Default with { AllowReturnOutsideFunction = true },
    };

    private static readonly Prepared<Script> Prelude = Engine.PrepareScript(ScriptSandboxPrelude.Source, "prelude");

    private static readonly BoundedCache<string, Prepared<Script>> PreparedScripts = new(64, Parse);

    /// <summary>Parses the body of <c>function (input, expected, actual)</c>, or finds it parsed already.</summary>
    /// <exception cref="InvalidInputException">It does not parse (the message names the line), is too long or uses BigInt.</exception>
    public static Prepared<Script> Prepare(string body) => PreparedScripts.Get(body);

    /// <summary>Calls the function. Its memory and time are limited; it may return any value.</summary>
    /// <exception cref="Exception">Jint's own, by the limit that was hit or the error the script threw.</exception>
    public static JsValue Call(
        Prepared<Script> script, TimeSpan timeout, string input, string? expected, string actual, CancellationToken cancellationToken)
    {
        using var engine = new Engine(options =>
        {
            options
                .TimeoutInterval(timeout)
                .MaxStatements(MaxStatements)
                .LimitMemory(MemoryLimit)
                .LimitRecursion(MaxCallDepth)
                .CancellationToken(cancellationToken)
                .DisableStringCompilation()
                .LocalTimeZone(TimeZoneInfo.Utc);
            options.Constraints.MaxArraySize = MaxArraySize;
            options.Constraints.RegexTimeout = TimeSpan.FromTicks(Math.Min(timeout.Ticks, ScoringPattern.MatchTimeout.Ticks));
            options.Constraints.StackOverflowGuard = true;
        });
        engine.Call(engine.Evaluate(Prelude), MaxTextLength, MaxPatternLength);
        return engine.Call(engine.Evaluate(script), input, expected, actual);
    }

    private static Prepared<Script> Parse(string body)
    {
        if (body.Length > MaxSourceLength)
            throw new InvalidInputException($"scoring.script has {body.Length} characters; at most {MaxSourceLength} are allowed.");

        try
        {
            // First by itself: a body such as "}); (function () {" must not be able to close the function around it.
            CheckSyntax(Engine.PrepareScript(body, SourceName, options: BodyOptions).Program!);

            // The closing bracket has a line of its own because the body may end in a comment.
            return Engine.PrepareScript($"(function (input, expected, actual) {{{body}\n}})", SourceName);
        }
        catch (ScriptPreparationException error)
        {
            var reason = error.InnerException is ParseErrorException { Error: { } syntax }
                ? $"line {syntax.LineNumber}: {syntax.Description}"
                : error.Message;
            throw new InvalidInputException($"scoring.script is not JavaScript: {reason}", error);
        }
    }

    private static void CheckSyntax(Script body)
    {
        foreach (var node in body.DescendantNodes())
        {
            var rejected = node switch
            {
                BigIntLiteral => "a BigInt, which is not there",
                TemplateLiteral { Expressions.Count: > MaxTemplateValues } =>
                    $"a template literal with more than {MaxTemplateValues} values",
                RegExpLiteral { RegExp.Pattern.Length: > MaxPatternLength } =>
                    $"a regular expression of more than {MaxPatternLength} characters",
                _ => null,
            };
            if (rejected is not null)
                throw new InvalidInputException($"scoring.script has {rejected} (line {node.Location.Start.Line}).");
        }
    }
}

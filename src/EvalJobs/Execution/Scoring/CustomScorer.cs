using System.Globalization;
using System.Text.RegularExpressions;
using EvalJobs.Domain;
using Jint;
using Jint.Native;
using Jint.Runtime;

namespace EvalJobs.Execution.Scoring;

/// <summary><c>custom</c>: the number from 0 to 1 that a JavaScript function gives.</summary>
/// <remarks>
/// <list type="bullet">
/// <item><c>script</c>: the body of <c>function (input, expected, actual)</c>. The arguments are strings; <c>expected</c> is null
/// when the case has none. It returns a number from 0 to 1, or true for 1 and false for 0.</item>
/// <item><c>timeout</c>: seconds it may work, 0.1 to 10. Default 2.</item>
/// </list>
/// It runs in a sandbox, see docs/guide/scoring.md. Any failure in it (a limit, an error, another result) leaves the case UNSCORED.
/// </remarks>
internal sealed class CustomScorer : IIsolatedScorer
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(0.5);

    private static readonly ScorerDescription Described = new(
        "The number from 0 to 1 that a JavaScript function gives.",
        new ScorerSetting("script", ScorerSettingKind.LongText, "The body of function (input, expected, actual): it returns a number from 0 to 1, true or false.") { IsRequired = true },
        new ScorerSetting("timeout", ScorerSettingKind.Number, "Seconds it may work.") { Minimum = 0.1, Maximum = 10, Default = "2" });

    /// <inheritdoc/>
    public string Name => "custom";

    /// <inheritdoc/>
    public double DefaultThreshold => 1;

    // What a tenant wrote is never run or parsed in the server.
    bool IIsolatedScorer.NeedsProcess(ScoringRequest request) => true;

    bool IIsolatedScorer.CheckNeedsProcess(ScoringSpec spec) => true;

    // The script's own limit applies first, so that its message is shown; this one is for built-ins that ignore it.
    TimeSpan IIsolatedScorer.Deadline(ScoringSpec spec) => Settings.TimeoutOf(spec) + Grace;

    /// <inheritdoc/>
    public ScorerDescription Description => Described;

    /// <inheritdoc/>
    public void Validate(ScoringSpec spec, string? expected) => _ = Settings.Read(spec);

    /// <inheritdoc/>
    public ValueTask<Score> ScoreAsync(ScoringRequest request, CancellationToken cancellationToken)
    {
        var settings = Settings.Read(request.Spec);
        try
        {
            var result = ScriptSandbox.Call(
                settings.Script, settings.Timeout, request.Input, request.Expected, request.Actual, cancellationToken);
            var score = ScoreOf(result);
            return new(new Score(score, score == 1 ? null : string.Create(CultureInfo.InvariantCulture, $"The script returned {(result is JsBoolean ? "false" : $"{score}")}.")));
        }
        catch (Exception error) when (error is not ScoringException)
        {
            // Jint reports a cancellation by its own exception type.
            cancellationToken.ThrowIfCancellationRequested();
            throw new ScoringException(MessageFor(error, settings.Timeout), error);
        }
    }

    // No conversion of objects: valueOf() would run script outside the limits.
    private static double ScoreOf(JsValue result) => result switch
    {
        JsBoolean answer => answer == JsBoolean.True ? 1 : 0,
        JsNumber number when number.AsNumber() is >= 0 and <= 1 => number.AsNumber(),
        JsNumber number => throw NoScore(number.AsNumber().ToString(CultureInfo.InvariantCulture)),
        JsString text => throw NoScore($"the string '{Excerpt.Of(text.ToString(), 50)}'"),
        _ => throw NoScore(result.IsUndefined() ? "undefined (is there a return?)" : result.IsNull() ? "null" : "an object"),
    };

    private static ScoringException NoScore(string result) => new($"The script must return a number from 0 to 1; it gave {result}.");

    private static string MessageFor(Exception error, TimeSpan timeout) => error switch
    {
        JavaScriptException thrown => $"The script threw{LineOf(thrown)}: {Excerpt.Of(thrown.Message)}",
        RegexMatchTimeoutException => "A regular expression in the script took too long.",
        TimeoutException => FormattableString.Invariant($"The script worked longer than {timeout.TotalSeconds} s."),
        StatementsCountOverflowException => $"The script executed more than {ScriptSandbox.MaxStatements} statements.",
        MemoryLimitExceededException => $"The script passed a memory limit: {error.Message}",
        RecursionDepthOverflowException => $"The script nested more than {ScriptSandbox.MaxCallDepth} calls.",
        _ => $"The script failed: {error.GetType().Name}: {Excerpt.Of(error.Message)}",
    };

    // An error from a built-in we replaced has a line of the prelude, which says nothing to the script's author.
    private static string LineOf(JavaScriptException thrown) =>
        thrown.Location.SourceFile == ScriptSandbox.SourceName ? $" in line {thrown.Location.Start.Line}" : "";

    private sealed record Settings(Prepared<Acornima.Ast.Script> Script, TimeSpan Timeout)
    {
        public static Settings Read(ScoringSpec spec)
        {
            var settings = new ScoringSettings(spec, Described);
            var script = settings.Text("script")
                ?? throw new InvalidInputException("'custom' needs scoring.script, the body of function (input, expected, actual).");
            return new(ScriptSandbox.Prepare(script), TimeoutOf(settings));
        }

        public static TimeSpan TimeoutOf(ScoringSpec spec) => TimeoutOf(new ScoringSettings(spec, Described));

        private static TimeSpan TimeoutOf(ScoringSettings settings) =>
            settings.Seconds("timeout", TimeSpan.FromSeconds(0.1), TimeSpan.FromSeconds(10)) ?? TimeSpan.FromSeconds(2);
    }
}

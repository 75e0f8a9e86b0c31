using System.Text.Json;
using EvalJobs.Domain;
using EvalJobs.Execution.Scoring;

namespace EvalJobs.Tests.Execution.Scoring;

public sealed class CustomScorerTests
{
    private const double LongestTimeout = 10;

    private static readonly CustomScorer Scorer = new();

    [TestCase("return actual === expected ? 1 : 0.25", 1)]
    [TestCase("return input === 'question'", 1)]
    [TestCase("return actual === 'other'", 0)]
    [TestCase("const hits = actual.match(/r/g).length;\nreturn hits / actual.length // share", 2 / 7.0)]
    [TestCase("'use strict'; function f(n) { return n < 2 ? n : f(n - 1) + f(n - 2) } return f(10) / 100", 0.55)]
    public async Task ScoreAsync_Script_ReturnsTheScore(string script, double value)
    {
        var score = await Scorer.ScoreAsync(Scoring(script), "correct", "correct");

        score.Value.Should().BeApproximately(value, 1e-12);
    }

    [Test]
    public async Task ScoreAsync_NoExpectedOutput_IsNull()
    {
        var score = await Scorer.ScoreAsync(Scoring("return expected === null"), expected: null, "");

        score.Should().Be(Score.Right);
    }

    [Test]
    public async Task ScoreAsync_ScriptThatChangesItsGlobals_DoesNotAffectTheNextCase()
    {
        await Scorer.ScoreAsync(Scoring("Math.max = () => 7; globalThis.seen = 1; Array.prototype.join = null; return 1"), null, "");

        var score = await Scorer.ScoreAsync(Scoring("return typeof seen === 'undefined' && Math.max(1) === 1 && [1].join() === '1'"), null, "");

        score.Should().Be(Score.Right);
    }

    [TestCase("return NaN", "*it gave NaN.")]
    [TestCase("return 1 / 0", "*it gave Infinity.")]
    [TestCase("return 2", "*it gave 2.")]
    [TestCase("return -0.1", "*it gave -0.1.")]
    [TestCase("return 'x'", "*it gave the string 'x'.")]
    [TestCase("1", "*it gave undefined (is there a return?).")]
    [TestCase("return null", "*it gave null.")]
    [TestCase("return { valueOf() { for (;;); } }", "*it gave an object.")]
    [TestCase("return (async () => 1)()", "*it gave an object.")]
    [TestCase("\n\nthrow new Error('boom')", "The script threw in line 3: boom")]
    [TestCase("throw 5", "The script threw in line 1: 5")]
    [TestCase("throw { toString() { for (;;); } }", "The script threw*")]
    [TestCase("const e = new Error(); Object.defineProperty(e, 'message', { get() { for (;;); } }); throw e", "The script*")]
    [TestCase("return nothing.there", "The script threw in line 1: nothing is not defined")]
    public Task ScoreAsync_NoUsableResult_IsUnscored(string script, string message) => ShouldNotBeJudged(script, message);

    [TestCase("while (true) {}", "The script*")]
    [TestCase("for (;;) { try { for (;;); } catch { } finally { } }", "The script*")]
    [TestCase("const a = []; a.length = 4294967295; return a.every(x => 1)", "The script*")]
    [TestCase("let s = 'a'.repeat(1e6), n = 0; for (let i = 0; i < 1e6; i++) n += s.indexOf('a'.repeat(9) + 'b'); return n", "The script*")]
    [TestCase("return /^(a+)+$/.test('a'.repeat(50) + '!')", "A regular expression in the script took too long.")]
    [TestCase("return new RegExp('^(a+)+$', 'u').test('a'.repeat(50) + '!')", "A regular expression in the script took too long.")]
    [TestCase("return new RegExp('\\\\p{L}'.repeat(1e5), 'iu').test('a')", "*at most 1000 characters here")]
    [TestCase("return 'a'.match('('.repeat(5e5) + ')'.repeat(5e5))", "*at most 1000 characters here")]
    [TestCase("let a = [1]; for (let i = 0; i < 40; i++) a = [a, a]; return JSON.stringify(a)", "The script*")]
    [TestCase("let a = [1]; for (let i = 0; i < 40; i++) a = [a, a]; return String(a)", "The script*")]
    [TestCase("let a = [1]; for (let i = 0; i < 40; i++) a = [a, a]; return a.flat(Infinity)", "The script*")]
    public Task ScoreAsync_ScriptWithoutEnd_IsStopped(string script, string message) =>
        ShouldNotBeJudged(script, message, message.StartsWith("The script", StringComparison.Ordinal) ? 1 : LongestTimeout);

    [TestCase("function f() { return f() + 1 } return f()")]
    [TestCase("class A { constructor() { new A() } } new A()")]
    [TestCase("const o = { get x() { return this.x } }; return o.x")]
    [TestCase("const o = { toString() { return '' + o } }; return '' + o")]
    [TestCase("function f() { try { f() } catch { f() } finally { f() } } f()")]
    [TestCase("let a = []; for (let i = 0; i < 1e5; i++) a = [a]; return String(a)")]
    [TestCase("let a = []; for (let i = 0; i < 1e5; i++) a = [a]; return JSON.stringify(a)")]
    [TestCase("let a = []; for (let i = 0; i < 1e5; i++) a = [a]; return a.flat(Infinity)")]
    [TestCase("return JSON.parse('['.repeat(1e5) + ']'.repeat(1e5))")]
    public Task ScoreAsync_DeepRecursion_IsStopped(string script) => ShouldNotBeJudged(script, "The script*");

    [TestCase("let s = 'x'; for (;;) s += s")]
    [TestCase("return 'x'.repeat(2 ** 28)")]
    [TestCase("return 'x'.padEnd(2 ** 28)")]
    [TestCase("return 'x'.padStart(2 ** 28)")]
    [TestCase("const a = []; for (;;) a.push('x'.repeat(1e5))")]
    [TestCase("return Array(1000).fill('x'.repeat(1e6)).join('')")]
    [TestCase("return 'x'.concat(...Array(1000).fill('x'.repeat(1e6)))")]
    [TestCase("return 'a'.repeat(1000).replace(/a/g, 'b'.repeat(1e6))")]
    [TestCase("return 'a'.repeat(1000).replaceAll('a', () => 'b'.repeat(1e6))")]
    [TestCase("return 'a'.repeat(5000).replace(/a/g, \"$'$'$'$'\")")]
    [TestCase("return 'a'.repeat(8e6).match(/a/g)")]
    [TestCase("return JSON.stringify(Array(1000).fill('x'.repeat(1e6)))")]
    [TestCase("return new Array(1e9).fill(0)")]
    [TestCase("let a = [1]; for (;;) a = [...a, ...a]")]
    [TestCase("const m = new Map(); for (let i = 0; ; i++) m.set(i, i)")]
    public Task ScoreAsync_ExcessiveMemory_IsStopped(string script) => ShouldNotBeJudged(script, "The script*memory limit*");

    [TestCase("eval('1')")]
    [TestCase("new Function('return 1')()")]
    [TestCase("(() => 1).constructor('return 1')()")]
    [TestCase("import('fs')")]
    [TestCase("require('fs')")]
    [TestCase("System.IO.File")]
    [TestCase("importNamespace('System')")]
    [TestCase("new ArrayBuffer(2e9)")]
    [TestCase("new Uint8Array(1e9)")]
    [TestCase("BigInt('9'.repeat(5e6))")]
    [TestCase("new Date(0).toTemporalInstant()")]
    [TestCase("new ShadowRealm()")]
    [TestCase("Atomics.pause(1e9)")]
    [TestCase("new Proxy({}, {})")]
    public Task ScoreAsync_BuiltInsMissingInTheSandbox_AreAnError(string script) => ShouldNotBeJudged($"return {script}", "The script*");

    [TestCase("[1, null, undefined, 'x', [2, 3]].join('-')", "1---x-2,3")]
    [TestCase("[1, [2, [3, [4]]]].flat(2).length", "4")]
    [TestCase("JSON.stringify({ a: [1, { b: 'x' }], c: undefined }, null, 1).replace(/\\s/g, '')", """{"a":[1,{"b":"x"}]}""")]
    [TestCase("JSON.stringify({ a: 1, b: 2 }, (key, value) => key === 'a' ? undefined : value)", """{"b":2}""")]
    [TestCase("'John Smith'.replace(/(\\w+)\\s(?<last>\\w+)/, '$<last>, $1 $$ $& $3 $02 $11')", "Smith, John $ John Smith $3 Smith John1")]
    [TestCase("'aXb'.replace('X', \"[$`|$'|$&]\")", "a[a|b|X]b")]
    [TestCase("'a.b.a'.replaceAll('a', '$&$&').replaceAll('.', () => '-')", "aa-b-aa")]
    [TestCase("'x'.repeat(3) + '7'.padStart(3, '0') + '7'.padEnd(2) + 'a'.concat('b', 1)", "xxx0077 ab1")]
    [TestCase("'abc'.match('b').index + 'abc'.search(/c/) + [...'aa'.matchAll(/a/g)].length + 'a,b;c'.split(/[,;]/).length", "8")]
    [TestCase("new RegExp(/x/gi).flags + new RegExp().source + (/q/ instanceof RegExp) + /b(c)/.exec('abc')[1]", "gi(?:)truec")]
    public async Task ScoreAsync_ReplacedBuiltIns_BehaveAsTheOriginals(string expression, string result)
    {
        var score = await Scorer.ScoreAsync(Scoring($"const got = String({expression}); if (got !== expected) throw got; return 1"), result, "");

        score.Should().Be(Score.Right);
    }

    [Test, CancelAfter(300_000)]
    public async Task ScoreAsync_Cancelled_Stops(CancellationToken guard)
    {
        using var cancelling = CancellationTokenSource.CreateLinkedTokenSource(guard);
        cancelling.CancelAfter(TimeSpan.FromMilliseconds(200));

        // Work that reaches no other limit within its ten seconds.
        const string Script = "const a = []; a.length = 4294967295; return a.every(x => 1)";
        var scoring = () => Task.Run(() => Scorer.ScoreAsync(Scoring(Script, timeout: 10), null, "", cancelling.Token), guard);

        await scoring.Should().ThrowAsync<OperationCanceledException>();
        guard.IsCancellationRequested.Should().BeFalse();
    }

    [TestCase("return 1", null)]
    [TestCase("return 1", 0.1)]
    [TestCase("return 1", 10)]
    public void Validate_ValidSettings_AreAccepted(string script, double? timeout) =>
        Scorer.Validating(Scoring(script, timeout), expected: null).Should().NotThrow();

    [TestCase("let a = 1;\nreturn (a", "scoring.script is not JavaScript: line 2: Unexpected end of input")]
    [TestCase("let input = 1", "scoring.script is not JavaScript: line 1: Identifier 'input' has already been declared")]
    [TestCase("}); (function () { return 1", "scoring.script is not JavaScript: line 1: Unexpected token '}'")]
    [TestCase("\nreturn Number(2n)", "scoring.script has a BigInt, which is not there (line 2).")]
    [TestCase("return `${1}${2}${3}${4}${5}${6}${7}${8}${9}${10}${11}`", "scoring.script has a template literal with more than 10 values (line 1).")]
    public void Validate_InvalidScript_IsRejected(string script, string message) =>
        Scorer.Validating(Scoring(script), expected: null).Should().Throw<InvalidInputException>().WithMessage(message);

    [TestCase('(', ')')]
    [TestCase('[', ']')]
    [TestCase('{', '}')]
    public void Validate_DeeplyNestedScript_IsRejected(char open, char close) =>
        Scorer.Validating(Scoring($"{new string(open, 9_000)}{new string(close, 9_000)}"), null)
            .Should().Throw<InvalidInputException>("a stack overflow would end the server");

    [TestCase("""{"type":"custom"}""", "'custom' needs scoring.script*")]
    [TestCase("""{"type":"custom","script":7}""", "scoring.script (7) must be a string that is not empty.")]
    [TestCase("""{"type":"custom","script":"return 1","timeout":11}""", "scoring.timeout (11) must be a number of seconds from 0.1 to 10.")]
    [TestCase("""{"type":"custom","script":"return 1","timeout":"2"}""", "scoring.timeout (\"2\") must be a number of seconds from 0.1 to 10.")]
    public void Validate_WrongSettings_AreRejected(string scoring, string message) =>
        Scorer.Validating(scoring, expected: null).Should().Throw<InvalidInputException>().WithMessage(message);

    [Test]
    public void Validate_ScriptTooLong_IsRejected() =>
        Scorer.Validating(Scoring(new string(' ', 20_001)), null).Should().Throw<InvalidInputException>().WithMessage("*at most 20000 are allowed.");

    private static async Task ShouldNotBeJudged(string script, string message, double timeout = LongestTimeout)
    {
        // Only prevents a test without end: on a busy machine a built-in may exceed its time by much.
        using var guard = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        var scoring = () => Task.Run(() => Scorer.ScoreAsync(Scoring(script, timeout), null, "", guard.Token)).WaitAsync(guard.Token);

        await scoring.Should().ThrowAsync<ScoringException>().WithMessage(message);
    }

    /// <summary>With the longest timeout: the limit under test must be reached before the timeout, even on a busy machine.</summary>
    private static string Scoring(string script, double? timeout = LongestTimeout) =>
        timeout is null
            ? JsonSerializer.Serialize(new { type = "custom", script })
            : JsonSerializer.Serialize(new { type = "custom", script, timeout });
}

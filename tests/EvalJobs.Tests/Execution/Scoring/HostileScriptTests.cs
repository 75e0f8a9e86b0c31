using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using EvalJobs.Domain;
using EvalJobs.Execution.Scoring;
using EvalJobs.Execution.Scoring.Processes;
using Microsoft.Extensions.Logging.Abstractions;

namespace EvalJobs.Tests.Execution.Scoring;

/// <summary>
/// Scripts made from every built-in a script can reach, with huge lengths, sparse arrays and deep chains, against real scorer processes.
/// Each script returns 0, so any other score would be wrong.
/// </summary>
[Category("Hostile"), NonParallelizable]
public sealed class HostileScriptTests
{
    private const int Scripts = 520;
    private const int Seed = 20_261_129;

    private static readonly string[] Owners =
    [
        "Array.prototype", "Array", "String.prototype", "String", "RegExp.prototype", "RegExp", "Object", "Object.prototype", "JSON", "Math", "Number",
        "Number.prototype", "Map.prototype", "Set.prototype", "Map", "Date", "Date.prototype", "Symbol", "Symbol.prototype", "Function.prototype",
        "Error", "Error.prototype", "Object.getPrototypeOf([].values())", "Object.getPrototypeOf(Object.getPrototypeOf([].values()))",
        "Object.getPrototypeOf('a'.matchAll(/a/g))", "Object.getPrototypeOf(function*(){}())", "globalThis",
    ];

    private static readonly string[] Things =
    [
        "(() => { const a = []; a.length = 4294967295; return a })()", "[1].values()", "new Set([1, 2]).values()", "new Map([[1, 2]]).entries()",
        "'ab'.repeat(500000)", "{ length: 9007199254740991 }", "{ length: 4294967295, 0: 1, 4294967294: 2 }", "new Array(1000000).fill('x')",
        "(() => { let a = []; for (let i = 0; i < 5000; i++) a = [a]; return a })()", "(() => { const a = [1]; a.push(a); return a })()",
        "(() => { const f = () => f; f.valueOf = f.toString = () => 'x'; return f })()", "/(a*)*b/g", "new Date(8.64e15)", "1e308", "'a'.repeat(30) + '!'",
        "(function*() { while (true) yield 1 })()", "Object.create(Array.prototype, { length: { get: () => 4294967295 } })",
    ];

    private static readonly string[] Arguments =
    [
        "", "0", "4294967295", "9007199254740991", "-1, 9007199254740991", "x => x", "x => [x, x]", "(x, y) => x", "/(a+)+$/", "'', 'xxxxxxxxxx'", "thing", "thing, thing, thing",
        "1e9, 'ab'", "undefined", "[thing]", "(a, b) => { while (true); }",
    ];

    [Test, CancelAfter(900_000)]
    public async Task ScoreAsync_EveryBuiltIn_AffectsOnlyItsCase(CancellationToken cancellationToken)
    {
        using var pool = new ScorerProcessPool(new ScoringOptions { Processes = 4, ProcessMemoryMegabytes = 128 }, NullLogger<ScorerProcessPool>.Instance);
        var random = new Random(Seed);
        var scripts = Enumerable.Range(0, Scripts).Select(number => Script(random, number)).ToList();
        var processes = new ConcurrentDictionary<int, bool>();
        var invented = new ConcurrentBag<string>();
        var (scored, unscored) = (0, 0);

        await Parallel.ForEachAsync(scripts.Index(), new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancellationToken }, async (each, token) =>
        {
            var spec = ScoringSpec.Parse(JsonSerializer.Serialize(new { type = "custom", script = each.Item, timeout = 0.1 }));
            var tenant = string.Create(CultureInfo.InvariantCulture, $"tenant-{each.Index % 4}");
            try
            {
                var score = await pool.ScoreAsync(new ScoringRequest(spec, "q", null, "a", tenant), TimeSpan.FromSeconds(0.5), token);
                Interlocked.Increment(ref scored);
                if (score.Value != 0)
                    invented.Add($"{score}: {each.Item}");
            }
            catch (Exception error) when (error is ScoringException or InvalidInputException)
            {
                Interlocked.Increment(ref unscored);
            }
            foreach (var id in pool.ProcessIds)
                processes[id] = true;
        });

        invented.Should().BeEmpty();
        (scored + unscored).Should().Be(Scripts);
        unscored.Should().BePositive("the scripts are hostile");
        var alive = pool.ProcessIds;
        processes.Keys.Except(alive).Where(ScorerProcessTests.IsScorerProcess).Should().BeEmpty("a process that reached its deadline has ended and uses no processor time");
        await AssertIdleAsync(alive, cancellationToken);

        var right = await pool.ScoreAsync(
            new ScoringRequest(ScoringSpec.Parse("""{"type":"custom","script":"return 1"}"""), "q", null, "a", "healthy"), TimeSpan.FromSeconds(30), cancellationToken);
        right.Should().Be(Score.Right);

        pool.Dispose();
        processes.Keys.Where(ScorerProcessTests.IsScorerProcess).Should().BeEmpty();
    }

    private static string Script(Random random, int number)
    {
        var owner = Owners[number % Owners.Length];
        var thing = Things[random.Next(Things.Length)];
        var arguments = Arguments[random.Next(Arguments.Length)];
        var depth = ((int[])[1, 3, 50_000])[random.Next(3)];
        return string.Create(CultureInfo.InvariantCulture, $$"""
            const owner = {{owner}};
            const names = Object.getOwnPropertyNames(owner).concat(Object.getOwnPropertySymbols(owner));
            const name = names[{{number / Owners.Length * 7919 + random.Next(1000)}} % names.length];
            let thing = {{thing}};
            for (let i = 0; i < {{depth}}; i++) {
              let made;
              try {
                const own = owner === globalThis || typeof owner === 'function' || owner === JSON || owner === Math;
                made = own ? owner[name]({{(arguments.Length == 0 ? "thing" : $"thing, {arguments}")}}) : owner[name].apply(thing, [{{arguments}}]);
              } catch (error) {
                if (i === 0 && error instanceof TypeError) return 0;
                break;
              }
              if (typeof made === 'object' && made !== null) thing = made;
            }
            try { if (thing && thing.next) thing.next(); String(thing).length; JSON.stringify(thing); } catch (error) { }
            return 0;
            """);
    }

    // Uses the state that the system reports, not the time: no thread of a process runs while it waits for work.
    private static async Task AssertIdleAsync(IReadOnlyCollection<int> processes, CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux())
            return;
        foreach (var id in processes)
        {
            while (ThreadsOf(id).Any(thread => StateOf(thread) == 'R'))
                await Task.Delay(20, cancellationToken);
        }
    }

    // Empty after the process has ended: the caller of the last case gets its result before the process has ended.
    private static string[] ThreadsOf(int id)
    {
        try
        {
            return Directory.GetDirectories($"/proc/{id}/task");
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    private static char StateOf(string thread)
    {
        try
        {
            var stat = File.ReadAllText(Path.Combine(thread, "stat"));
            return stat[stat.LastIndexOf(')') + 2];
        }
        catch (IOException)
        {
            return 'X';
        }
    }
}

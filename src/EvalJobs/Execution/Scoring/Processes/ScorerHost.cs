using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using EvalJobs.Domain;

namespace EvalJobs.Execution.Scoring.Processes;

/// <summary>
/// The work of a scorer process: reads requests from standard input, judges one at a time, writes the replies to standard output.
/// Called by the program EvalJobs.ScorerHost. It has only scorers: no configuration, no database, no network.
/// </summary>
internal static class ScorerHost
{
    // Scripts and schemas nest; the limits inside the process end them long before this much stack is used.
    private const int StackSize = 16 * 1024 * 1024;

    private static readonly Dictionary<string, IScorer> Scorers = new IScorer[]
    {
        new ContainsScorer(), new CustomScorer(), new JsonScorer(), new NumericScorer(), new RegexScorer(), new SimilarityScorer(),
    }.ToDictionary(scorer => scorer.Name, StringComparer.Ordinal);

    private static readonly ScoringSpecCache Specs = new(16);

    /// <summary>Works until standard input ends, because the server closed it or ended.</summary>
    [SuppressMessage("Performance", "CA1811", Justification = "Called by EvalJobs.ScorerHost, which cannot reference this library.")]
    public static void Run()
    {
        using var input = new BufferedStream(Console.OpenStandardInput());
        using var output = Console.OpenStandardOutput();
        using var arrived = new AutoResetEvent(false);
        ScorerRequest? request = null;

        var worker = new Thread(() => Work(output, arrived, () => request!), StackSize) { IsBackground = true };
        worker.Start();

        // The server sends a request when it has the reply to the one before. An event, because waiting for a semaphore burns processor time first.
        // This thread does nothing but read, so that it notices at once when the server has ended, even while the scorer works.
        while ((request = ScorerMessages.ReadRequest(input)) is not null)
            arrived.Set();

        // The process exits at once, because a script may block the other thread.
        Process.GetCurrentProcess().Kill();
    }

    private static void Work(Stream output, AutoResetEvent arrived, Func<ScorerRequest> next)
    {
        while (true)
        {
            arrived.WaitOne();
            var request = next();
            if (request.Task == ScorerTask.WarmUp)
                WarmUp(request.Scoring);
            Send(output, new ScorerReply(ScorerReplyKind.Ready, 0, null));
            if (request.Task != ScorerTask.WarmUp)
                Send(output, Handle(request));
        }
    }

    /// <summary>What must be compiled first is compiled here, so that it does not count against the time of a case.</summary>
    private static void WarmUp(string type)
    {
        var scoring = type switch
        {
            "custom" => """{"type":"custom","script":"const words = actual.split(/\\s+/).filter(word => word); return words.length === 1 ? 1 : 0"}""",
            "json" => """{"type":"json","schema":{"type":"object","properties":{"a":{"type":"string","pattern":"a"}}}}""",
            "numeric" => """{"type":"numeric","extract":"(a+)b"}""",
            "regex" => """{"type":"regex","pattern":"(a+)b"}""",
            _ => null,
        };
        if (scoring is not null)
            Handle(new ScorerRequest(ScorerTask.Score, scoring, "", "1", "{\"a\":1}"));
    }

    private static void Send(Stream output, ScorerReply reply)
    {
        output.Write(ScorerMessages.Encode(reply));
        output.Flush();
    }

    private static ScorerReply Handle(ScorerRequest request)
    {
        try
        {
            var spec = Specs.Get(request.Scoring);
            var scorer = Scorers.GetValueOrDefault(spec.Type)
                ?? throw new InvalidInputException($"The scorer '{spec.Type}' does not run in a scorer process.");
            if (request.Task == ScorerTask.Check)
            {
                scorer.Validate(spec, request.Expected);
                return new(ScorerReplyKind.Done, 0, null);
            }

            var score = scorer.ScoreAsync(new ScoringRequest(spec, request.Input, request.Expected, request.Actual, ""), CancellationToken.None)
                .AsTask().GetAwaiter().GetResult();
            return new(ScorerReplyKind.Done, score.Value, score.Remark);
        }
        catch (ScoringException error)
        {
            return new(ScorerReplyKind.CannotJudge, 0, Cut(error.Message));
        }
        catch (InvalidInputException error)
        {
            return new(ScorerReplyKind.WrongSettings, 0, Cut(error.Message));
        }
        catch (Exception error)
        {
            return new(ScorerReplyKind.Failed, 0, Cut(error is OutOfMemoryException ? "The scorer ran out of memory." : $"{error.GetType().Name}: {error.Message}"));
        }
    }

    private static string Cut(string message) => message.Length <= 2000 ? message : message[..2000];
}

using System.Collections.Concurrent;
using System.Globalization;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace EvalJobs.Tests.Crash;

/// <summary>
/// The agent of all tenants of the farm. It records which server asked what, and answers after a short delay. Each answer contains the
/// number of its request.
/// </summary>
public sealed class FarmAgent : IAsyncDisposable
{
    private readonly ConcurrentQueue<Ask> _asks = new();
    private TestAgentServer _server = null!;
    private int _askCount;

    private readonly Func<string, Task> _killAsker;

    private FarmAgent(Func<string, Task> killAsker) => _killAsker = killAsker;

    /// <summary>All questions it was asked, in order.</summary>
    public IEnumerable<Ask> Asks => _asks;

    /// <param name="killAsker">Kills the server of this name; called for a question of the killer tenant.</param>
    public static async Task<FarmAgent> StartAsync(Func<string, Task> killAsker)
    {
        var agent = new FarmAgent(killAsker);
        agent._server = await TestAgentServer.StartAsync(agent.AnswerAsync);
        return agent;
    }

    /// <returns>The id of the <see cref="Ask"/> that this was the answer to.</returns>
    public static int AskingOf(string answer) => int.Parse(answer.AsSpan(answer.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture);

    /// <returns>A genome whose questions name the tenant, the run and, by a secret of the server, the server that asks.</returns>
    public Genome Genome(Tenant tenant, long runId) => Some.Genome(
        $$$"""{"type":"http","url":"{{{_server.Url}}}{{{tenant.Slug}}}/{{{runId}}}","replyPath":"reply","headers":{"X-Life":"{{secret:life}}"}}""");

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task AnswerAsync(HttpContext context, RecordedRequest request)
    {
        var parts = request.PathAndQuery.Split('/');
        var question = Behave.Question(request);
        var id = Interlocked.Increment(ref _askCount);
        _asks.Enqueue(new Ask(id, parts[1], long.Parse(parts[2], CultureInfo.InvariantCulture), question, request.Headers["X-Life"], DateTimeOffset.UtcNow));
        if (parts[1] == ServerFarm.KillerTenant)
        {
            await _killAsker(request.Headers["X-Life"]);
            return;
        }

        await Task.Delay(Random.Shared.Next(10, 30), context.RequestAborted);

        var behaviour = parts[1] == ServerFarm.PoisonedTenant
            ? Behave.Status(500, "poisoned")
            : Behave.Json($$"""{"reply":"{{question.Replace("question", "answer", StringComparison.Ordinal)}}, asking {{id}}"}""");
        await behaviour(context, request);
    }
}

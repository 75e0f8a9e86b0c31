using EvalJobs.Execution.Agents;
using EvalJobs.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace EvalJobs.Tests.Execution.Agents;

/// <summary>When a request is retried, and the error when it is not.</summary>
public sealed class HttpRetryTests
{
    private TestAgentServer _server = null!;

    [SetUp]
    public async Task SetUp() => _server = await TestAgentServer.StartAsync();

    [TearDown]
    public async Task TearDown() => await _server.DisposeAsync();

    [TestCase("86400")]
    [TestCase("Fri, 31 Dec 9999 23:59:59 GMT")]
    public async Task Ask_RetryAfterLongerThanTheLimit_FailsAtOnceWithTheProvidersText(string retryAfter)
    {
        _server.Reply(Behave.Status(429, """{"error":{"message":"You exceeded your current quota"}}""", ("Retry-After", retryAfter)));
        await using var host = Host();

        var asking = () => host.AskAsync(Genome());

        (await asking.Should().ThrowAsync<AgentCallException>().WithMessage("HTTP 429*Retry-After*exceeded your current quota*")).Which.IsTransient.Should().BeTrue();
        _server.Requests.Should().HaveCount(1);
    }

    [Test]
    public async Task Ask_RetryAfterLongerThanTheCasesTime_FailsAtOnce()
    {
        _server.Reply(Behave.TooManyRequests(retryAfterSeconds: 11));
        await using var host = Host();
        using var clock = new CaseClock(TimeSpan.FromSeconds(10), new FakeTimeProvider(), CancellationToken.None);

        var asking = () => AskAsync(host, clock);

        await asking.Should().ThrowAsync<AgentCallException>().WithMessage("HTTP 429*slow down*");
        _server.Requests.Should().HaveCount(1);
    }

    [Test]
    public async Task Ask_QuotaUsedUp_IsNotRetried()
    {
        _server.Reply(Behave.Status(429, """{"error":{"message":"You exceeded your current quota","code": "insufficient_quota"}}"""));
        await using var host = Host();

        var asking = () => host.AskAsync(Genome());

        await asking.Should().ThrowAsync<AgentCallException>().WithMessage("HTTP 429*insufficient_quota*");
        _server.Requests.Should().HaveCount(1);
    }

    [Test]
    public async Task Ask_RateLimitOfABusyEndpoint_IsRetriedUntilItAnswers()
    {
        // The endpoint rejects one caller and answers the other in between, so it is busy, not failing. When the other's second next question arrives, its last answer has been received.
        var others = 0;
        var rejections = 0;
        _server.Reply(async (context, request) =>
        {
            if (!request.Body.Contains("unlucky", StringComparison.Ordinal))
            {
                Interlocked.Increment(ref others);
            }
            else if (Interlocked.Increment(ref rejections) <= 6)
            {
                var seen = Volatile.Read(ref others);
                await Wait.UntilAsync(() => Volatile.Read(ref others) >= seen + 2, "two further questions of the other");
                await Behave.TooManyRequests(0)(context, request);
                return;
            }
            await Behave.Json("""{"reply":"ok"}""")(context, request);
        });
        await using var host = new AgentTestHost(AgentTestHost.Allowing(_server) with { MaxRetries = 2 });
        await using var client = host.Client(Genome());
        using var stop = new CancellationTokenSource();
        var asking = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
                await client.AskAsync(new AgentQuestion("other", "c"), CancellationToken.None);
        });

        AgentReply reply;
        try
        {
            using var clock = new CaseClock(TimeSpan.FromMinutes(5), TimeProvider.System, CancellationToken.None);
            reply = await client.AskAsync(new AgentQuestion("unlucky", "c") { Clock = clock }, CancellationToken.None);
        }
        finally
        {
            await stop.CancelAsync();
            await asking;
        }

        reply.Output.Should().Contain("ok");
        rejections.Should().Be(7);
    }

    [Test]
    public async Task Ask_RateLimitOfAnEndpointThatNeverAnswers_CountsAsRetries()
    {
        _server.Reply(Behave.TooManyRequests(0));
        await using var host = Host();

        var asking = () => host.AskAsync(Genome());

        await asking.Should().ThrowAsync<AgentCallException>().WithMessage("HTTP 429*slow down*");
        _server.Requests.Should().HaveCount(4);
    }

    [Test]
    public async Task Ask_WaitForARateLimit_PausesTheCasesClock()
    {
        _server.ReplyInOrder(Behave.TooManyRequests(1));
        _server.Reply(Behave.Never());
        await using var host = Host();
        var time = new FakeTimeProvider();
        using var clock = new CaseClock(TimeSpan.FromSeconds(10), time, CancellationToken.None);

        var asking = AskAsync(host, clock);
        await Wait.UntilAsync(() => clock.LastFailure is not null, "the rejection");
        time.Advance(TimeSpan.FromHours(1));
        clock.IsExpired.Should().BeFalse("the endpoint requested the wait");
        await _server.WaitForRequestsAsync(2);
        time.Advance(TimeSpan.FromSeconds(10));

        await FluentActions.Awaiting(() => asking).Should().ThrowAsync<OperationCanceledException>();
        clock.IsExpired.Should().BeTrue();
        clock.LastFailure.Should().Contain("HTTP 429").And.Contain("slow down");
    }

    private static async Task<AgentReply> AskAsync(AgentTestHost host, CaseClock clock, string genome)
    {
        await using var client = host.Client(genome);
        return await client.AskAsync(new AgentQuestion("2+2?", "case-1") { Clock = clock }, clock.Token);
    }

    private Task<AgentReply> AskAsync(AgentTestHost host, CaseClock clock) => AskAsync(host, clock, Genome());

    private AgentTestHost Host() => new(AgentTestHost.Allowing(_server));

    private string Genome() => $$$"""{"target":{"type":"http","url":"{{{_server.Url}}}"}}""";
}

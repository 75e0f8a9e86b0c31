using System.Collections.Concurrent;
using System.Net.Http.Headers;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Api;

/// <summary>Sends twenty thousand hostile requests, made from the OpenAPI document. Each gets a valid answer, and none stores something in part.</summary>
[Category("Hostile"), NonParallelizable]
public sealed class HostileApiTests
{
    private const int Requests = 20_000;
    private const int Callers = 8;
    private const int Seed = 20_260;

    [Test]
    public async Task Requests_OfAllKinds_AreAnsweredWithoutAServerErrorAndStoreNothingInPart()
    {
        await using var server = await RunningServer.StartAsync(("Api:RequestsPerSecond", "100000"), ("Api:Burst", "1000000"));
        var data = await ApiTestData.AddAsync(server);
        var secrets = new[] { (await server.KeyAsync(ApiKeyRole.Operator, data.Acme)).Secret.Text, (await server.KeyAsync(ApiKeyRole.Viewer, data.Acme)).Secret.Text };
        using var anonymous = server.Program(null);
        var document = (await anonymous.GetReplyAsync("openapi.json")).Json;
        var ids = new Dictionary<string, long[]>(StringComparer.Ordinal) { ["runs"] = [1, 2], ["versions"] = [1, 2], ["suites"] = [1, 2], ["schedules"] = [1, 2] };
        var globexBefore = await GlobexAsync(server, data);
        var failures = new ConcurrentBag<string>();
        var statuses = new ConcurrentDictionary<int, int>();
        var operations = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);

        await Parallel.ForEachAsync(Enumerable.Range(0, Callers), new ParallelOptions { MaxDegreeOfParallelism = Callers }, async (caller, _) =>
        {
            var hostile = new HostileRequests(document, new Random(Seed + caller), ids);
            using var http = server.Program(null);
            for (var at = 0; at < Requests / Callers; at++)
            {
                var (request, operation) = hostile.Next();
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secrets[at % 10 == 0 ? 1 : 0]);
                using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, CancellationToken.None);
                var status = (int)answer.StatusCode;
                statuses.AddOrUpdate(status, 1, (_, count) => count + 1);
                operations.AddOrUpdate(operation, 1, (_, count) => count + 1);

                // The event stream of a running run would not end.
                if (answer.Content.Headers.ContentType?.MediaType == "text/event-stream")
                    continue;
                var text = await answer.Content.ReadAsStringAsync(CancellationToken.None);
                // The web server itself answers an invalid address with an empty 400.
                if (status >= 500 || text.Contains("   at ", StringComparison.Ordinal) || text.Contains("Exception", StringComparison.Ordinal) || text.Contains("EvalJobs.", StringComparison.Ordinal))
                    failures.Add($"{request.Method} {request.RequestUri} ({operation}): {status} {text[..Math.Min(text.Length, 400)]}");
                else if (status >= 400 && (status, text.Length) != (400, 0) && answer.Content.Headers.ContentType?.MediaType != "application/problem+json")
                    failures.Add($"{request.Method} {request.RequestUri} ({operation}): {status} without a problem: {answer.Content.Headers.ContentType} {text}");
            }
        });

        TestContext.Out.WriteLine(string.Join(", ", statuses.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key}: {pair.Value}")));
        failures.Take(20).Should().BeEmpty("of {0} failures", failures.Count);
        operations.Keys.Should().BeEquivalentTo(ApiTestData.Endpoints(server).Select(ApiTestData.Name), "every operation gets enough requests");
        statuses.Keys.Should().Contain([200, 201, 400, 403, 404, 409, 415]);
        (await Invariants.CheckAsync(server.Database)).Should().BeEmpty();
        (await server.Database.ScalarAsync<int>("SELECT COUNT(*) FROM EvaluationSuite s WHERE s.Revision > 0 AND NOT EXISTS (SELECT 1 FROM TestCase c WHERE c.SuiteId = s.Id AND c.Revision = s.Revision)"))
            .Should().Be(0, "a suite is stored with its cases or not at all");
        (await server.Database.ScalarAsync<int>("SELECT COUNT(*) FROM EvaluationSuite WHERE Revision = 0")).Should().Be(0);
        (await GlobexAsync(server, data)).Should().Be(globexBefore, "another tenant's");
    }

    private static Task<string> GlobexAsync(RunningServer server, ApiTestData data) => server.Database.ScalarAsync<string>(
        """
        SELECT (SELECT COUNT(*) || '/' || MAX(Status) || '/' || SUM(Priority) FROM EvaluationRun WHERE TenantId = @Id) || (SELECT COUNT(*) || MAX(EvalStatus) FROM AgentVersion WHERE TenantId = @Id)
            || (SELECT COUNT(*) || '/' || MAX(Revision) FROM EvaluationSuite WHERE TenantId = @Id) || (SELECT COUNT(*) FROM ChangeRecord WHERE TenantId = @Id)
        """,
        new { data.Globex.Id });
}

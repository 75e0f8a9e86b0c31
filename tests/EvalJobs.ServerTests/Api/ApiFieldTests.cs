using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Api;

/// <summary>Every rejection of the API names the wrong field, parameter or header in a form that programs can read.</summary>
public sealed class ApiFieldTests
{
    private RunningServer _server = null!;
    private HttpClient _admin = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _server = await RunningServer.StartAsync(("Api:RequestsPerSecond", "100000"), ("Api:Burst", "100000"));
        await ApiTestData.AddAsync(_server);
        _admin = await _server.ProgramAsync(ApiKeyRole.Admin);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _admin.Dispose();
        await _server.DisposeAsync();
    }

    [TestCase("POST", "tenants", """{"slug":"Not A Slug"}""", "slug")]
    [TestCase("POST", "tenants", """{"slug":"new","name":" "}""", "name")]
    [TestCase("POST", "tenants", """{"slug":"new","name":"a\nb"}""", "name")]
    [TestCase("POST", "tenants", """{"slug":"new","batchLimit":0}""", "batchLimit")]
    [TestCase("POST", "tenants", """{"slug":"new","pendingWarningThreshold":-1}""", "pendingWarningThreshold")]
    [TestCase("POST", "tenants", """{"slug":"new","workerPool":"GPU"}""", "workerPool")]
    [TestCase("PUT", "tenants/acme/limits", """{"batchLimit":1001}""", "batchLimit")]
    [TestCase("PUT", "tenants/acme/limits", """{"workerPool":"maintenance"}""", "workerPool")]
    [TestCase("POST", "versions", """{"agent":"a","label":"1","genome":{"target":{"type":"http","url":"http://127.0.0.1/"}}}""", "tenant")]
    [TestCase("POST", "versions", """{"tenant":"acme","agent":" a","label":"1","genome":{"target":{"type":"http","url":"http://127.0.0.1/"}}}""", "agent")]
    [TestCase("POST", "versions", """{"tenant":"acme","agent":"a","label":"1\n","genome":{"target":{"type":"http","url":"http://127.0.0.1/"}}}""", "label")]
    [TestCase("POST", "versions", """{"tenant":"acme","agent":"a","label":"1","genome":{}}""", "genome")]
    [TestCase("POST", "versions", """{"tenant":"acme","agent":"a","label":"1","genome":{"target":{"type":"carrier-pigeon"}}}""", "genome")]
    [TestCase("POST", "versions", """{"tenant":"acme","agent":"a","label":"1","state":"APPROVED","genome":{"target":{"type":"http","url":"http://127.0.0.1/"}}}""", "state")]
    [TestCase("POST", "versions", """{"tenant":"acme","agent":"a","label":"1","suiteId":{suite},"genome":{"target":{"type":"http","url":"http://127.0.0.1/"}}}""", "suiteId")]
    [TestCase("POST", "runs", """{"versionId":{version},"priority":5000}""", "priority")]
    [TestCase("PUT", "runs/{run}/priority", """{"priority":5000}""", "priority")]
    [TestCase("POST", "runs/{run}/void", """{"reason":""}""", "reason")]
    [TestCase("POST", "runs/{run}/acknowledge", """{"note":"{long}"}""", "note")]
    [TestCase("POST", "runs/{run}/retry?errored=perhaps", null, "errored")]
    [TestCase("POST", "runs/bulk", """{"change":"RETRY","filter":{"tenant":"acme"},"limit":0}""", "limit")]
    [TestCase("POST", "runs/bulk", """{"change":"PRIORITY","filter":{"tenant":"acme"}}""", "priority")]
    [TestCase("POST", "runs/bulk", """{"change":"PRIORITY","priority":5000,"filter":{"tenant":"acme"}}""", "priority")]
    [TestCase("POST", "runs/bulk", """{"change":"RETRY","filter":{"tenant":"acme","status":"PENDING"}}""", "filter.status")]
    [TestCase("POST", "schedules", """{"suiteId":{suite},"agent":"agent","cron":"61 * * * *"}""", "cron")]
    [TestCase("POST", "schedules", """{"suiteId":{suite},"agent":"agent","cron":"0 2 * * *","priority":5000}""", "priority")]
    [TestCase("POST", "schedules", """{"suiteId":{suite},"agent":"agent","cron":"0 2 * * *","timeZone":"Mars"}""", "timeZone")]
    [TestCase("POST", "schedules", """{"suiteId":{suite},"agent":" ","cron":"0 2 * * *"}""", "agent")]
    [TestCase("PATCH", "suites/{suite}", """{"name":" "}""", "name")]
    [TestCase("PATCH", "suites/{suite}", """{"passThreshold":1.5}""", "passThreshold")]
    [TestCase("POST", "suites?tenant=acme", """[{"input":"a","expected":"b"}]""", "name")]
    [TestCase("POST", "suites?tenant=acme&name=x&passThreshold=2", """[{"input":"a","expected":"b"}]""", "passThreshold")]
    [TestCase("POST", "suites/{suite}/revisions?name=other", """[{"input":"a","expected":"b"}]""", "name")]
    [TestCase("GET", "suites/{suite}/cases?revision=99", null, "revision")]
    [TestCase("POST", "policies", """{"tenant":"acme","agent":" a","document":{"requirements":[{"suite":"suite","rule":"rate"}]}}""", "agent")]
    [TestCase("POST", "policies", """{"tenant":"acme","document":{"requirements":[]}}""", "requirements")]
    [TestCase("POST", "keys", """{"name":"no spaces","tenant":"acme","role":"VIEWER"}""", "name")]
    [TestCase("POST", "keys", """{"name":"ci","role":"VIEWER"}""", "tenant")]
    [TestCase("POST", "keys", """{"name":"ci","tenant":"acme","role":"VIEWER","days":0}""", "days")]
    [TestCase("POST", "jobs/process-evaluations/pause", """{"reason":" "}""", "reason")]
    [TestCase("GET", "runs?limit=501", null, "limit")]
    [TestCase("GET", "runs?cursor=x", null, "cursor")]
    [TestCase("GET", "runs?status=GONE", null, "status")]
    [TestCase("GET", "runs?format=pdf", null, "format")]
    [TestCase("GET", "tenants?cursor=Not A Slug", null, "cursor")]
    [TestCase("GET", "audit?entityId=1", null, "entityId")]
    [TestCase("GET", "schedules?suiteId={suite}", null, "tenant")]
    public async Task Request_OneFieldIsWrong_IsNamed(string method, string path, string? body, string field)
    {
        var reply = await _admin.SendAsync(new HttpMethod(method), await FilledAsync(path), body is null ? null : await FilledAsync(body));

        reply.Status.Should().Be(400, reply.Text);
        reply.Json.TryGetProperty("field", out var named).Should().BeTrue(reply.Text);
        named.GetString().Should().Be(field, reply.Text);
    }

    [Test]
    public async Task Body_Compressed_Is415WithTheAcceptedEncodings()
    {
        foreach (var (path, coding) in new[] { ("runs", "gzip"), ("suites?tenant=acme&name=packed", "br"), ("runs/bulk", "identity, gzip") })
        {
            using var packed = new MemoryStream();
            await using (var gzip = new GZipStream(packed, CompressionMode.Compress, leaveOpen: true))
                await gzip.WriteAsync(Encoding.UTF8.GetBytes("""[{"input":"a","expected":"b"}]"""));
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/api/v1/{path}", UriKind.Relative)) { Content = new ByteArrayContent(packed.ToArray()) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            request.Content.Headers.TryAddWithoutValidation("Content-Encoding", coding);

            using var answer = await _admin.SendAsync(request);

            ((int)answer.StatusCode, answer.Headers.TryGetValues("Accept-Encoding", out var taken) ? string.Join(',', taken) : null).Should().Be((415, "identity"));
            (await answer.Content.ReadAsStringAsync()).Should().Contain("\"field\":\"Content-Encoding\"");
        }
    }

    [Test]
    public async Task Body_OfTheIdentityEncoding_IsAccepted()
    {
        using var content = new StringContent("""[{"input":"a","expected":"b"}]""", Encoding.UTF8, "application/json");
        content.Headers.TryAddWithoutValidation("Content-Encoding", "identity");

        using var answer = await _admin.PostAsync("/api/v1/suites?tenant=acme&name=plain", content);

        ((int)answer.StatusCode).Should().Be(201);
    }

    private async Task<string> FilledAsync(string text)
    {
        var run = await _server.Database.ScalarAsync<long>("SELECT MAX(r.Id) FROM EvaluationRun r JOIN Tenant t ON t.Id = r.TenantId WHERE t.Slug = 'acme'");
        var suite = await _server.Database.ScalarAsync<long>("SELECT SuiteId FROM EvaluationRun WHERE Id = @Id", new { Id = run });
        var version = await _server.Database.ScalarAsync<long>("SELECT VersionId FROM EvaluationRun WHERE Id = @Id", new { Id = run });
        return text.Replace("{run}", $"{run}", StringComparison.Ordinal).Replace("{suite}", $"{suite}", StringComparison.Ordinal)
            .Replace("{version}", $"{version}", StringComparison.Ordinal).Replace("{long}", new string('x', 1001), StringComparison.Ordinal);
    }
}

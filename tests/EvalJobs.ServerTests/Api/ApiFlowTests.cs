using System.Text.Json;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Api;

/// <summary>A team's pipeline over HTTP, from an empty server to a promoted version, and the answers of each resource.</summary>
public sealed class ApiFlowTests
{
    private const string Suite = """
        {"name":"smoke","passThreshold":0.5,"tags":["ci"],"cases":[{"input":"question 1","expected":"answer 1"},{"input":"question 2","expected":"answer 2","tags":["hard"]},{"input":"question 3","expected":"something else"}]}
        """;

    private RunningServer _server = null!;
    private LoopbackAgent _agent = null!;
    private HttpClient _admin = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _agent = await LoopbackAgent.StartAsync((_, input) => input.Replace("question", "answer", StringComparison.Ordinal));
        _server = await RunningServer.StartAsync(("Dispatch:PickUpOnCreate", "true"));
        _admin = await _server.ProgramAsync(ApiKeyRole.Admin);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _admin.Dispose();
        await _server.DisposeAsync();
        await _agent.DisposeAsync();
    }

    [Test]
    public async Task Pipeline_FromAnEmptyServerToAPromotedVersion_IsAllOverHttp()
    {
        (await _admin.PostJsonAsync("tenants", """{"slug":"acme","name":"Acme Corp"}""")).Status.Should().Be(201);
        var key = await _admin.PostJsonAsync("keys", """{"name":"acme-ci","tenant":"acme","role":"OPERATOR"}""");
        using var program = _server.Program(key.Json.GetProperty("key").GetString());
        (await program.GetReplyAsync("me")).Text.Should().Contain("key:acme-ci");

        var suite = await program.PostJsonAsync("suites", Suite);
        (suite.Status, suite.Json.GetProperty("caseCount").GetInt32(), suite.Json.GetProperty("isDefault").GetBoolean()).Should().Be((201, 3, true));
        var version = await program.PostJsonAsync("versions", Version("1.0", "TESTING"));
        version.Status.Should().Be(201);
        version.Message.Headers.Location!.ToString().Should().Be($"/api/v1/versions/{version.Json.GetProperty("version").GetProperty("id")}");
        var run = version.Json.GetProperty("runs")[0].GetProperty("id").GetInt64();

        var ended = await program.GetReplyAsync($"runs/{run}", ("Prefer", "respond-async, wait=50"));
        ended.Message.Headers.GetValues("Preference-Applied").Should().Equal("wait=50");
        (ended.Json.GetProperty("status").GetString(), ended.Json.GetProperty("outcome").GetString(), ended.Json.GetProperty("passedCount").GetInt32()).Should().Be(("COMPLETED", "PASS", 2));
        (await program.GetReplyAsync($"runs/{run}", ("If-None-Match", ended.Tag!))).Status.Should().Be(304);

        var results = await program.GetReplyAsync($"runs/{run}/results?limit=2");
        results.Json.GetProperty("items").EnumerateArray().Select(one => one.GetProperty("verdict").GetString()).Should().Equal("PASSED", "PASSED");
        var rest = await program.GetReplyAsync(results.Json.GetProperty("next").GetString()!);
        rest.Json.GetProperty("items").EnumerateArray().Single().GetProperty("output").GetString().Should().Be("answer 3");
        rest.Json.GetProperty("next").ValueKind.Should().Be(JsonValueKind.Null);

        var csv = await program.GetReplyAsync($"runs/{run}/results", ("Accept", "text/csv"));
        (csv.Status, csv.Message.Content.Headers.ContentType!.MediaType).Should().Be((200, "text/csv"));
        csv.Text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Should().HaveCount(4);
        (await program.GetReplyAsync($"runs/{run}/results?format=junit")).Text.Should().Contain("<testsuite");
        (await program.GetReplyAsync($"runs/{run}/results?format=jsonl")).Text.Trim().Split('\n').Should().HaveCount(3);
        (await program.GetReplyAsync($"runs/{run}/results?format=pdf")).Json.GetProperty("field").GetString().Should().Be("format");
        (await program.GetReplyAsync($"runs/{run}/results", ("Accept", "application/pdf"))).Status.Should().Be(406);

        var versionId = version.Json.GetProperty("version").GetProperty("id").GetInt64();
        var standing = await program.GetReplyAsync($"versions/{versionId}/standing");
        (standing.Json.GetProperty("verdict").GetString(), standing.Json.GetProperty("requirements")[0].GetProperty("passed").GetInt32()).Should().Be(("PASS", 2));
        (await program.GetReplyAsync($"versions/{versionId}/requirements")).Json.GetProperty("items")[0].GetProperty("suite").GetString().Should().Be("smoke");
        (await program.GetReplyAsync($"versions/{versionId}/integrity")).Json.GetProperty("isIntact").GetBoolean().Should().BeTrue();
        (await program.GetReplyAsync($"versions/{versionId}/genome")).Json.GetProperty("target").GetProperty("type").GetString().Should().Be("http");
        var moved = await program.PostJsonAsync($"versions/{versionId}/transition", """{"to":"CANDIDATE"}""");
        moved.Json.GetProperty("version").GetProperty("lifecycleState").GetString().Should().Be("CANDIDATE");

        (await program.GetReplyAsync($"versions/{versionId}/certificate")).Text.Should().Contain("genomeHash");

        var again = await program.PostJsonAsync("runs", $$"""{"versionId":{{versionId}}}""");
        again.Status.Should().Be(201, again.Text);
        var second = again.Json.GetProperty("id").GetInt64();
        await program.GetReplyAsync($"runs/{second}", ("Prefer", "wait=50"));
        var comparison = await program.GetReplyAsync($"comparisons?baseline={run}&run={second}&run={run}");
        comparison.Json.GetProperty("runs").EnumerateArray().Select(one => one.GetProperty("sharedCount").GetInt32()).Should().Equal(3, 3);

        (await program.GetReplyAsync("audit?entity=AgentVersion")).Json.GetProperty("items").EnumerateArray().Select(one => one.GetProperty("actor").GetString()).Should().OnlyContain(actor => actor == "key:acme-ci");
        (await program.GetReplyAsync("health")).Json.GetProperty("tenants").GetArrayLength().Should().Be(1);
        (await program.GetReplyAsync("runs?status=completed")).Json.GetProperty("items").GetArrayLength().Should().Be(2);
        (await program.GetReplyAsync($"suites/{suite.Json.GetProperty("id")}/statistics")).Json.GetProperty("completedCount").GetInt32().Should().Be(2);
        (await program.GetReplyAsync("agents")).Json.GetProperty("items")[0].GetString().Should().Be("bot");
        (await program.PostJsonAsync($"runs/{second}/void", """{"reason":"wrong key"}""")).Json.GetProperty("requirements")[0].GetProperty("voidCount").GetInt32().Should().Be(1);
    }

    [Test]
    public async Task Events_OfARun_ReportItsProgressAndItsEnd()
    {
        using var program = await TenantAsync("events");
        await program.PostJsonAsync("suites", Suite);
        var version = await program.PostJsonAsync("versions", Version("1.0", "TESTING"));

        var events = await program.GetReplyAsync($"runs/{version.Json.GetProperty("runs")[0].GetProperty("id")}/events", ("Accept", "text/event-stream"));

        events.Message.Content.Headers.ContentType!.MediaType.Should().Be("text/event-stream");
        events.Text.Should().Contain("event: ended").And.Contain("\"status\":\"COMPLETED\"").And.Contain("\"passedCount\":2");
    }

    [Test]
    public async Task Suites_RevisedAndImported_KeepEveryRevision()
    {
        using var program = await TenantAsync("suites");
        var created = await program.PostJsonAsync("suites", Suite);
        var path = created.Message.Headers.Location!.ToString();

        var csv = await program.PostJsonAsync($"{path}/revisions?description=from+csv", "input,expected\nquestion 1,answer 1\n", ("Content-Type", "text/csv"), ("If-Match", created.Tag!));
        var late = await program.PostJsonAsync($"{path}/revisions", "{\"input\":\"x\"}", ("Content-Type", "application/x-ndjson"), ("If-Match", created.Tag!));
        var patched = await program.SendAsync(HttpMethod.Patch, path, """{"passThreshold":0.9}""", ("If-Match", csv.Tag!));
        var wrong = await program.PostJsonAsync($"{path}/revisions", "input,expected\n,\n", ("Content-Type", "text/csv"));
        var xml = await program.PostJsonAsync($"{path}/revisions", "<cases/>", ("Content-Type", "application/xml"));

        (csv.Status, csv.Json.GetProperty("revision").GetInt32(), csv.Json.GetProperty("description").GetString()).Should().Be((201, 2, "from csv"));
        (late.Status, patched.Status, wrong.Status, xml.Status).Should().Be((412, 200, 400, 415));
        wrong.Json.GetProperty("detail").GetString().Should().Contain("body.csv");
        (await program.GetReplyAsync($"{path}/revisions")).Json.GetProperty("items").EnumerateArray().Select(one => (one.GetProperty("revision").GetInt32(), one.GetProperty("caseCount").GetInt32()))
            .Should().Equal((3, 1), (2, 1), (1, 3));
        var page = (await program.GetReplyAsync($"{path}/revisions?limit=2")).Json;
        page.GetProperty("items").EnumerateArray().Select(one => one.GetProperty("revision").GetInt32()).Should().Equal(3, 2);
        (await program.GetReplyAsync(page.GetProperty("next").GetString()!)).Json.GetProperty("items").EnumerateArray().Select(one => one.GetProperty("caseCount").GetInt32()).Should().Equal(3);
        (await program.GetReplyAsync($"{path}/cases?revision=1&limit=2")).Json.GetProperty("items").EnumerateArray().Last().GetProperty("tags")[0].GetString().Should().Be("hard");
        (await program.GetReplyAsync(path)).Json.GetProperty("passThreshold").GetDouble().Should().Be(0.9);
        (await program.PostJsonAsync("suites", Suite)).Status.Should().Be(409, "the name is in use");
    }

    [Test]
    public async Task Suites_FieldsThatAreNotImported_AreListedInTheAnswer()
    {
        using var program = await TenantAsync("left");

        var created = await program.PostJsonAsync("suites?name=left", "input,expected,difficulty\nq,a,hard\n", ("Content-Type", "text/csv"));
        var revised = await program.PostJsonAsync($"{created.Message.Headers.Location}/revisions", """[{"input":"q","expected":"a","author":"me"},{"input":"p","expected":"a"}]""", ("Content-Type", "application/json"));
        var whole = await program.PostJsonAsync($"{created.Message.Headers.Location}/revisions", """[{"input":"q","expected":"a"}]""", ("Content-Type", "application/json"));

        created.Json.GetProperty("notes")[0].GetString().Should().Be("Not taken, as no part of a case is read from it: 'difficulty'.");
        revised.Json.GetProperty("notes")[0].GetString().Should().Be("Not taken, as no part of a case is read from it: 'author'.");
        whole.Json.TryGetProperty("notes", out _).Should().BeFalse("every field was imported");
    }

    [TestCase("a,b")]
    [TestCase("")]
    [TestCase(" a")]
    public async Task Suites_TagThatNoFilterFinds_IsRejectedByItsName(string tag)
    {
        using var program = await TenantAsync($"tags-{Math.Abs(string.GetHashCode(tag, StringComparison.Ordinal))}");
        var created = await program.PostJsonAsync("suites", Suite);
        var path = created.Message.Headers.Location!.ToString();
        var body = System.Text.Json.JsonSerializer.Serialize(new { tags = new[] { "good", tag } });

        var patched = await program.SendAsync(HttpMethod.Patch, path, body);

        patched.Status.Should().Be(400);
        patched.Json.GetProperty("detail").GetString().Should().Contain($"The tag '{tag}' is not allowed: a tag has 1 to 100 characters, no comma, and no white space at its ends.");
        (await program.GetReplyAsync(path)).Json.GetProperty("revision").GetInt32().Should().Be(1);
        (await program.SendAsync(HttpMethod.Patch, path, """{"tags":["good","better"]}""")).Status.Should().Be(200);
    }

    [Test]
    public async Task Cases_EditedByKey_LeaveTheOthersUnchanged()
    {
        using var program = await TenantAsync("cases");
        var created = await program.PostJsonAsync("suites", """{"name":"edited","cases":[{"key":"a","input":"1","expected":"1","tags":["x"]},{"key":"b","input":"2","expected":"2"},{"key":"c","input":"3","expected":"3","weight":2}]}""");
        var path = $"{created.Message.Headers.Location}/cases";
        Task<ApiReply> Patch(string json, string? tag = null) => program.SendAsync(HttpMethod.Patch, path, json, tag is null ? [] : [("If-Match", tag)]);

        var edited = await Patch("""{"changed":[{"key":"c","expected":"three","weight":null}],"added":[{"input":"4","expected":"4"},{"key":"e","input":[{"role":"user","content":"5"}],"expected":"5","mustPass":true}],"removed":["b"]}""", created.Tag);

        (edited.Status, edited.Json.GetProperty("revision").GetInt32(), edited.Json.GetProperty("caseCount").GetInt32()).Should().Be((200, 2, 4), edited.Text);
        (await program.GetReplyAsync(path)).Json.GetProperty("items").EnumerateArray()
            .Select(one => (one.GetProperty("key").GetString(), one.GetProperty("input").GetString(), one.GetProperty("expected").GetString(), one.GetProperty("weight").GetDouble(), one.GetProperty("tags").GetArrayLength(), one.GetProperty("mustPass").GetBoolean()))
            .Should().Equal(("a", "1", "1", 1, 1, false), ("c", "3", "three", 1, 0, false), ("case-00004", "4", "4", 1, 0, false), ("e", """[{"content":"5","role":"user"}]""", "5", 1, 0, true));
        (await Patch("""{"removed":["a"]}""", created.Tag)).Status.Should().Be(412);
        (await Patch("""{"added":[{"key":"a","input":"again","expected":"x"}]}""")).Status.Should().Be(409);
        foreach (var (json, field) in new[]
        {
            ("""{}""", "1 to 1000"), ("""{"removed":["b"]}""", "removed[0]"), ("""{"removed":["a","a"]}""", "removed[1]"), ("""{"removed":[null]}""", "removed[0]"), ("""{"changed":[{"input":"x"}]}""", "changed[0]"), ("""{"added":[null]}""", "added[0]"),
            ("""{"changed":[{"key":"a","weight":-1}]}""", "changed[0], field 'weight'"), ("""{"added":[{"key":"f"}]}""", "input"), ("""{"added":[{"input":"x","answer":"y"}]}""", "not a field here"),
            ("""{"added":[{"input":"x","scoring":{"type":"nope"}}]}""", "nope"), ("""{"removed":["a","c","case-00004","e"]}""", "no cases"), ("""{"added":[{"input":"\ud800"}]}""", "added[0]"),
        })
        {
            var rejected = await Patch(json);
            rejected.Status.Should().Be(400, "{0}: {1}", json, rejected.Text);
            rejected.Json.GetProperty("detail").GetString().Should().Contain(field);
        }

        (await program.GetReplyAsync($"{created.Message.Headers.Location}/revisions")).Json.GetProperty("items").GetArrayLength().Should().Be(2, "nothing that was rejected is stored");
    }

    [Test]
    public async Task Exports_OverTheApi_EqualThoseOfPagesAndCommands()
    {
        using var program = await TenantAsync("exports");
        var suite = await program.PostJsonAsync("suites", Suite);
        var version = (await program.PostJsonAsync("versions", Version("1.0", "TESTING"))).Json;
        var first = version.GetProperty("runs")[0].GetProperty("id").GetInt64();
        await program.GetReplyAsync($"runs/{first}", ("Prefer", "wait=50"));
        var second = (await program.PostJsonAsync("runs", $$"""{"versionId":{{version.GetProperty("version").GetProperty("id")}}}""")).Json.GetProperty("id").GetInt64();
        await program.GetReplyAsync($"runs/{second}", ("Prefer", "wait=50"));

        var runs = await program.GetReplyAsync("runs?format=csv");
        var comparison = await program.GetReplyAsync($"comparisons?baseline={first}&run={second}", ("Accept", "text/csv"));
        var audit = await program.GetReplyAsync("audit?format=csv");
        var exported = await program.GetReplyAsync($"{suite.Message.Headers.Location}/export");

        runs.Message.Content.Headers.ContentType!.MediaType.Should().Be("text/csv");
        Lines(runs).Should().HaveCount(3).And.Subject.First().Should().StartWith("id,tenant,agent,version,");
        Lines(comparison).Should().HaveCount(4).And.Subject.First().Should().StartWith("runId,baselineRunId,ordinal,caseKey,name,change,");
        Lines(audit).First().Should().Be("id,at,tenantId,type,targetEntity,targetId,actor,payload");
        Lines(audit).Should().Contain(line => line.Contains("SUITE_IMPORTED") && line.Contains("key:"));
        (await program.GetReplyAsync("audit?format=jsonl")).Text.Trim().Split('\n').Should().HaveCount(Lines(audit).Length - 1);
        (await program.GetReplyAsync($"comparisons?baseline={first}&run={second}&format=junit")).Text.Should().Contain("<testsuite");
        Lines(await program.GetReplyAsync($"comparisons?baseline={first}&run={second}&run={first}&format=csv")).Should().HaveCount(7, "two runs of three cases, and the header");
        (await program.GetReplyAsync("audit?format=junit")).Json.GetProperty("detail").GetString().Should().Be("format: expected json, jsonl, csv.");
        (await program.GetReplyAsync("audit", ("Accept", "application/xml"))).Status.Should().Be(406);
        (await program.PostJsonAsync("suites?name=again", exported.Text)).Json.GetProperty("caseCount").GetInt32().Should().Be(3, "what is exported is imported again");
        (await program.GetReplyAsync($"{suite.Message.Headers.Location}/export?format=jsonl")).Text.Trim().Split('\n').Should().HaveCount(3);
        (await program.GetReplyAsync($"{suite.Message.Headers.Location}/export?revision=2")).Status.Should().Be(400);

        static string[] Lines(ApiReply reply) => reply.Text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
    }

    [Test]
    public async Task Versions_OfAnAgent_AreFoundByLabelAndPaged()
    {
        using var program = await TenantAsync("labels");
        foreach (var (agent, label, parent) in new[] { ("bot", "1.0", "null"), ("bot", "1.1", "\"1.0\""), ("bot", "1.2", "\"1.1\""), ("clerk", "1.1", "null") })
            (await program.PostJsonAsync("versions", $$$"""{"agent":"{{{agent}}}","label":"{{{label}}}","parent":{{{parent}}},"genome":{"target":{"type":"http","url":"http://127.0.0.1/{{{agent}}}{{{label}}}"} } }""")).Status.Should().Be(201);

        (await LabelsAsync("versions?label=1.1")).Should().Equal("clerk 1.1", "bot 1.1");
        var found = (await program.GetReplyAsync("versions?agent=bot&label=1.2")).Json.GetProperty("items")[0];
        (await LabelsAsync("versions?agent=bot&label=9")).Should().BeEmpty();
        (await LabelsAsync($"versions/{found.GetProperty("id")}/lineage?limit=1")).Should().Equal("bot 1.1", "bot 1.0");
        (await PagesAsync("agents?limit=1")).Select(name => name.GetString()).Should().Equal("bot", "clerk");

        async Task<IEnumerable<string>> LabelsAsync(string path) => (await PagesAsync(path)).Select(one => $"{one.GetProperty("agent").GetString()} {one.GetProperty("label").GetString()}");

        async Task<List<JsonElement>> PagesAsync(string path)
        {
            var items = new List<JsonElement>();
            for (string? next = path; next is not null;)
            {
                var page = (await program.GetReplyAsync(next)).Json;
                items.AddRange(page.GetProperty("items").EnumerateArray());
                next = page.GetProperty("next").GetString();
            }

            return items;
        }
    }

    [Test]
    public async Task Runs_ManyAtOnce_AreReorderedCancelledAndRetried()
    {
        using var program = await TenantAsync("bulk", paused: true);
        await program.PostJsonAsync("suites", Suite);
        for (var number = 1; number <= 3; number++)
            await program.PostJsonAsync("versions", Version($"1.{number}", "TESTING"));

        var reordered = await program.PostJsonAsync("runs/bulk", """{"change":"PRIORITY","priority":7,"filter":{}}""");
        var cancelled = await program.PostJsonAsync("runs/bulk", """{"change":"CANCEL","filter":{"status":"PENDING"},"limit":2}""");
        var retried = await program.PostJsonAsync("runs/bulk", """{"change":"RETRY","filter":{}}""");

        (Count(reordered), Count(cancelled), Count(retried)).Should().Be((3, 2, 2));
        (await program.GetReplyAsync("runs?status=PENDING")).Json.GetProperty("items").EnumerateArray().Select(run => run.GetProperty("priority").GetInt32()).Should().Equal(7, 7, 7);
        (await program.PostJsonAsync("runs/bulk", """{"change":"RETRY","filter":{"status":"PENDING"}}""")).Json.GetProperty("field").GetString().Should().Be("filter.status");

        static int Count(ApiReply reply) => reply.Json.GetProperty("changed").GetArrayLength();
    }

    [Test]
    public async Task Policies_SetByTwoFromTheSameRevision_AreStoredOnce()
    {
        using var program = await TenantAsync("policies");
        await program.PostJsonAsync("suites", Suite);
        const string policy = """{"document":{"requirements":[{"suite":"smoke","rule":"rate","threshold":0.7}]}}""";
        (await program.GetReplyAsync("policies")).Status.Should().Be(404);

        var first = await program.PostJsonAsync("policies", policy);
        var read = await program.GetReplyAsync("policies");
        var race = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => program.PostJsonAsync("policies", policy, ("If-Match", read.Tag!))));

        first.Status.Should().Be(201, first.Text);
        race.Count(reply => reply.Status == 201).Should().Be(1);
        race.Where(reply => reply.Status != 201).Should().OnlyContain(reply => reply.Status == 412 || reply.Status == 409);
        var newest = (await program.GetReplyAsync("policies/revisions?limit=1")).Json;
        newest.GetProperty("items")[0].GetProperty("revision").GetInt32().Should().Be(2);
        (await program.GetReplyAsync(newest.GetProperty("next").GetString()!)).Json.GetProperty("items")[0].GetProperty("revision").GetInt32().Should().Be(1);
    }

    [Test]
    public async Task Limits_OfTenants_AreSetOnlyFromTheCurrentVersion()
    {
        using var program = await TenantAsync("limits");
        var seen = await _admin.GetReplyAsync("tenants/limits");

        var race = await Task.WhenAll(Enumerable.Range(1, 8).Select(batch => _admin.SendAsync(HttpMethod.Put, "tenants/limits/limits", $$"""{"batchLimit":{{batch}}}""", ("If-Match", seen.Tag!))));

        race.Select(reply => reply.Status).Order().Should().Equal(200, 412, 412, 412, 412, 412, 412, 412);
        (await program.SendAsync(HttpMethod.Put, "tenants/limits/limits", "{}")).Status.Should().Be(403, "a tenant does not set its own limits");
        (await _admin.SendAsync(HttpMethod.Delete, "tenants/limits", null)).Status.Should().Be(204);
        (await program.GetReplyAsync("me")).Status.Should().Be(401, "its keys are deleted with it");
    }

    private string Version(string label, string state) =>
        $$"""{"agent":"bot","label":"{{label}}","state":"{{state}}","genome":{"target":{"type":"http","url":"{{_agent.Url}}/ask/bot","replyPath":"reply"} } }""";

    private async Task<HttpClient> TenantAsync(string slug, bool paused = false)
    {
        (await _admin.PostJsonAsync("tenants", $$"""{"slug":"{{slug}}"}""")).Status.Should().Be(201);
        if (paused)
            (await _admin.PostJsonAsync($"tenants/{slug}/pause", null)).Status.Should().Be(204);
        return await _server.ProgramAsync(ApiKeyRole.Operator, await _server.Some.Tenants.FindAsync(slug, default));
    }
}

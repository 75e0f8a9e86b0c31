using System.Net;
using System.Text.RegularExpressions;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>A form is executed once, however often it is sent. A form without a change makes no revision.</summary>
public sealed partial class FormOnceTests
{
    private const string Pages = "/hangfire/evaluations";
    private const string TokenField = "__RequestVerificationToken";

    private RunningServer _server = null!;
    private Visitor _visitor = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _server = await RunningServer.StartAsync();
        _visitor = new Visitor(_server.Url);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _visitor.Dispose();
        await _server.DisposeAsync();
    }

    [Test]
    public async Task NewSuite_SentTwiceAtOnceAndAgain_IsStoredOnceAndAnsweredWithTheStoredSuite()
    {
        var tenant = await _server.Some.TenantAsync("twice");
        const string path = $"{Pages}/suites/new?tenant=twice";
        var fields = await FieldsAsync(path, ("name", "clicked"), ("threshold", "0.8"), ("case.0.input", "q"), ("case.0.expected", "a"), ("case.0.scorer", "exact_match"), ("case.0.weight", "1"));

        var both = await Task.WhenAll(_visitor.PostAsync(path, fields), _visitor.PostAsync(path, fields));
        var again = await _visitor.PostAsync(path, fields);

        var suite = (await _server.Some.Suites.ListAsync(tenant.Id, default)).Should().ContainSingle().Subject;
        suite.Revision.Should().Be(1);
        (await _server.Database.ScalarAsync<long>("SELECT COUNT(*) FROM ApiAnswer WHERE TenantId = @Id", new { tenant.Id })).Should().Be(1, "the stored answer is deleted with the tenant");
        both.Append(again).Should().OnlyContain(answer => answer.StatusCode == HttpStatusCode.Redirect && answer.Headers.Location!.ToString() == $"{Pages}/suites/{suite.Id}");
        (await TextAsync($"{Pages}/suites/{suite.Id}")).Should().Contain("The suite &#x27;clicked&#x27; is created with 1 case.").And.NotContain("alert alert-danger ej-message");
    }

    [Test]
    public async Task NewSuite_TheSameFormWithOtherText_IsAnotherAct()
    {
        var tenant = await _server.Some.TenantAsync("again");
        const string path = $"{Pages}/suites/new?tenant=again";
        var fields = await FieldsAsync(path, ("name", "one"), ("threshold", "0.8"), ("case.0.input", "q"), ("case.0.expected", "a"), ("case.0.scorer", "exact_match"), ("case.0.weight", "1"));

        await _visitor.PostAsync(path, fields);
        await _visitor.PostAsync(path, [.. fields.Select(field => field.Name == "name" ? ("name", "two") : field)]);

        (await _server.Some.Suites.ListAsync(tenant.Id, default)).Select(suite => suite.Name).Should().Equal("one", "two");
    }

    [Test]
    public async Task Edit_WithoutAChange_MakesNoRevision()
    {
        var tenant = await _server.Some.TenantAsync("same");
        var suite = await _server.Some.SuiteAsync(tenant);
        var path = $"{Pages}/suites/{suite.Id}/edit";
        var fields = await FieldsAsync(path, [.. await EditFieldsAsync(suite, weight: "1.0")]);

        var answer = await _visitor.PostAsync(path, fields);

        answer.StatusCode.Should().Be(HttpStatusCode.Redirect);
        (await TextAsync($"{Pages}/suites/{suite.Id}")).Should().Contain("Nothing was changed: the suite &#x27;suite&#x27; stays at revision 1.");
        (await _server.Some.Suites.GetAsync(suite.Id, default)).Revision.Should().Be(1);
    }

    [Test]
    public async Task Edit_SentTwice_MakesOneRevision()
    {
        var tenant = await _server.Some.TenantAsync("edited");
        var suite = await _server.Some.SuiteAsync(tenant);
        var path = $"{Pages}/suites/{suite.Id}/edit";
        var fields = await FieldsAsync(path, [.. await EditFieldsAsync(suite, weight: "2")]);

        var both = await Task.WhenAll(_visitor.PostAsync(path, fields), _visitor.PostAsync(path, fields));

        both.Should().OnlyContain(answer => answer.StatusCode == HttpStatusCode.Redirect, "neither request is rejected as saved by another user");
        (await _server.Some.Suites.GetAsync(suite.Id, default)).Revision.Should().Be(2);
    }

    [Test]
    public async Task NewSuite_WithEveryErrorAtOnce_NamesThemAllWithSuggestions()
    {
        var tenant = await _server.Some.TenantAsync("errors");
        await _server.Some.SuiteAsync(tenant);
        const string path = $"{Pages}/suites/new?tenant=errors";
        var fields = await FieldsAsync(
            path, ("name", "suite"), ("threshold", "80"),
            ("case.0.key", "k"), ("case.0.input", ""), ("case.0.expected", "a"), ("case.0.scorer", "numeric"), ("case.0.threshold", "0,5"), ("case.0.weight", "1,5"), ("case.0.settings", "{ \"tolerence\": 1 }"),
            ("case.1.key", "k"), ("case.1.input", "q"), ("case.1.expected", "a"), ("case.1.scorer", "exact_match"), ("case.1.weight", "1"));

        var answer = await _visitor.PostAsync(path, fields);

        answer.StatusCode.Should().Be(HttpStatusCode.UnprocessableEntity);
        (await answer.Content.ReadAsStringAsync()).Should()
            .Contain("The tenant has a suite &#x27;suite&#x27; already.")
            .And.Contain("Did you mean 0.8?").And.Contain("Did you mean 0.5?").And.Contain("Did you mean 1.5?")
            .And.Contain("Every case needs an input.").And.Contain("tolerence").And.Contain("Two cases have the key &#x27;k&#x27;.");
    }

    [Test]
    public async Task Upload_OfTheCurrentCases_MakesNoRevision()
    {
        var tenant = await _server.Some.TenantAsync("file");
        var suite = await _server.Some.SuiteAsync(tenant, cases: 1);
        var path = $"{Pages}/suites/{suite.Id}/upload";
        var stored = (await _server.Some.Suites.ListCasesAsync(suite.Id, 1, 0, 10, default)).Single();
        var file = $$"""{"key":"{{stored.CaseKey}}","name":"{{stored.Name}}","input":"{{stored.Input}}","expected":"{{stored.ExpectedOutput}}"}""";
        using var form = new MultipartFormDataContent { { new StringContent("1"), "basedOn" }, { new StringContent("import"), "do" } };
        foreach (var (name, value) in await FieldsAsync(path))
            form.Add(new StringContent(value), name);
        form.Add(new StringContent(file), "file", "cases.jsonl");
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = form };

        (await _visitor.SendAsync(request)).StatusCode.Should().Be(HttpStatusCode.Redirect);

        (await TextAsync($"{Pages}/suites/{suite.Id}")).Should().Contain("Nothing was changed: cases.jsonl has the same content as revision 1");
        (await _server.Some.Suites.GetAsync(suite.Id, default)).Revision.Should().Be(1);
    }

    [Test]
    public async Task Retry_SentTwice_MakesOneRun()
    {
        var run = await FailedRunAsync("retried");
        var fields = await FieldsAsync($"{Pages}/runs/{run.Id}");

        var both = await Task.WhenAll(_visitor.PostAsync($"{Pages}/runs/{run.Id}/retry", fields), _visitor.PostAsync($"{Pages}/runs/{run.Id}/retry", fields));

        both.Select(answer => answer.Headers.Location!.ToString()).Distinct(StringComparer.Ordinal).Should().ContainSingle().Which.Should().NotEndWith($"/{run.Id}", "both lead to the new run");
        (await _server.RunsAsync(await _server.Some.Tenants.FindAsync("retried", default))).Should().HaveCount(2);
    }

    private async Task<EvaluationRun> FailedRunAsync(string slug)
    {
        var tenant = await _server.Some.TenantWithRunsAsync(1, slug: slug);
        var run = (await _server.RunsAsync(tenant)).Single();
        await _server.Some.Runs.CancelAsync(run.Id, "test", default);
        return run;
    }

    /// <summary>Every field of the form as the page shows it, with the first case's weight changed.</summary>
    private async Task<List<(string, string)>> EditFieldsAsync(EvaluationSuite suite, string weight)
    {
        var fields = new List<(string, string)> { ("fromRevision", "1"), ("after", "0"), ("name", suite.Name), ("description", ""), ("threshold", "0.8"), ("tags", ""), ("isDefault", "on") };
        foreach (var each in await _server.Some.Suites.ListCasesAsync(suite.Id, 1, 0, 10, default))
        {
            var at = $"case.{each.Ordinal - 1}.";
            fields.AddRange([
                ($"{at}ordinal", $"{each.Ordinal}"), ($"{at}key", each.CaseKey), ($"{at}name", each.Name), ($"{at}input", each.Input), ($"{at}expected", each.ExpectedOutput ?? ""),
                ($"{at}scorer", "exact_match"), ($"{at}weight", each.Ordinal == 1 ? weight : "1")]);
        }

        return fields;
    }

    private async Task<(string Name, string Value)[]> FieldsAsync(string path, params (string, string)[] typed)
    {
        var page = await TextAsync(path);
        return [(TokenField, Visitor.FormToken(page)), ("once", OnceField().Match(page).Groups["token"].Value), .. typed];
    }

    private async Task<string> TextAsync(string path)
    {
        var answer = await _visitor.GetAsync(path);
        answer.StatusCode.Should().Be(HttpStatusCode.OK, path);
        return await answer.Content.ReadAsStringAsync();
    }

    [GeneratedRegex("name=\"once\" value=\"(?<token>[^\"]+)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex OnceField();
}

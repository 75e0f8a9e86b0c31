using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Server.Access;
using EvalJobs.Server.Dashboard.Forms;
using EvalJobs.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>A file is imported in two steps, without a script: first a preview, then the import.</summary>
public sealed partial class UploadPagesTests
{
    private const string Pages = "/hangfire/evaluations";

    private RunningServer _server = null!;
    private Visitor _visitor = null!;
    private int _tenants;

    [OneTimeSetUp]
    public async Task Start()
    {
        _server = await RunningServer.StartAsync([.. SomeUser.Settings("ada", ViewerRole.Operator), .. SomeUser.Settings("bob", ViewerRole.Operator)]);
        _visitor = await SignedInAsync("ada");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _visitor.Dispose();
        await _server.DisposeAsync();
    }

    [Test]
    public async Task Preview_ThenImport_StoresWhatWasShownAndDropsTheFile()
    {
        var tenant = await TenantAsync();
        var preview = await PreviewAsync(tenant, "fragen.csv", "Frage|Antwort|Gewicht\n2+2|4|2\n3+3|6|1\n");
        preview.Text.Should().Contain("or say which column is the input").And.Contain("href=\"#ej-map-input\"").And.NotContain(">Create suite<");

        var mapped = await SendAsync(tenant, preview, ("name", "gefragt"), ("map.input", "Frage"), ("map.expected", "Antwort"), ("map.weight", "Gewicht"), ("do", "preview"));
        mapped.Text.Should().Contain("2 cases in the file; all of them are checked.").And.Contain(">Create suite<");
        (await _server.Some.Suites.ListAsync(tenant.Id, default)).Should().BeEmpty("a preview stores nothing");
        var stored = await SendAsync(tenant, mapped, ("do", "import"));

        stored.Status.Should().Be(HttpStatusCode.Redirect);
        var suite = await _server.Some.Suites.FindAsync(tenant.Id, "gefragt", default);
        (await _server.Some.Suites.ListCasesAsync(suite.Id, 1, 0, 10, default)).Select(each => (each.Input, each.ExpectedOutput, each.Weight)).Should().Equal(("2+2", "4", 2), ("3+3", "6", 1));
        (await SendAsync(tenant, mapped, ("name", "once more"), ("do", "import"))).Should().Match<Answer>(answer => answer.Status == HttpStatusCode.UnprocessableEntity && answer.Text.Contains("The file is no longer on the server", StringComparison.Ordinal));
    }

    [Test]
    public async Task Import_SentTwiceAtOnce_StoresOneSuite()
    {
        var tenant = await TenantAsync();
        var preview = await PreviewAsync(tenant, "cases.csv", "input,expected\nq,a\n", ("name", "twice"));

        var both = await Task.WhenAll(SendAsync(tenant, preview, ("do", "import")), SendAsync(tenant, preview, ("do", "import")));

        both.Select(answer => answer.Location).Distinct(StringComparer.Ordinal).Should().ContainSingle().Which.Should().Contain("/suites/");
        (await _server.Some.Suites.ListAsync(tenant.Id, default)).Should().ContainSingle().Which.Revision.Should().Be(1);
    }

    [Test]
    public async Task Preview_SeparatorAndHeader_AreChangedWithoutSendingTheFileAgain()
    {
        var tenant = await TenantAsync();
        var preview = await PreviewAsync(tenant, "cases.csv", "2+2~4,0\n3+3~6,0\n", ("name", "n"));

        var changed = await SendAsync(tenant, preview, ("separator", "own"), ("separatorCharacter", "~"), ("header", "no"), ("do", "preview"));

        changed.Text.Should().Contain("read as CSV with ~ between the columns, without a header").And.Contain("2 cases in the file").And.Contain(">4,0<");
        changed.Fields.Should().Contain(("map.input", "1")).And.Contain(("map.expected", "2"));
    }

    [Test]
    public async Task Preview_ColumnsThatAreNotImported_AreListed()
    {
        var tenant = await TenantAsync();

        var preview = await PreviewAsync(tenant, "cases.csv", "Input,expected,difficulty,<b>owner\nq,a,hard,me\n", ("name", "n"));
        preview.Text.Should().Contain("What is not imported").And.Contain("Not taken, as no part of a case is read from them: &#x27;difficulty&#x27;, &#x27;&lt;b&gt;owner&#x27;.");
        var mapped = await SendAsync(tenant, preview, ("map.name", "difficulty"), ("do", "preview"));
        mapped.Text.Should().Contain("read from it: &#x27;&lt;b&gt;owner&#x27;.");
        (await PreviewAsync(tenant, "cases.csv", "input,expected\nq,a\n", ("name", "m"))).Text.Should().NotContain("Not taken").And.NotContain("What is not imported");
    }

    [Test]
    public async Task Preview_WrongChoices_AreAllNamedAtOnceNextToTheFields()
    {
        var tenant = await TenantAsync();
        var preview = await PreviewAsync(tenant, "cases.csv", "q,a\nx,y\n", ("name", "n"));

        var wrong = await SendAsync(tenant, preview, ("name", " "), ("separator", "own"), ("separatorCharacter", "a"), ("map.expected", "a"), ("threshold", "80"), ("do", "import"));

        wrong.Location.Should().Contain("&file=");
        wrong.Text.Should().Contain("id=\"ej-separator-error\"").And.Contain("id=\"ej-map-input-error\"").And.Contain("id=\"ej-threshold-error\"").And.Contain("Did you mean 0.8?");
        wrong.Fields.Should().Contain(("kept", preview.Fields.Single(field => field.Name == "kept").Value), "the file is still there");
    }

    [Test]
    public async Task Import_ErrorFurtherDown_NamesEveryErrorOfTheFile()
    {
        var tenant = await TenantAsync();
        var file = "input,expected,weight\n" + string.Concat(Enumerable.Repeat("q,a,1\n", 1200)) + "q,a,0\nq,a,1\nq,a,much\n";
        var preview = await PreviewAsync(tenant, "cases.csv", file, ("name", "late"));
        preview.Text.Should().Contain("1,000 cases at the file").And.Contain(">Create suite<");

        var wrong = await SendAsync(tenant, preview, ("do", "import"));

        wrong.Location.Should().Contain("&file=");
        wrong.Text.Should().Contain("cases.csv, line 1202, field &#x27;weight&#x27;").And.Contain("cases.csv, line 1204, field &#x27;weight&#x27;");
        (await _server.Some.Suites.ListAsync(tenant.Id, default)).Should().BeEmpty();
    }

    [Test]
    public async Task Preview_PromptfooFile_ListsWhatIsNotImportedAndLeavesItOutOnRequest()
    {
        var tenant = await TenantAsync();
        const string file = "prompts: ['{{q}}', 'Hi {{q}}']\ntests:\n  - { vars: { q: a }, assert: [ { type: equals, value: b } ] }\n  - { vars: { q: a }, assert: [ { type: unknown-thing, value: b } ] }\n";
        var preview = await PreviewAsync(tenant, "promptfooconfig.yaml", file, ("name", "moved"));
        preview.Text.Should().Contain("read as a file of promptfoo").And.Contain("choose one, 1 to 2").And.Contain("href=\"#ej-prompt\"");

        var chosen = await SendAsync(tenant, preview, ("prompt", "2"), ("do", "preview"));
        chosen.Text.Should().Contain("line 4").And.Contain("href=\"#ej-skip\"");
        var skipped = await SendAsync(tenant, chosen, ("skip", "on"), ("do", "preview"));
        skipped.Text.Should().Contain("What is not imported").And.Contain("Hi a");
        (await SendAsync(tenant, skipped, ("skip", "on"), ("do", "import"))).Status.Should().Be(HttpStatusCode.Redirect);

        (await _server.Some.Suites.FindAsync(tenant.Id, "moved", default)).Revision.Should().Be(1);
    }

    [Test]
    public async Task Kept_OfAnotherPersonTenantOrSuite_IsNotFoundAndStays()
    {
        var (tenant, other) = (await TenantAsync(), await TenantAsync());
        var suite = await _server.Some.SuiteAsync(tenant);
        var preview = await PreviewAsync(tenant, "secret.csv", "input,expected\nsecret,a\n", ("name", "mine"));
        using var bob = await SignedInAsync("bob");

        var answers = new[]
        {
            await SendAsync(bob, $"{Pages}/suites/upload?tenant={tenant.Slug}", preview, ("do", "preview")),
            await SendAsync(_visitor, $"{Pages}/suites/upload?tenant={other.Slug}", preview, ("do", "preview")),
            await SendAsync(_visitor, $"{Pages}/suites/{suite.Id}/upload", preview, ("do", "preview")),
            await SendAsync(bob, $"{Pages}/suites/upload?tenant={tenant.Slug}", preview, ("do", "cancel")),
        };

        answers.Take(3).Should().OnlyContain(answer => answer.Status == HttpStatusCode.UnprocessableEntity && answer.Text.Contains("The file is no longer on the server", StringComparison.Ordinal) && !answer.Text.Contains(">secret<", StringComparison.Ordinal));
        (await SendAsync(tenant, preview, ("do", "preview"))).Text.Should().Contain(">secret<", "it is still its owner's");
    }

    [Test]
    public async Task PreviewAddress_OpenedAgain_ShowsTheSameToItsOwnerOnly()
    {
        var (tenant, other) = (await TenantAsync(), await TenantAsync());
        var suite = await _server.Some.SuiteAsync(tenant);
        var preview = await PreviewAsync(tenant, "secret.csv", "a;b\nsecret;x\n", ("name", "mine"));
        preview = await SendAsync(tenant, preview, ("map.input", "a"), ("map.expected", "b"), ("do", "preview"));
        using var bob = await SignedInAsync("bob");
        var file = preview.Location[(preview.Location.IndexOf("file=", StringComparison.Ordinal) + "file=".Length)..];
        file.Should().HaveLength(32);

        var again = new Answer(HttpStatusCode.OK, "", await (await _visitor.GetAsync(preview.Location)).Content.ReadAsStringAsync());
        again.Text.Should().Contain(">secret<").And.Contain(">Create suite<");
        again.Fields.Should().Contain(("map.input", "a")).And.Contain(("name", "mine"));
        foreach (var (visitor, path) in new[]
                 {
                     (bob, preview.Location), (_visitor, $"{Pages}/suites/upload?tenant={other.Slug}&file={file}"), (_visitor, $"{Pages}/suites/{suite.Id}/upload?file={file}"),
                     (_visitor, $"{Pages}/suites/upload?tenant={tenant.Slug}&file={new string('0', 32)}"),
                 })
        {
            var answer = await visitor.GetAsync(path);
            answer.StatusCode.Should().Be(HttpStatusCode.Redirect, path);
            answer.Headers.Location!.ToString().Should().Be(path[..(path.IndexOf("file=", StringComparison.Ordinal) - 1)], "the blank form follows");
            (await (await visitor.GetAsync(answer.Headers.Location.ToString())).Content.ReadAsStringAsync()).Should().Contain("The file is no longer on the server").And.NotContain("secret");
        }
    }

    [Test]
    public async Task Preview_ChoicesTooLongToBeKept_IsTheAnswerItself()
    {
        var tenant = await TenantAsync();
        var preview = await PreviewAsync(tenant, "cases.jsonl", "{\"input\":\"q\",\"expected\":\"a\"}\n", ("name", "n"));

        var answer = await SendAsync(tenant, preview, ("root", new string(' ', UploadStore.MaxChoicesLength)), ("do", "preview"));

        answer.Should().Match<Answer>(each => each.Status == HttpStatusCode.OK && each.Location.Length == 0 && each.Text.Contains("1 case in the file", StringComparison.Ordinal));
    }

    [Test]
    public async Task Import_NameTakenAfterThePreview_IsReportedOnceNextToTheName()
    {
        var tenant = await TenantAsync();
        var preview = await PreviewAsync(tenant, "cases.csv", "input,expected\nq,a\n", ("name", "suite"));
        await _server.Some.SuiteAsync(tenant);

        var wrong = await SendAsync(tenant, preview, ("do", "import"));

        wrong.Location.Should().Contain("&file=");
        wrong.Text.Should().Contain("id=\"ej-name-error\"");
        Regex.Count(wrong.Text, "class=\"alert-link\"", RegexOptions.None, TimeSpan.FromSeconds(1)).Should().Be(1);
    }

    [Test]
    public async Task Import_SuiteChangedAfterThePreview_SaysSoAndStoresNothing()
    {
        var tenant = await TenantAsync();
        var suite = await _server.Some.SuiteAsync(tenant);
        var path = $"{Pages}/suites/{suite.Id}/upload";
        var blank = new Answer(HttpStatusCode.OK, "", await (await _visitor.GetAsync(path)).Content.ReadAsStringAsync());
        var preview = await SendAsync(_visitor, path, blank, "cases.csv", "input,expected\nq,a\n", ("do", "preview"));
        await _server.Some.Suites.ReviseAsync(
            suite.Id,
            new SuiteEdit { FromRevision = 1, Draft = new SuiteDraft { Name = suite.Name, BasedOn = 1 }, Removed = [], Replaced = [], Added = [new TestCase { Ordinal = 0, CaseKey = "added", Name = "added", Input = "i" }] },
            "test", default);

        var wrong = await SendAsync(_visitor, path, preview, ("do", "import"));

        wrong.Location.Should().Contain("?file=");
        wrong.Text.Should().Contain("id=\"ej-file-error\"");
        (await _server.Some.Suites.GetAsync(suite.Id, default)).Revision.Should().Be(2);
    }

    [Test]
    public async Task Preview_AnotherFileThatIsEmpty_IsRejectedAndTheOneBeforeStays()
    {
        var tenant = await TenantAsync();
        var preview = await PreviewAsync(tenant, "cases.csv", "input,expected\nq,a\n", ("name", "n"));

        var wrong = await SendAsync(_visitor, $"{Pages}/suites/upload?tenant={tenant.Slug}", preview, "empty.csv", "", ("do", "preview"));

        wrong.Location.Should().Contain("&file=");
        wrong.Text.Should().Contain("Choose a file that is not empty.").And.Contain("cases.csv");
        (await SendAsync(tenant, wrong, ("do", "preview"))).Text.Should().Contain("1 case in the file");
    }

    [Test]
    public async Task Cancel_DeletesTheFileAndStoresNothing()
    {
        var tenant = await TenantAsync();
        var preview = await PreviewAsync(tenant, "cases.csv", "input,expected\nq,a\n", ("name", "n"));
        var before = _server.Services.GetRequiredService<UploadStore>().Count;

        var cancelled = await SendAsync(tenant, preview, ("do", "cancel"));

        cancelled.Location.Should().EndWith($"/evaluations/suites?tenant={tenant.Slug}");
        _server.Services.GetRequiredService<UploadStore>().Count.Should().Be(before - 1);
        (await _server.Some.Suites.ListAsync(tenant.Id, default)).Should().BeEmpty();
    }

    [Test]
    public async Task FileThatIsGone_IsRequestedAgainAndTheChoicesStay()
    {
        var tenant = await TenantAsync();
        var preview = await PreviewAsync(tenant, "cases.csv", "Frage;Antwort\nq;a\n", ("name", "kept name"));
        var lost = await SendAsync(tenant, preview, ("kept", new string('0', 32)), ("map.input", "Frage"), ("map.expected", "Antwort"), ("separator", "semicolon"), ("do", "import"));

        lost.Text.Should().Contain("Choose it again; your other choices are kept.");
        lost.Fields.Should().Contain(("map.input", "Frage")).And.Contain(("separator", "semicolon")).And.Contain(("name", "kept name"));
        var again = await SendAsync(_visitor, $"{Pages}/suites/upload?tenant={tenant.Slug}", lost, "cases.csv", "Frage;Antwort\nq;a\n", ("do", "import"));

        again.Status.Should().Be(HttpStatusCode.Redirect, "a user who needs no preview can import in one step");
    }

    [Test]
    public async Task Preview_HostileNamesAndTexts_AreShownAsTexts()
    {
        var tenant = await TenantAsync();
        const string script = "<script>window.hacked=1</script>";

        var preview = await PreviewAsync(tenant, $"{script}.csv", $"input,\"{script}\"\n{script},\"\u202Ex\"\n", ("name", script));

        preview.Text.Should().NotContain("<script>window.hacked").And.Contain("&lt;script&gt;window.hacked");
    }

    [Test]
    public async Task Preview_TextOfAMegabyte_IsShownInPartAndImportedCompletely()
    {
        var tenant = await TenantAsync();
        var preview = await PreviewAsync(tenant, "long.jsonl", $"{{\"input\":\"{new string('x', 1_000_000)}\",\"expected\":\"a\"}}\n", ("name", "long"));

        preview.Text.Length.Should().BeLessThan(100_000);
        (await SendAsync(tenant, preview, ("do", "import"))).Status.Should().Be(HttpStatusCode.Redirect);
        var suite = await _server.Some.Suites.FindAsync(tenant.Id, "long", default);
        (await _server.Some.Suites.ListCasesAsync(suite.Id, 1, 0, 1, default)).Single().Input.Should().HaveLength(1_000_000);
    }

    [Test]
    public async Task Preview_ExpiredToken_IsRejectedWithAPageThatSaysWhy()
    {
        var tenant = await TenantAsync();
        var preview = await PreviewAsync(tenant, "cases.csv", "input,expected\nq,a\n", ("name", "n"));

        var answer = await SendAsync(tenant, preview, ("__RequestVerificationToken", "old"), ("do", "import"));

        answer.Status.Should().Be(HttpStatusCode.Forbidden);
        answer.Text.Should().Contain("The form is out of date");
    }

    private async Task<Tenant> TenantAsync() => await _server.Some.TenantAsync($"sender-{Interlocked.Increment(ref _tenants)}");

    private async Task<Visitor> SignedInAsync(string name)
    {
        var visitor = new Visitor(_server.Url);
        await visitor.SignInAsync(name, SomeUser.Password);
        return visitor;
    }

    private async Task<Answer> PreviewAsync(Tenant tenant, string name, string content, params (string, string)[] typed)
    {
        var path = $"{Pages}/suites/upload?tenant={tenant.Slug}";
        var blank = new Answer(HttpStatusCode.OK, "", await (await _visitor.GetAsync(path)).Content.ReadAsStringAsync());
        return await SendAsync(_visitor, path, blank, name, content, [.. typed, ("do", "preview")]);
    }

    private Task<Answer> SendAsync(Tenant tenant, Answer page, params (string Name, string Value)[] typed) =>
        SendAsync(_visitor, $"{Pages}/suites/upload?tenant={tenant.Slug}", page, typed);

    private static Task<Answer> SendAsync(Visitor visitor, string path, Answer page, params (string Name, string Value)[] typed) => SendAsync(visitor, path, page, null, "", typed);

    /// <summary>Submits the form of a page, as a browser would, with some fields changed.</summary>
    private static async Task<Answer> SendAsync(Visitor visitor, string path, Answer page, string? fileName, string content, params (string Name, string Value)[] typed)
    {
        using var form = new MultipartFormDataContent();
        var own = page.Fields.Single(field => field.Name == "__RequestVerificationToken").Value;
        var token = typed.FirstOrDefault(field => field.Name == "__RequestVerificationToken").Value ?? (visitor.Cookies.Count > 0 ? await TokenAsync(visitor, own) : own);
        foreach (var (name, value) in page.Fields.Where(field => !typed.Any(other => other.Name == field.Name) && field.Name != "__RequestVerificationToken").Concat(typed.Where(field => field.Name != "__RequestVerificationToken")).Append(("__RequestVerificationToken", token)))
            form.Add(new StringContent(value), name);
        if (fileName is not null)
            form.Add(new ByteArrayContent(Encoding.UTF8.GetBytes(content)), "file", fileName);
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = form };
        using var answer = await visitor.SendAsync(request);
        var location = answer.Headers.Location?.ToString() ?? "";
        var text = location.Contains("file=", StringComparison.Ordinal) ? await PreviewAsync(visitor, location) : await answer.Content.ReadAsStringAsync();
        WebWords.Find(text).Should().BeEmpty("a page must not name command line options");
        return new Answer(answer.StatusCode, location, text);
    }

    // Opens the address of the preview.
    private static async Task<string> PreviewAsync(Visitor visitor, string location)
    {
        using var preview = await visitor.GetAsync(location);
        preview.StatusCode.Should().Be(HttpStatusCode.OK);
        return await preview.Content.ReadAsStringAsync();
    }

    // A token belongs to one person: a person who sends another person's form needs their own token.
    private static async Task<string> TokenAsync(Visitor visitor, string fallback)
    {
        var page = await (await visitor.GetAsync($"{Pages}/suites/upload?tenant=sender-1")).Content.ReadAsStringAsync();
        return Visitor.FormToken(page) is { Length: > 0 } own ? own : fallback;
    }

    /// <summary>A page and the fields of its form, as a browser would send them unchanged.</summary>
    private sealed record Answer(HttpStatusCode Status, string Location, string Text)
    {
        public IReadOnlyList<(string Name, string Value)> Fields { get; } =
        [
            .. Inputs().Matches(Text).Select(match => (WebUtility.HtmlDecode(match.Groups["name"].Value), WebUtility.HtmlDecode(match.Groups["value"].Value)))
                .Where(field => field.Item1 is not ("do" or "view" or "file" or "__RequestVerificationToken"))
                .Concat(Texts().Matches(Text).Select(match => (match.Groups["name"].Value, WithoutFirstLineFeed(WebUtility.HtmlDecode(match.Groups["value"].Value)))))
                .Concat(Selects().Matches(Text).Select(match => (match.Groups["name"].Value, WebUtility.HtmlDecode(Chosen().Match(match.Groups["options"].Value).Groups["value"].Value))))
                .Append(("__RequestVerificationToken", Visitor.FormToken(Text))),
        ];

        // The text of a text area as a browser reads it.
        private static string WithoutFirstLineFeed(string text) => text.StartsWith('\n') ? text[1..] : text;
    }

    [GeneratedRegex("""<input (?!type="(?:checkbox|file)")[^>]*?name="(?<name>[^"]+)"[^>]*?value="(?<value>[^"]*)"[^>]*>""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Inputs();

    [GeneratedRegex("""<textarea [^>]*?name="(?<name>[^"]+)"[^>]*>(?<value>[^<]*)</textarea>""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Texts();

    [GeneratedRegex("""<select [^>]*?name="(?<name>[^"]+)"[^>]*>(?<options>.*?)</select>""", RegexOptions.ExplicitCapture | RegexOptions.Singleline, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Selects();

    [GeneratedRegex("""<option value="(?<value>[^"]*)" selected""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Chosen();
}

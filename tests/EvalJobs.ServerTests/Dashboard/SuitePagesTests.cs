using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;
using Microsoft.Playwright;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>Suites made, edited and uploaded on the dashboard, in a real browser.</summary>
internal sealed class SuitePagesTests : VisitFixture
{
    private IPage Page => Visit.Page;

    protected override bool IsExpected(string error) => error.Contains("422", StringComparison.Ordinal);

    [Test]
    public async Task NewSuite_FilledIn_IsStoredWithItsRecord()
    {
        var tenant = await Some.TenantAsync("maker");
        await Visit.OpenAsync("/evaluations/suites?tenant=maker");
        await Page.GetByRole(AriaRole.Link, new() { Name = "New suite", Exact = true }).ClickAsync();
        await Page.WaitForURLAsync("**/suites/new**");

        await Page.FillAsync("#ej-name", "Arithmetic");
        await Page.FillAsync("#ej-description", "Sums");
        await Page.FillAsync("#ej-threshold", "0.9");
        await Page.FillAsync("#ej-tags", "math\nquick");
        await FillCaseAsync(0, "What is 2 + 2?", "4", key: "two-and-two");
        await FillCaseAsync(1, "What is 10 / 4?", "2.5");
        await Page.SelectOptionAsync("#ej-case-1-scorer", "numeric");
        await TurnAsync(1, "Show the fields of the chosen scorer");
        (await FocusAsync()).Should().Be("ej-case-1-scorer", "the user continues there");
        (await Page.InputValueAsync("#ej-case-1-input")).Should().Be("What is 10 / 4?", "the switch to fields keeps what was typed");
        await Page.FillAsync("#ej-case-1-set-tolerance", "0.01");
        await Visit.PressAsync("Add another case");
        (await FocusAsync()).Should().Be("ej-case-2-input", "the user continues there");
        (await Page.InputValueAsync("#ej-case-0-input")).Should().Be("What is 2 + 2?", "the new row keeps what was typed");
        await Visit.PressAsync("Create suite");

        (await Visit.MessageAsync()).Should().Be("The suite 'Arithmetic' is created with 2 cases.");
        var suite = await Some.Suites.FindAsync(tenant.Id, "Arithmetic", default);
        suite.Should().Match<EvaluationSuite>(each => each.PassThreshold == 0.9 && each.IsDefault && each.Tags == """["math","quick"]""", "a tenant's first suite is its default one");
        var cases = await Some.Suites.ListCasesAsync(suite.Id, 1, 0, 10, default);
        cases.Select(each => (each.CaseKey, each.ExpectedOutput)).Should().Equal(("two-and-two", "4"), ("case-00002", "2.5"));
        cases[1].Scoring.Should().Be("""{"tolerance":0.01,"type":"numeric"}""");
        (await LastRecordAsync(tenant)).Should().BeEquivalentTo(new { Type = ChangeType.SuiteImported, Actor = "web:local", TargetId = suite.Id });
    }

    [Test]
    public async Task NewSuite_WithErrors_NamesThemNextToTheFieldsAndKeepsWhatWasTyped()
    {
        var tenant = await Some.TenantAsync("faulty");
        await Visit.DisposeAsync();
        Visit = await Browser.VisitAsync(Server.Url, isDark: true);
        await Visit.OpenAsync("/evaluations/suites/new?tenant=faulty");

        await Page.FillAsync("#ej-threshold", "80");
        await TurnAsync(0, "Edit as JSON");
        await TurnAsync(1, "Edit as JSON");
        await FillCaseAsync(0, "", "kept", key: "same", settings: "{ \"tolerance\": ");
        await FillCaseAsync(1, SomeDashboard.Script, "x", key: "same", settings: """{ "tolerance": 1 }""");
        await Page.FillAsync("#ej-case-1-weight", "-1");
        await Visit.PressAsync("Create suite");

        await Visit.SaveScreenshotAsync("suite-errors-dark");
        (await ErrorAsync("name")).Should().Be("A suite's name is 1 to 200 characters, without white space at its ends.");
        (await ErrorAsync("threshold")).Should().StartWith("The pass threshold is a number from 0 to 1");
        (await ErrorAsync("case-0-input")).Should().Be("Every case needs an input.");
        (await ErrorAsync("case-0-settings")).Should().StartWith("The settings are not a JSON object");
        (await ErrorAsync("case-1-settings")).Should().Contain("tolerance is not a setting of 'exact_match'");
        (await ErrorAsync("case-1-weight")).Should().StartWith("A weight is a number above 0");
        (await FocusAsync()).Should().Be("ej-name", "the first wrong field has the focus");
        (await Page.GetAttributeAsync("#ej-threshold", "aria-invalid")).Should().Be("true");
        (await Page.GetAttributeAsync("#ej-threshold", "aria-describedby")).Should().Be("ej-threshold-error ej-threshold-help");
        (await ErrorAsync("case-1-key")).Should().Be("Two cases have the key 'same'.");
        (await Page.Locator("main [role=alert] li").CountAsync()).Should().Be(7, "all errors are shown at once");
        (await Page.InputValueAsync("#ej-case-0-settings")).Should().Be("{ \"tolerance\": ");
        (await Page.InputValueAsync("#ej-case-1-input")).Should().Be(SomeDashboard.Script);
        (await Some.Suites.ListAsync(tenant.Id, default)).Should().BeEmpty();

        await Page.FillAsync("#ej-name", "corrected");
        await Page.FillAsync("#ej-threshold", "0.8");
        await FillCaseAsync(0, "now there", "kept", key: "same", settings: "");
        await FillCaseAsync(1, SomeDashboard.Script, "x", key: "same", settings: "");
        await Page.FillAsync("#ej-case-1-weight", "2");
        await Page.FillAsync("#ej-case-1-key", "other");
        await Visit.PressAsync("Create suite");

        (await Visit.MessageAsync()).Should().Be("The suite 'corrected' is created with 2 cases.");
        await Visit.OpenAsync("/evaluations/suites/new?tenant=faulty");
        await Page.FillAsync("#ej-name", "corrected");
        await FillCaseAsync(0, "q", "a");
        await Visit.PressAsync("Create suite");
        (await ErrorAsync("name")).Should().Be("The tenant has a suite 'corrected' already.", "a form for a new suite never overwrites one");
    }

    [Test]
    public async Task Edit_SomeCases_ChangesOnlyThose()
    {
        var tenant = await Some.TenantAsync("editor");
        TestCase[] cases =
        [
            new() { Ordinal = 1, CaseKey = "crlf", Input = "\nline one\r\nline two", ExpectedOutput = "", Weight = 0.1 },
            new() { Ordinal = 2, CaseKey = "changed", Input = "old\r\ntext", ExpectedOutput = "kept\r\nto the letter", Scoring = """{"options":["ignoreCase"],"pattern":"a<b","threshold":0.5,"type":"regex"}""" },
            new() { Ordinal = 3, CaseKey = "gone", Input = "?" },
            new() { Ordinal = 4, CaseKey = "long", Input = new string('x', 50_000), ExpectedOutput = "\u0001 " + SomeDashboard.RightToLeft },
        ];
        var suite = (await Some.Suites.SaveAsync(tenant.Id, new SuiteDraft { Name = "edited" }, cases.ToAsyncEnumerable(), "test", default)).Suite;
        await Visit.OpenAsync($"/evaluations/suites/{suite.Id}");
        await Page.GetByRole(AriaRole.Link, new() { Name = "Edit", Exact = true }).ClickAsync();
        await Page.WaitForURLAsync("**/edit");

        await Page.FillAsync("#ej-case-1-input", "new text");
        await Page.CheckAsync("[name='case.2.remove']");
        await Page.FillAsync("#ej-case-3-weight", "3");
        await Visit.PressAsync("Add another case");
        await FillCaseAsync(4, "added", "yes");
        await Page.FillAsync("#ej-name", "edited and renamed");
        await Visit.PressAsync("Save as revision 2");

        (await Visit.MessageAsync()).Should().Be("The suite 'edited and renamed' is stored as revision 2, with 4 cases. Runs from now on use it.");
        var now = await Some.Suites.ListCasesAsync(suite.Id, 2, 0, 10, default);
        now.Select(each => each with { Id = 0 }).Should().Equal(
            cases[0],
            cases[1] with { Input = "new text" },
            cases[3] with { Ordinal = 3, Weight = 3 },
            new TestCase { Ordinal = 4, CaseKey = "case-00005", Input = "added", ExpectedOutput = "yes" });
        (await LastRecordAsync(tenant)).Payload.Should().Contain("\"added\":1,\"replaced\":2,\"removed\":1");
        await Page.GetByRole(AriaRole.Link, new() { Name = "1", Exact = true }).ClickAsync();
        await Page.WaitForURLAsync("**revision=1");
        (await Page.Locator(".ej-case").CountAsync()).Should().Be(4, "old revisions stay readable");
    }

    [Test]
    public async Task Edit_AnotherUserSavedFirst_ExplainsAndKeepsWhatWasTyped()
    {
        var tenant = await Some.TenantAsync("contested");
        var suite = await Some.SuiteAsync(tenant);
        await Visit.OpenAsync($"/evaluations/suites/{suite.Id}/edit");
        await Page.FillAsync("#ej-case-0-input", "mine");
        await Some.Suites.ReviseAsync(
            suite.Id, new SuiteEdit { Draft = new SuiteDraft { Name = "suite", BasedOn = 1 }, FromRevision = 1, Removed = [3] }, "someone", default);

        await Visit.PressAsync("Save as revision 2");

        (await Page.Locator("main [role=alert]").InnerTextAsync()).Should().Contain("is at revision 2 by now, and this change was made from revision 1");
        (await Page.InputValueAsync("#ej-case-0-input")).Should().Be("mine");
        (await Some.Suites.GetAsync(suite.Id, default)).Revision.Should().Be(2);
        await Visit.PressAsync("Save as revision 3");
        (await Some.Suites.GetAsync(suite.Id, default)).Revision.Should().Be(2, "pressing the button again must not overwrite the other change");

        await Page.CheckAsync("[name=overRevision]");
        await Visit.PressAsync("Save as revision 3");

        (await Visit.MessageAsync()).Should().Contain("stored as revision 3, with 3 cases");
        (await Some.Suites.ListCasesAsync(suite.Id, 3, 0, 10, default))[0].Input.Should().Be("mine");
    }

    [Test]
    public async Task Edit_LongSuite_IsEditedOnePageOfCasesAtATime()
    {
        var tenant = await Some.TenantAsync("long");
        var suite = await Some.SuiteAsync(tenant, 45);
        await Visit.OpenAsync($"/evaluations/suites/{suite.Id}/edit");
        await Page.GetByRole(AriaRole.Link, new() { Name = "Next cases" }).ClickAsync();
        await Page.WaitForURLAsync("**after=20");

        await Page.FillAsync("#ej-case-0-key", "case-45");
        await Visit.PressAsync("Save as revision 2");
        (await ErrorAsync("case-0-key")).Should().Be("Case 45 has the key 'case-45' already.");
        await Page.FillAsync("#ej-case-0-key", "twenty-one");
        await Visit.PressAsync("Save as revision 2");

        var cases = await Some.Suites.ListCasesAsync(suite.Id, 2, 0, 100, default);
        cases.Should().HaveCount(45);
        cases.Where(each => !each.CaseKey.StartsWith("case-", StringComparison.Ordinal)).Should().ContainSingle().Which.Ordinal.Should().Be(21);
    }

    [Test]
    public async Task Upload_ValidFile_BecomesASuiteAndItsNextRevision()
    {
        var tenant = await Some.TenantAsync("uploader");
        await Visit.OpenAsync("/evaluations/suites/upload?tenant=uploader");

        await ChooseFileAsync("cases.csv", "input,expected,key\n2+2,4,a\n3+3,6,b\n");
        await Page.FillAsync("#ej-name", "From a file");
        await Visit.PressAsync("Preview file");
        (await Page.Locator("#ej-first + p").InnerTextAsync()).Should().Be("2 cases in the file; all of them are checked.");
        (await Page.InputValueAsync("#ej-map-expected")).Should().Be("expected");
        await Page.SelectOptionAsync("#ej-scorer", "contains");
        await Visit.PressAsync("Preview again");
        (await Page.Locator(".ej-cards tbody tr").First.InnerTextAsync()).Should().Contain("contains");
        await Visit.SaveScreenshotAsync("suite-upload");
        await Visit.PressAsync("Create suite");

        (await Visit.MessageAsync()).Should().Be("2 cases of cases.csv are stored as revision 1 of the suite 'From a file'.");
        var suite = await Some.Suites.FindAsync(tenant.Id, "From a file", default);
        (await Some.Suites.ListCasesAsync(suite.Id, 1, 0, 10, default)).Should().OnlyContain(each => each.Scoring == """{"type":"contains"}""");

        await Page.GetByRole(AriaRole.Link, new() { Name = "New cases from a file" }).ClickAsync();
        await Page.WaitForURLAsync("**/upload");
        await ChooseFileAsync("next.json", """{ "passThreshold": 0.5, "cases": [ { "input": "1+1", "expected": "2" } ] }""");
        await Visit.PressAsync("Preview file");
        await Visit.PressAsync("Store as revision 2");

        (await Some.Suites.GetAsync(suite.Id, default)).Should().Match<EvaluationSuite>(each => each.Revision == 2 && each.PassThreshold == 0.5 && each.IsDefault);
        (await LastRecordAsync(tenant)).Should().BeEquivalentTo(new { Type = ChangeType.SuiteImported, Actor = "web:local", TargetId = suite.Id });
    }

    [TestCase("cases.jsonl", "{\"input\":\"q\",\"answer\":\"a\"}\n{\"input\":\"q\",\"answer\":\"a\",\"weight\":0}\n", "cases.jsonl, line 2, field 'weight'")]
    [TestCase("cases.txt", "x", "unknown format '.txt'")]
    [TestCase("cases.jsonl", "{\"input\":\"q\",\"scoring\":{\"type\":\"psychic\"}}", "line 1, field 'scoring': Unknown scoring.type 'psychic'")]
    [TestCase("empty.csv", "", "Choose a file that is not empty.")]
    public async Task Upload_InvalidFile_NamesTheLinesAndStoresNothing(string name, string content, string error)
    {
        var tenant = await Some.TenantAsync($"bad-{Guid.NewGuid():N}"[..20]);
        await Visit.OpenAsync($"/evaluations/suites/upload?tenant={tenant.Slug}");

        await Page.FillAsync("#ej-name", "refused");
        await ChooseFileAsync(name, content);
        await Visit.PressAsync("Preview file");

        (await Page.Locator("main").InnerTextAsync()).Should().Contain(error);
        (await Page.InputValueAsync("#ej-name")).Should().Be("refused");
        (await Page.GetByRole(AriaRole.Button, new() { Name = "Create suite", Exact = true }).CountAsync()).Should().Be(0, "the server would reject it");
        (await Some.Suites.ListAsync(tenant.Id, default)).Should().BeEmpty();
    }

    private async Task FillCaseAsync(int index, string input, string expected, string? key = null, string? settings = null)
    {
        await Page.FillAsync($"#ej-case-{index}-input", input);
        await Page.FillAsync($"#ej-case-{index}-expected", expected);
        if (key is not null)
            await Page.FillAsync($"#ej-case-{index}-key", key);
        if (settings is not null)
            await Page.FillAsync($"#ej-case-{index}-settings", settings);
    }

    /// <summary>Presses a button of a case that shows other fields.</summary>
    private async Task TurnAsync(int index, string button)
    {
        await Page.RunAndWaitForResponseAsync(
            () => Page.Locator($"[name='case.{index}.view']", new() { HasText = button }).ClickAsync(), answer => answer.Request.Method == "POST");
        await Page.WaitForLoadStateAsync();
    }

    private Task ChooseFileAsync(string name, string content) => Page.SetInputFilesAsync(
        "#ej-file", new FilePayload { Name = name, MimeType = "application/octet-stream", Buffer = System.Text.Encoding.UTF8.GetBytes(content) });

    private async Task<string> ErrorAsync(string field) => await Page.InnerTextAsync($"#ej-{field}-error");

    private Task<string> FocusAsync() => Page.EvaluateAsync<string>("document.activeElement.id");

    private async Task<ChangeRecord> LastRecordAsync(Tenant tenant) =>
        (await Some.Changes.ListAsync(tenant.Id, null, null, long.MaxValue, 1, CancellationToken.None)).Single();
}

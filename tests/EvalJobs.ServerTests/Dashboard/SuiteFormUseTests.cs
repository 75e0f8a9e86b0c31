using EvalJobs.Domain;
using EvalJobs.Tests.Support;
using Microsoft.Playwright;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>Forms as people really use them: double clicks, the back button, two tabs, only a keyboard, a phone.</summary>
internal sealed class SuiteFormUseTests : VisitFixture
{
    private IPage Page => Visit.Page;

    protected override bool IsExpected(string error) => error.Contains("422", StringComparison.Ordinal);

    [Test]
    public async Task Upload_DoubleClickThenBackAndAgain_StoresOneSuite()
    {
        var tenant = await Some.TenantAsync("clicker");
        await Visit.OpenAsync("/evaluations/suites/upload?tenant=clicker");
        await ChooseFileAsync("cases.csv", "input,expected\n2+2,4\n");
        await Page.FillAsync("#ej-name", "Once");
        await Visit.PressAsync("Preview file");

        await Page.GetByRole(AriaRole.Button, new() { Name = "Create suite", Exact = true }).DblClickAsync();
        await Page.WaitForURLAsync(url => !url.Contains("/upload", StringComparison.Ordinal));
        (await Visit.MessageAsync()).Should().Be("1 case of cases.csv is stored as revision 1 of the suite 'Once'.");

        // The previous page belongs to the file, which is no longer kept: the form is shown with a message.
        await Page.GoBackAsync();
        (await Visit.MessageAsync()).Should().StartWith("The file is no longer on the server").And.EndWith("Choose it again.");
        (await Page.Locator("#ej-file").CountAsync()).Should().Be(1);

        var suite = (await Some.Suites.ListAsync(tenant.Id, default)).Should().ContainSingle().Subject;
        suite.Revision.Should().Be(1);
    }

    [Test]
    public async Task Upload_PreviewReloadedAndRevisited_ResendsNoForm()
    {
        await Some.TenantAsync("returner");
        await Visit.OpenAsync("/evaluations/suites/upload?tenant=returner");
        await ChooseFileAsync("cases.csv", "a~b\n2+2~4\n");
        await Page.FillAsync("#ej-name", "Previewed");
        await Visit.PressAsync("Preview file");
        await Page.SelectOptionAsync("#ej-separator", "own");
        await Page.FillAsync("#ej-separatorCharacter", "~");
        await Visit.PressAsync("Preview again");
        (await Page.Locator("#ej-kept").InnerTextAsync()).Should().Contain("with ~ between the columns");

        await Page.ReloadAsync();
        (await Page.Locator("#ej-kept").InnerTextAsync()).Should().Contain("cases.csv").And.Contain("with ~ between the columns", "the choices are kept, too");
        await Page.GotoAsync("about:blank");
        await Page.GoBackAsync();
        (await Page.InputValueAsync("#ej-name")).Should().Be("Previewed");
        (await Page.InputValueAsync("#ej-separatorCharacter")).Should().Be("~");
    }

    [Test]
    public async Task Upload_WithKeyboardOnlyOnAPhone_GoesFromFileToSuite()
    {
        var tenant = await Some.TenantAsync("keys");
        await Visit.DisposeAsync();
        Visit = await Browser.VisitAsync(Server.Url, width: 390, isDark: true);
        await Visit.OpenAsync("/evaluations/suites/upload?tenant=keys");
        await ChooseFileAsync("cases.csv", "Frage;Antwort\n2+2;4\n3+3;6\n");
        await Page.FocusAsync("#ej-name");
        await Page.Keyboard.TypeAsync("By keys");
        await EnterAsync();
        (await Page.Locator("#ej-problems + ul").InnerTextAsync()).Should().Contain("say which column is the input");

        await Page.FocusAsync("#ej-map-input");
        await Page.Keyboard.TypeAsync("Frage");
        await Page.Keyboard.PressAsync("Tab");
        await Page.Keyboard.TypeAsync("Antwort");
        await Page.FocusAsync("#ej-name");
        await EnterAsync();
        (await Page.EvaluateAsync<bool>("document.documentElement.scrollWidth > window.innerWidth")).Should().BeFalse();
        await Visit.SaveScreenshotAsync("suite-upload-phone-dark");
        await EnsureAccessibleAsync();
        await Page.GetByRole(AriaRole.Button, new() { Name = "Create suite", Exact = true }).FocusAsync();
        await Page.Keyboard.PressAsync("Enter");
        await Page.WaitForURLAsync(url => !url.Contains("/upload", StringComparison.Ordinal));

        var suite = await Some.Suites.FindAsync(tenant.Id, "By keys", default);
        (await Some.Suites.ListCasesAsync(suite.Id, 1, 0, 10, default)).Select(each => each.ExpectedOutput).Should().Equal("4", "6");
    }

    [Test]
    public async Task Scoring_InFieldsAndAsJson_SwitchesBothWaysAndIsAccessible()
    {
        var tenant = await Some.TenantAsync("fields");
        await Visit.OpenAsync("/evaluations/suites/new?tenant=fields");
        await Page.FillAsync("#ej-name", "judged");
        await FillCaseAsync(0, "q", "a");
        foreach (var scorer in (string[])["llm_judge", "custom", "json", "numeric", "regex", "similarity", "contains"])
        {
            await Page.SelectOptionAsync("#ej-case-0-scorer", scorer);
            await TurnAsync(0, "Show the fields of the chosen scorer");
            (await Page.InputValueAsync("#ej-case-0-scorer")).Should().Be(scorer);
            await EnsureAccessibleAsync();
        }

        await Page.FillAsync("#ej-case-0-set-phrases", "a\nb");
        await Page.CheckAsync("[name='case.0.set.normalize'][value='unicode']");
        await TurnAsync(0, "Edit as JSON");
        (await Page.InputValueAsync("#ej-case-0-settings")).Should().Be("""{"normalize":"unicode","phrases":["a","b"]}""");
        await TurnAsync(0, "Edit in fields");
        (await Page.InputValueAsync("#ej-case-0-set-phrases")).Should().Be("a\nb");
        (await Page.IsCheckedAsync("[name='case.0.set.normalize'][value='unicode']")).Should().BeTrue();
        await Visit.SaveScreenshotAsync("suite-scoring-fields");
        await Visit.PressAsync("Create suite");

        var suite = await Some.Suites.FindAsync(tenant.Id, "judged", default);
        (await Some.Suites.ListCasesAsync(suite.Id, 1, 0, 1, default)).Single().Scoring.Should().Be("""{"normalize":"unicode","phrases":["a","b"],"type":"contains"}""");
    }

    [Test]
    public async Task Edit_InTwoTabs_TheSecondIsRejectedAndKeepsWhatWasTyped()
    {
        var tenant = await Some.TenantAsync("tabs");
        var suite = await Some.SuiteAsync(tenant);
        var other = await Page.Context.NewPageAsync();
        await Visit.OpenAsync($"/evaluations/suites/{suite.Id}/edit");
        await other.GotoAsync(Page.Url);
        await other.FillAsync("#ej-description", "second tab");
        await Page.FillAsync("#ej-description", "first tab");
        await Visit.PressAsync("Save as revision 2");

        await other.GetByRole(AriaRole.Button, new() { Name = "Save as revision 2", Exact = true }).ClickAsync();
        await other.WaitForSelectorAsync("main [role=alert]");

        (await other.InputValueAsync("#ej-description")).Should().Be("second tab");
        (await Some.Suites.GetAsync(suite.Id, default)).Should().Match<EvaluationSuite>(each => each.Revision == 2 && each.Description == "first tab");
    }

    private async Task EnterAsync()
    {
        // The next page does not have this mark.
        await Page.EvaluateAsync("document.documentElement.dataset.old = 'yes'");
        await Page.Keyboard.PressAsync("Enter");
        await Page.Locator("html:not([data-old])").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await Page.WaitForLoadStateAsync();
    }

    private Task EnsureAccessibleAsync() => PageAppearance.EnsureAccessibleAsync(Visit, Page.Url);

    private async Task FillCaseAsync(int index, string input, string expected)
    {
        await Page.FillAsync($"#ej-case-{index}-input", input);
        await Page.FillAsync($"#ej-case-{index}-expected", expected);
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
}

using System.Net;
using EvalJobs.Domain;
using EvalJobs.Server.Access;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>
/// Changes of many runs at once on the dashboard: selected runs or all runs of a filter. Only runs that the user may see are changed, with a record
/// for each.
/// </summary>
public sealed class BulkPageTests
{
    private const string Pages = "/hangfire/evaluations";
    private const string TokenField = "__RequestVerificationToken";

    private RunningServer _server = null!;

    [OneTimeSetUp]
    public async Task Start() => _server = await RunningServer.StartAsync(
        [.. SomeUser.Settings("operator", ViewerRole.Operator), .. SomeUser.Settings("mine", ViewerRole.Operator, "mine"), .. SomeUser.Settings("reader", ViewerRole.Viewer)]);

    [OneTimeTearDown]
    public async Task Stop() => await _server.DisposeAsync();

    [Test]
    public async Task Cancel_AllOfAFilter_CancelsOnlyThoseWithARecordEach()
    {
        var (mine, other) = (await _server.Some.TenantWithRunsAsync(3, slug: "all-mine"), await _server.Some.TenantWithRunsAsync(1, slug: "all-other"));
        using var visitor = await SignedInAsync("operator");

        var question = await TextAsync(visitor, "/runs/change?tenant=all-mine&do=cancel&all=yes");
        var ids = (await _server.RunsAsync(mine)).Select(run => run.Id).ToList();
        var done = await ChangeAsync(visitor, "cancel", ids);

        question.Should().Contain("Cancel 3 runs?");
        done.Should().Contain("3 of 3 runs done: 3 changed, 0 unchanged.");
        (await _server.RunsAsync(mine)).Should().OnlyContain(run => run.Status == RunStatus.Cancelled);
        (await _server.RunsAsync(other)).Should().OnlyContain(run => run.Status == RunStatus.Pending);
        foreach (var id in ids)
        {
            (await _server.Some.Changes.ListAsync(null, nameof(EvaluationRun), id, long.MaxValue, 10, default))
                .Should().ContainSingle(record => record.Type == ChangeType.RunCancelled).Which.Actor.Should().Be("web:operator");
        }
    }

    [Test]
    public async Task Retry_Selected_LeavesOutWhatDoesNotAllowIt()
    {
        var tenant = await _server.Some.TenantWithRunsAsync(2, slug: "ticked");
        var runs = await _server.RunsAsync(tenant);
        await _server.Some.Runs.CancelAsync(runs[0].Id, "test", default);
        using var visitor = await SignedInAsync("operator");

        var question = await TextAsync(visitor, $"/runs/change?do=retry&runs={runs[0].Id}&runs={runs[1].Id}");

        (await TextAsync(visitor, $"/runs/change?do=retry&runs={runs[1].Id}")).Should().Contain("None of the selected runs is GAVE UP or CANCELLED");
        (await TextAsync(visitor, "/runs/change?do=retry")).Should().Contain("No run is selected. Select a run that is GAVE UP or CANCELLED");
        (await TextAsync(visitor, "/runs/change?do=retry&all=yes&tenant=ticked&status=PENDING")).Should().Contain("The filter matches no run that is GAVE UP or CANCELLED");
        question.Should().Contain("Retry 1 run?").And.Contain("1 other selected run stays unchanged").And.Contain($"value=\"{runs[0].Id}\"");
        (await ChangeAsync(visitor, "retry", [runs[0].Id, runs[1].Id])).Should().Contain("2 of 2 runs done: 1 changed, 1 unchanged.");
        (await _server.RunsAsync(tenant)).Should().HaveCount(3);
    }

    [Test]
    public async Task Priority_Ticked_IsSetWithinItsBounds()
    {
        var runs = await _server.RunsAsync(await _server.Some.TenantWithRunsAsync(2, slug: "sooner"));
        using var visitor = await SignedInAsync("operator");

        (await ChangeAsync(visitor, "priority", [.. runs.Select(run => run.Id)], ("priority", "7"))).Should().Contain("2 changed");
        (await _server.Some.Runs.GetAsync(runs[0].Id, default)).Priority.Should().Be(7);
        (await ChangeAsync(visitor, "priority", [runs[0].Id], ("priority", "5000"))).Should().Contain("alert alert-danger ej-message").And.Contain("1000");
        (await _server.Some.Runs.GetAsync(runs[0].Id, default)).Priority.Should().Be(7);
    }

    [Test]
    public async Task Change_OfRunsTheUserMayNotSee_ChangesNothing()
    {
        var mine = (await _server.RunsAsync(await _server.Some.TenantWithRunsAsync(1, slug: "mine"))).Single();
        var other = (await _server.RunsAsync(await _server.Some.TenantWithRunsAsync(1, slug: "theirs"))).Single();
        using var limited = await SignedInAsync("mine");
        using var reader = await SignedInAsync("reader");

        (await TextAsync(limited, $"/runs/change?do=cancel&runs={mine.Id},{other.Id}")).Should().Contain("Cancel 1 run?").And.NotContain($"Run {other.Id}");
        (await TextAsync(limited, "/runs/change?do=cancel&all=yes")).Should().NotContain($"Run {other.Id}");
        (await ChangeAsync(limited, "cancel", [mine.Id, other.Id])).Should().Contain("1 of 1 run done");
        (await _server.Some.Runs.GetAsync(other.Id, default)).Status.Should().Be(RunStatus.Pending);
        (await reader.GetAsync($"{Pages}/runs/change?do=cancel&all=yes")).StatusCode.Should().Be(HttpStatusCode.Forbidden);
    }

    [Test]
    public async Task Retry_Selected_LeadsBackToTheListAsItWasAndToTheRunsCreated()
    {
        var tenant = await _server.Some.TenantWithRunsAsync(2, slug: "back");
        var runs = await _server.RunsAsync(tenant);
        foreach (var run in runs)
            await _server.Some.Runs.CancelAsync(run.Id, "test", default);
        using var visitor = await SignedInAsync("operator");
        var list = $"{Pages}/runs?tenant=back&status=CANCELLED";

        (await TextAsync(visitor, $"/runs?tenant=back&status=CANCELLED&ticked={runs[0].Id}")).Should()
            .Contain($"name=\"back\" value=\"{list.Replace("&", "&amp;", StringComparison.Ordinal)}\"", "browsers without a Referer header return to the list, too");
        var question = await TextAsync(visitor, $"/runs/change?do=retry&runs={runs[0].Id}&runs={runs[1].Id}&back={Uri.EscapeDataString(list)}");
        var back = $"{list}&ticked={runs[0].Id},{runs[1].Id}".Replace("&", "&amp;", StringComparison.Ordinal);
        question.Should().Contain($"href=\"{back}\">Back<").And.Contain($"name=\"back\" value=\"{list.Replace("&", "&amp;", StringComparison.Ordinal)}\"");
        (await TextAsync(visitor, $"/runs?tenant=back&ticked={runs[0].Id}")).Should()
            .MatchRegex($"value=\"{runs[0].Id}\"[^>]* checked").And.NotMatchRegex($"value=\"{runs[1].Id}\"[^>]* checked");

        var done = await ChangeAsync(visitor, "retry", [runs[0].Id], ("back", list));
        var created = (await _server.RunsAsync(tenant)).Single(run => run.Status == RunStatus.Pending);
        done.Should().Contain($"runs/{created.Id}\">Run {created.Id}</a> repeats").And.Contain($"href=\"{list.Replace("&", "&amp;", StringComparison.Ordinal)}\">Back to the runs");
    }

    [Test]
    public async Task List_OfOneRun_ExplainsTickingToViewersToo()
    {
        await _server.Some.TenantWithRunsAsync(1, slug: "alone");
        using var reader = await SignedInAsync("reader");

        (await TextAsync(reader, "/runs?tenant=alone")).Should()
            .Contain("aria-describedby=\"ej-compare-help\">Compare selected runs<")
            .And.Contain("id=\"ej-compare-help\" class=\"text-muted\">Compare: select 2 to 6 runs, or one to compare it with its parent version.<")
            .And.NotContain("Retry selected");
    }

    [Test]
    public async Task AllOfAFilter_Back_KeepsTheFilter()
    {
        await _server.Some.TenantWithRunsAsync(1, slug: "filtered");
        using var visitor = await SignedInAsync("operator");

        (await TextAsync(visitor, "/runs/change?tenant=filtered&status=PENDING&do=cancel&all=yes")).Should()
            .Contain($"href=\"{Pages}/runs?tenant=filtered&amp;status=PENDING\">Back<");
        (await TextAsync(visitor, "/runs/change?tenant=filtered&status=FAILED&do=retry&all=yes")).Should()
            .Contain($"href=\"{Pages}/runs?tenant=filtered&amp;status=FAILED\">Back to the runs<");
    }

    [TestCase("https://elsewhere.example/hangfire/evaluations/runs")]
    [TestCase("//elsewhere.example/hangfire/evaluations")]
    [TestCase("/\\elsewhere.example")]
    [TestCase("javascript:alert(1)")]
    [TestCase("/hangfire/evaluations/../../account/sign-out")]
    [TestCase("/account/sign-out")]
    public async Task Change_BackToAForeignPage_LeadsToTheRuns(string back)
    {
        var runs = await _server.RunsAsync(await _server.Some.TenantWithRunsAsync(2));
        var (run, other) = (runs[0], runs[1]);
        using var visitor = await SignedInAsync("operator");

        var question = await TextAsync(visitor, $"/runs/change?do=cancel&runs={run.Id}&back={Uri.EscapeDataString(back)}");
        var comparison = await TextAsync(visitor, $"/compare?runs={run.Id},{other.Id}&back={Uri.EscapeDataString(back)}");
        var done = await ChangeAsync(visitor, "cancel", [run.Id], ("back", back));

        question.Should().Contain($"href=\"{Pages}/runs?ticked={run.Id}\">Back<");
        comparison.Should().Contain($"href=\"{Pages}/runs?ticked={run.Id},{other.Id}\">Back to the runs");
        done.Should().Contain($"href=\"{Pages}/runs\">Back to the runs");
    }

    [TestCase("/runs/change?runs=1")]
    [TestCase("/runs/change?do=nonsense&runs=1")]
    public async Task Change_OfAnUnknownKind_IsRejected(string path)
    {
        using var visitor = await SignedInAsync("operator");

        (await visitor.GetAsync($"{Pages}{path}")).StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    private static async Task<string> ChangeAsync(Visitor visitor, string change, IReadOnlyList<long> ids, params (string, string)[] more)
    {
        var token = Visitor.FormToken(await TextAsync(visitor, "/runs/change?do=cancel&all=yes", "/account"));
        var answer = await visitor.PostAsync($"{Pages}/runs/change", [(TokenField, token), ("do", change), ("runs", string.Join(',', ids)), .. more]);
        answer.StatusCode.Should().Be(HttpStatusCode.Redirect);
        var page = answer.Headers.Location!.ToString();
        string text;
        do
        {
            text = await (await visitor.GetAsync(page)).Content.ReadAsStringAsync();
        }
        while (text.Contains("Refresh", StringComparison.Ordinal));
        return text;
    }

    /// <summary>Gets a page; takes the token from the other page where this one has no form.</summary>
    private static async Task<string> TextAsync(Visitor visitor, string path, string? orElse = null)
    {
        var answer = await visitor.GetAsync($"{Pages}{path}");
        answer.StatusCode.Should().Be(HttpStatusCode.OK, path);
        var text = await answer.Content.ReadAsStringAsync();
        return orElse is null || Visitor.FormToken(text).Length > 0 ? text : await (await visitor.GetAsync(orElse)).Content.ReadAsStringAsync();
    }

    private async Task<Visitor> SignedInAsync(string name)
    {
        var visitor = new Visitor(_server.Url);
        await visitor.SignInAsync(name, SomeUser.Password);
        return visitor;
    }
}

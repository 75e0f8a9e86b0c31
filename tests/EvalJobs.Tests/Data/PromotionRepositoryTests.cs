using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Data;

[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class PromotionRepositoryTests<TDatabase> : DatabaseFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    private PromotionRepository Promotion => new(Database.Database);

    [Test]
    public async Task CompleteAsync_RunOfASuiteThatIsNotRequired_DoesNotChangeEvalStatus()
    {
        var tenant = await Some.TenantAsync();
        await Some.SuiteAsync(tenant, cases: 10);
        var easy = await SuiteAsync(tenant, "easy", cases: 2);
        var own = await Some.PendingRunAsync(tenant);
        await RunAsync(tenant, own, passed: 3);

        var run = await Some.Runs.CreateAsync(own.VersionId, easy.Id, 0, RunTrigger.Manual, "test", default);
        (await Some.Versions.GetAsync(own.VersionId, default)).EvalStatus.Should().Be(EvalStatus.Fail, "an informative run does not make it RUNNING");
        await RunAsync(tenant, run, passed: 2);

        (await Some.Versions.GetAsync(own.VersionId, default)).EvalStatus.Should().Be(EvalStatus.Fail);
        await FluentActions.Awaiting(() => MoveAsync(own.VersionId, LifecycleState.Candidate)).Should().ThrowAsync<ConflictException>()
            .WithMessage("*needs evalStatus PASS*FAIL*suite 'suite' revision 1 (rate)*3 of 10 answers passed over 1 look (30 %)*80 % is required*declared void*");
    }

    [Test]
    public async Task CompleteAsync_RunOfALaterRevision_DoesNotChangeEvalStatus()
    {
        var tenant = await Some.TenantAsync();
        await Some.SuiteAsync(tenant, cases: 10);
        var run = await Some.PendingRunAsync(tenant);
        await RunAsync(tenant, run, passed: 3);

        await Some.SuiteAsync(tenant, cases: 2);
        await RunAsync(tenant, await Some.Runs.CreateAsync(run.VersionId, null, 0, RunTrigger.Manual, "test", default), passed: 2);

        (await Some.Versions.GetAsync(run.VersionId, default)).EvalStatus.Should().Be(EvalStatus.Fail);
    }

    [Test]
    public async Task CompleteAsync_GoodRunAfterABadOne_IsPooledWithIt()
    {
        var tenant = await Some.TenantAsync();
        await Some.SuiteAsync(tenant, cases: 10);
        var first = await Some.PendingRunAsync(tenant);
        await RunAsync(tenant, first, passed: 6);

        await RunAsync(tenant, await AgainAsync(first), passed: 9);

        (await Some.Versions.GetAsync(first.VersionId, default)).EvalStatus.Should().Be(EvalStatus.Fail, "15 of 20 are 75 %");
        await RunAsync(tenant, await AgainAsync(first), passed: 10);
        (await Some.Versions.GetAsync(first.VersionId, default)).EvalStatus.Should().Be(EvalStatus.Pass, "25 of 30 are 83 %");
        (await MoveAsync(first.VersionId, LifecycleState.Candidate)).Version.LifecycleState.Should().Be(LifecycleState.Candidate);
    }

    [Test]
    public async Task CompleteAsync_BackToDraftAndTestingAgain_KeepsTheEvidence()
    {
        var tenant = await Some.TenantAsync();
        await Some.SuiteAsync(tenant, cases: 10);
        var first = await Some.PendingRunAsync(tenant);
        await RunAsync(tenant, first, passed: 2);
        await MoveAsync(first.VersionId, LifecycleState.Draft);

        var again = (await MoveAsync(first.VersionId, LifecycleState.Testing)).Run!;
        await RunAsync(tenant, again, passed: 10);

        (await Some.Versions.GetAsync(first.VersionId, default)).EvalStatus.Should().Be(EvalStatus.Fail, "12 of 20: the transitions keep the evidence");
    }

    [Test]
    public async Task CancelAsync_RequiredRun_RestoresTheStatusOfTheEvidence()
    {
        var tenant = await Some.TenantAsync();
        await Some.SuiteAsync(tenant, cases: 10);
        var first = await Some.PendingRunAsync(tenant);
        await RunAsync(tenant, first, passed: 9);
        var second = await AgainAsync(first);
        (await Some.Versions.GetAsync(first.VersionId, default)).EvalStatus.Should().Be(EvalStatus.Running);

        await Some.Runs.CancelAsync(second.Id, "test", default);

        (await Some.Versions.GetAsync(first.VersionId, default)).EvalStatus.Should().Be(EvalStatus.Pass);
        (await StandingAsync(first.VersionId)).Standing.Requirements[0].LookCount.Should().Be(1, "a cancelled run is no look");
    }

    [Test]
    public async Task FailAttemptAsync_LatestRun_FailsTheVersionUntilALaterOneCompletes()
    {
        var tenant = await Some.TenantAsync();
        await Some.SuiteAsync(tenant, cases: 10);
        var first = await Some.PendingRunAsync(tenant);
        await RunAsync(tenant, first, passed: 10);
        var claim = await ClaimAsync(tenant, await AgainAsync(first));
        await Some.Claims.FailAttemptAsync(claim, "endpoint away", 1, TimeSpan.Zero, isPermanent: true, default);

        var failed = await StandingAsync(first.VersionId);
        failed.EvalStatus.Should().Be(EvalStatus.Fail);
        failed.Standing.Reason.Should().Contain($"The latest run ({claim.Id}) FAILED");

        await RunAsync(tenant, await Some.Runs.RetryAsync(claim.Id, "test", default), passed: 10);
        (await StandingAsync(first.VersionId)).EvalStatus.Should().Be(EvalStatus.Pass);
    }

    [Test]
    public async Task VoidAsync_BadLook_NoLongerCountsAndIsShownWithItsReason()
    {
        var tenant = await Some.TenantAsync();
        await Some.SuiteAsync(tenant, cases: 10);
        var first = await Some.PendingRunAsync(tenant);
        await RunAsync(tenant, first, passed: 0);
        await RunAsync(tenant, await AgainAsync(first), passed: 9);

        await Promotion.VoidAsync(first.Id, " wrong key ", "web:alice", default);

        (await Some.Versions.GetAsync(first.VersionId, default)).EvalStatus.Should().Be(EvalStatus.Pass);
        (await StandingAsync(first.VersionId)).Looks[1][0].Should().Match<Look>(look => look.RunId == first.Id && look.VoidedBy == "web:alice" && look.VoidReason == "wrong key");
        (await Some.Changes.ListAsync(tenant.Id, null, null, long.MaxValue, 10, default)).Should().Contain(
            record => record.Type == ChangeType.RunVoided && record.TargetId == first.Id && record.Payload.Contains("wrong key"));
        await FluentActions.Awaiting(() => Promotion.VoidAsync(first.Id, "again", "test", default)).Should().ThrowAsync<ConflictException>().WithMessage("*void already*web:alice*wrong key*");
    }

    [TestCase("")]
    [TestCase("   ")]
    public async Task VoidAsync_NoReason_IsRejectedAndTheLookCounts(string reason)
    {
        var tenant = await Some.TenantAsync();
        await Some.SuiteAsync(tenant, cases: 2);
        var run = await Some.PendingRunAsync(tenant);
        await RunAsync(tenant, run, passed: 2);

        await FluentActions.Awaiting(() => Promotion.VoidAsync(run.Id, reason, "test", default)).Should().ThrowAsync<InvalidInputException>().WithMessage("reason: *");

        (await StandingAsync(run.VersionId)).Standing.Requirements[0].VoidCount.Should().Be(0);
    }

    [Test]
    public async Task VoidAsync_RunThatHasNotEndedOrDoesNotExist_IsRejected()
    {
        var run = await Some.PendingRunAsync(await Some.TenantWithRunsAsync(0));

        await FluentActions.Awaiting(() => Promotion.VoidAsync(run.Id, "why", "test", default)).Should().ThrowAsync<ConflictException>().WithMessage("*only a COMPLETED run*");
        await FluentActions.Awaiting(() => Promotion.VoidAsync(999, "why", "test", default)).Should().ThrowAsync<NotFoundException>();
    }

    [Test]
    public async Task TransitionAsync_PolicyOfTwoSuites_RequiresBothAndRunsThemAtTheSameTime()
    {
        var tenant = await Some.TenantAsync();
        await Some.SuiteAsync(tenant, cases: 10);
        await SuiteAsync(tenant, "safety", cases: 4);
        await Promotion.SetPolicyAsync(tenant.Id, "", """{"requirements":[{"suite":"suite","threshold":0.5},{"suite":"safety","threshold":1}]}""", null, "test", default);
        var version = await Some.VersionAsync(tenant);

        var moved = await MoveAsync(version.Id, LifecycleState.Testing);

        moved.Runs.Should().HaveCount(2);
        await RunAsync(tenant, moved.Runs[0], passed: 6);
        (await Some.Versions.GetAsync(version.Id, default)).EvalStatus.Should().Be(EvalStatus.Running, "the other run is still running");
        await RunAsync(tenant, moved.Runs[1], passed: 3);
        var standing = await StandingAsync(version.Id);
        standing.EvalStatus.Should().Be(EvalStatus.Fail);
        standing.Standing.Requirements.Select(requirement => requirement.Verdict).Should().Equal(GateVerdict.Pass, GateVerdict.Fail);
    }

    [Test]
    public async Task SetPolicyAsync_VersionInTesting_KeepsItsRequirementsUntilRequiredAgain()
    {
        var tenant = await Some.TenantAsync();
        await Some.SuiteAsync(tenant, cases: 10);
        var run = await Some.PendingRunAsync(tenant);
        await RunAsync(tenant, run, passed: 9);

        await Promotion.SetPolicyAsync(tenant.Id, "agent", """{"requirements":[{"suite":"suite","threshold":0.95}]}""", null, "test", default);
        (await StandingAsync(run.VersionId)).EvalStatus.Should().Be(EvalStatus.Pass, "its threshold must not change");

        var (standing, runs) = await Promotion.RequireAgainAsync(run.VersionId, "test", default);
        standing.Gate.Should().Match<VersionGate>(gate => gate.Round == 2 && gate.PolicyId != null);
        runs.Should().ContainSingle();
        await Some.Runs.CancelAsync(runs[0].Id, "test", default);
        (await StandingAsync(run.VersionId)).EvalStatus.Should().Be(EvalStatus.Fail, "9 of 10 still count, against 0.95 now");
        (await Some.Changes.ListAsync(tenant.Id, null, null, long.MaxValue, 20, default)).Count(record => record.Type == ChangeType.VersionRequired).Should().Be(2);
    }

    [Test]
    public async Task FindPolicyAsync_AgentWithAndWithoutItsOwn_GetsTheNearest()
    {
        var tenant = await Some.TenantAsync();
        await Some.SuiteAsync(tenant);
        await Promotion.SetPolicyAsync(tenant.Id, "", """{"requirements":[{"suite":"suite"}]}""", null, "test", default);
        await Promotion.SetPolicyAsync(tenant.Id, "agent", """{"requirements":[{"suite":"suite","threshold":0.1}]}""", null, "test", default);
        await Promotion.SetPolicyAsync(tenant.Id, "agent", """{"requirements":[{"suite":"suite","threshold":0.2}]}""", null, "test", default);

        (await Promotion.FindPolicyAsync(tenant.Id, "agent", default))!.Should().Match<StoredPolicy>(policy => policy.AgentName == "agent" && policy.Revision == 2);
        (await Promotion.FindPolicyAsync(tenant.Id, "other", default))!.AgentName.Should().BeEmpty();
        (await Promotion.ListPoliciesAsync(tenant.Id, "agent", 10, default)).Select(policy => policy.Revision).Should().Equal(2, 1);
    }

    [TestCase("""{"requirements":[{"suite":"nope"}]}""", "requirements[0].suite: the tenant has no suite 'nope'*")]
    [TestCase("""{"requirements":[{"suite":"suite"},{"suite":"suite","rule":"evidence","tags":{"safety":0.9}}]}""", "requirements[1].tags.safety: no case of the suite 'suite' revision 1 has this tag*")]
    [TestCase("""{"requirements":[{"suite":"suite","mustPass":["case-9"]}]}""", "requirements[0].mustPass: the suite 'suite' revision 1 has no case 'case-9'*")]
    [TestCase("""{"requirements":[{"suite":"suite","rule":"not_worse","margin":0.1,"baseline":"#OTHER"}]}""", "requirements[0].baseline: the tenant has no version*")]
    public async Task SetPolicyAsync_UnknownSuiteTagCaseOrBaseline_IsRejectedAndNothingIsStored(string json, string message)
    {
        var tenant = await Some.TenantAsync();
        await Some.SuiteAsync(tenant);
        var other = await Some.VersionAsync(await Some.TenantAsync());

        await FluentActions.Awaiting(() => Promotion.SetPolicyAsync(tenant.Id, "", json.Replace("OTHER", $"{other.Id}"), null, "test", default))
            .Should().ThrowAsync<ConflictException>().WithMessage(message);

        (await Promotion.FindPolicyAsync(tenant.Id, "", default)).Should().BeNull();
    }

    [Test]
    public async Task TransitionAsync_VersionThatWouldBeItsOwnBaseline_IsRejectedAndStaysDraft()
    {
        var tenant = await Some.TenantAsync();
        await Some.SuiteAsync(tenant);
        var version = await Some.VersionAsync(tenant);
        await Promotion.SetPolicyAsync(
            tenant.Id, "", $$"""{"requirements":[{"suite":"suite","rule":"not_worse","margin":0.1,"baseline":"{{version.VersionLabel}}"}]}""", null, "test", default);

        await FluentActions.Awaiting(() => MoveAsync(version.Id, LifecycleState.Testing)).Should().ThrowAsync<ConflictException>().WithMessage("requirements[0].baseline: *own baseline*");

        (await Some.Versions.GetAsync(version.Id, default)).LifecycleState.Should().Be(LifecycleState.Draft);
    }

    [Test]
    public async Task CompleteAsync_NotWorseThanABaseline_ComparesCaseByCase()
    {
        var tenant = await Some.TenantAsync();
        await Some.SuiteAsync(tenant, cases: 40);
        var baseline = await Some.PendingRunAsync(tenant);
        await RunAsync(tenant, baseline, passed: 36);
        await Promotion.SetPolicyAsync(tenant.Id, "", $$"""{"requirements":[{"suite":"suite","rule":"not_worse","margin":0.1,"baseline":"#{{baseline.VersionId}}"}]}""", null, "test", default);

        var same = await Some.PendingRunAsync(tenant);
        await RunAsync(tenant, same, passed: 36);
        var worse = await Some.PendingRunAsync(tenant);
        await RunAsync(tenant, worse, passed: 10);

        (await StandingAsync(same.VersionId)).Standing.Verdict.Should().Be(GateVerdict.Pass);
        var standing = await StandingAsync(worse.VersionId);
        standing.Standing.Verdict.Should().Be(GateVerdict.Fail);
        standing.Standing.Reason.Should().Contain("26 pass with the baseline");
    }

    [Test]
    public async Task CompleteAsync_MustPassCaseOrTagMissed_Fails()
    {
        var tenant = await Some.TenantAsync();
        var cases = Some.Cases(10).Select(each => each with { MustPass = each.Ordinal == 10, Tags = each.Ordinal > 8 ? """["safety"]""" : "[]" });
        await Some.Suites.SaveAsync(tenant.Id, new SuiteDraft { Name = "suite", PassThreshold = 0.5, IsDefault = true }, cases, "test", default);
        var plain = await Some.PendingRunAsync(tenant);
        await RunAsync(tenant, plain, passed: 9);
        await Promotion.SetPolicyAsync(tenant.Id, "", """{"requirements":[{"suite":"suite","tags":{"safety":1}}]}""", null, "test", default);
        var tagged = await Some.PendingRunAsync(tenant);
        await RunAsync(tenant, tagged, passed: 9);

        (await StandingAsync(plain.VersionId)).Standing.Reason.Should().Contain("must-pass case 'case-10'");
        (await StandingAsync(tagged.VersionId)).Standing.Requirements[0].Parts[1].Should().Match<PartStanding>(part => part.Tag == "safety" && part.Passed == 1 && part.Cases == 2);
    }

    [Test]
    public async Task TransitionAsync_ApprovalBySecondPersonWithRole_AppliesToTheCommandLineToo()
    {
        var version = await CandidateAsync("""{"requirements":[{"suite":"suite"}],"approval":{"secondPerson":true,"role":"Approver"}}""");

        await Approving(version, "web:bob", isApprover: false).Should().ThrowAsync<ConflictException>().WithMessage("*role Approver*");
        await Approving(version, "web:TEST", isApprover: true).Should().ThrowAsync<ConflictException>().WithMessage("*second person*same person*");
        await Approving(version, "cli:test", isApprover: true).Should().ThrowAsync<ConflictException>().WithMessage("*second person*");
        await Approving(version, "web:bob", isApprover: true).Should().NotThrowAsync();

        (await Some.Versions.GetAsync(version, default)).LifecycleState.Should().Be(LifecycleState.Approved);
    }

    [Test]
    public async Task TransitionAsync_AThousandApprovalsAtOnce_OneSucceeds()
    {
        var version = await CandidateAsync("""{"requirements":[{"suite":"suite"}],"approval":{"secondPerson":true,"role":"Approver"}}""");

        var approved = await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => Task.Run(async () =>
        {
            try
            {
                await Some.Versions.TransitionAsync(new TransitionRequest { VersionId = version, To = LifecycleState.Approved, Actor = $"web:bob{i}", IsApprover = true }, default);
                return true;
            }
            catch (ConflictException)
            {
                return false;
            }
        })));

        approved.Count(each => each).Should().Be(1);
    }

    [Test]
    public async Task CompleteAsync_TwoRequiredRunsAtOnce_BothCount()
    {
        for (var round = 0; round < 5; round++)
        {
            var tenant = await Some.TenantAsync();
            await Some.SuiteAsync(tenant, cases: 5);
            await SuiteAsync(tenant, "safety", cases: 5);
            await Promotion.SetPolicyAsync(tenant.Id, "", """{"requirements":[{"suite":"suite"},{"suite":"safety"}]}""", null, "test", default);
            var version = await Some.VersionAsync(tenant);
            await MoveAsync(version.Id, LifecycleState.Testing);
            var claims = await Some.ClaimAsync(await Some.LiveBatchAsync(tenant));
            foreach (var claim in claims)
                await SaveAsync(claim, passed: 5);

            await Task.WhenAll(claims.Select(claim => Task.Run(() => Some.Claims.CompleteAsync(claim, default))));

            (await Some.Versions.GetAsync(version.Id, default)).EvalStatus.Should().Be(EvalStatus.Pass, "the run that ended last has seen both");
        }
    }

    [Test]
    public async Task VoidAsync_DuringACompletion_LeavesTheStatusOfBoth()
    {
        for (var round = 0; round < 5; round++)
        {
            var tenant = await Some.TenantAsync();
            await Some.SuiteAsync(tenant, cases: 5);
            var first = await Some.PendingRunAsync(tenant);
            await RunAsync(tenant, first, passed: 0);
            var claim = await ClaimAsync(tenant, await AgainAsync(first));
            await SaveAsync(claim, passed: 5);

            await Task.WhenAll(
                Task.Run(() => Some.Claims.CompleteAsync(claim, default)),
                Task.Run(() => Promotion.VoidAsync(first.Id, "wrong key", "test", default)));

            (await Some.Versions.GetAsync(first.VersionId, default)).EvalStatus.Should().Be(EvalStatus.Pass);
        }
    }

    [Test]
    public async Task SetPolicyAsync_DuringATransition_AppliesOneRevisionCompletelyToTheVersion()
    {
        for (var round = 0; round < 5; round++)
        {
            var tenant = await Some.TenantAsync();
            await Some.SuiteAsync(tenant, cases: 2);
            await Promotion.SetPolicyAsync(tenant.Id, "", """{"requirements":[{"suite":"suite","threshold":0.1}]}""", null, "test", default);
            var version = await Some.VersionAsync(tenant);

            await Task.WhenAll(
                Task.Run(() => Promotion.SetPolicyAsync(tenant.Id, "", """{"requirements":[{"suite":"suite","threshold":0.2}]}""", null, "test", default)),
                Task.Run(() => MoveAsync(version.Id, LifecycleState.Testing)));

            var standing = await StandingAsync(version.Id);
            var policy = await Promotion.GetPolicyAsync(standing.Gate.PolicyId!.Value, default);
            standing.Standing.Requirements[0].Requirement.Limit.Should().Be(policy.Revision == 1 ? 0.1 : 0.2);
        }
    }

    [Test]
    public async Task CompleteAsync_BaselineRunsAgain_UpdatesTheDependentVersionsAtOnce()
    {
        var tenant = await Some.TenantAsync();
        await Some.SuiteAsync(tenant, cases: 40);
        var baseline = await Some.PendingRunAsync(tenant);
        await RunAsync(tenant, baseline, passed: 20);
        await Promotion.SetPolicyAsync(
            tenant.Id, "", $$"""{"requirements":[{"suite":"suite","rule":"not_worse","margin":0.1,"baseline":"#{{baseline.VersionId}}"}]}""", null, "test", default);
        var follower = await Some.PendingRunAsync(tenant);
        await RunAsync(tenant, follower, passed: 20);
        (await Some.Versions.GetAsync(follower.VersionId, default)).EvalStatus.Should().Be(EvalStatus.Pass);

        var again = await AgainAsync(baseline);
        await RunAsync(tenant, again, passed: 40);
        (await Some.Versions.GetAsync(follower.VersionId, default)).EvalStatus.Should().Be(EvalStatus.Fail, "the baseline is better than before");

        await Promotion.VoidAsync(again.Id, "another model answered", "test", default);
        (await Some.Versions.GetAsync(follower.VersionId, default)).EvalStatus.Should().Be(EvalStatus.Pass);
    }

    [Test]
    public async Task CancelAsync_RunWithManyFailedCases_IsShownNextToTheEvidence()
    {
        var tenant = await Some.TenantAsync();
        await Some.SuiteAsync(tenant, cases: 10);
        var first = await Some.PendingRunAsync(tenant);
        await SaveAsync(await ClaimAsync(tenant, first), passed: 2);
        await Some.Runs.CancelAsync(first.Id, "test", default);
        await RunAsync(tenant, await AgainAsync(first), passed: 10);

        (await MoveAsync(first.VersionId, LifecycleState.Candidate)).Version.LifecycleState.Should().Be(LifecycleState.Candidate);

        (await StandingAsync(first.VersionId)).Unfinished[1].Should().ContainSingle().Which.Sentence.Should().Be($"run {first.Id} CANCELLED after 10 of 10 cases, 2 passed: it does not count");
        (await new CertificateRepository(Database.Database).ListAsync(first.VersionId, 1, default))[0].Document
            .Should().Contain($"{{\"answered\":10,\"cases\":10,\"passed\":2,\"run\":{first.Id},\"status\":\"CANCELLED\"}}");
    }

    [Test]
    public async Task Lock_VersionsThatAreEachOthersBaseline_NeverDeadlock()
    {
        for (var round = 0; round < 3; round++)
        {
            var tenant = await Some.TenantAsync();
            await Some.SuiteAsync(tenant, cases: 10);
            var (one, other) = (await Some.VersionAsync(tenant), await Some.VersionAsync(tenant));
            foreach (var (version, baseline) in (IEnumerable<(AgentVersion, AgentVersion)>)[(one, other), (other, one)])
            {
                await Promotion.SetPolicyAsync(
                    tenant.Id, "", $$"""{"requirements":[{"suite":"suite","rule":"not_worse","margin":0.9,"baseline":"#{{baseline.Id}}"}]}""", null, "test", default);
                await MoveAsync(version.Id, LifecycleState.Testing);
            }

            var claims = await Some.ClaimAsync(await Some.LiveBatchAsync(tenant));
            foreach (var claim in claims)
                await SaveAsync(claim, passed: 10);

            await Task.WhenAll(claims.Select(claim => Task.Run(() => Some.Claims.CompleteAsync(claim, default))));

            (await Some.Versions.GetAsync(one.Id, default)).EvalStatus.Should().Be(EvalStatus.Pass);
            (await Some.Versions.GetAsync(other.Id, default)).EvalStatus.Should().Be(EvalStatus.Pass, "the run that completed last has updated both");
        }
    }

    [Test]
    public async Task TransitionAsync_VoidOfTheDecidingLookAtTheSameTime_IsNeverMissed()
    {
        for (var round = 0; round < 5; round++)
        {
            var tenant = await Some.TenantAsync();
            await Some.SuiteAsync(tenant, cases: 5);
            var run = await Some.PendingRunAsync(tenant);
            await RunAsync(tenant, run, passed: 5);

            var promoting = Task.Run(() => MoveAsync(run.VersionId, LifecycleState.Candidate));
            await Task.WhenAll(Task.Run(() => Promotion.VoidAsync(run.Id, "wrong key", "test", default)), Task.WhenAny(promoting));

            var certificates = await new CertificateRepository(Database.Database).ListAsync(run.VersionId, 10, default);
            if (promoting.IsCompletedSuccessfully)
                certificates.Should().ContainSingle().Which.Document.Should().Contain("\"void\":null", "it was promoted before the look was declared void");
            else
                certificates.Should().BeEmpty();
            (await Some.Versions.GetAsync(run.VersionId, default)).EvalStatus.Should().Be(EvalStatus.NotRun);
        }
    }

    [Test]
    public async Task SetPolicyAsync_BasedOnAnOlderRevision_IsRejectedAndNothingIsStored()
    {
        var tenant = await Some.TenantAsync();
        await Some.SuiteAsync(tenant);
        const string policy = """{"requirements":[{"suite":"suite"}]}""";
        await Promotion.SetPolicyAsync(tenant.Id, "", policy, 0, "alice", default);
        await Promotion.SetPolicyAsync(tenant.Id, "", policy, 1, "bob", default);

        await FluentActions.Awaiting(() => Promotion.SetPolicyAsync(tenant.Id, "", policy, 1, "alice", default)).Should().ThrowAsync<PolicyOvertakenException>().WithMessage("*revision 2 applies now; nothing was stored*");

        (await Promotion.ListPoliciesAsync(tenant.Id, "", 10, default)).Should().HaveCount(2);
    }

    [Test]
    public async Task ReadStandingAsync_WhileAnotherWrites_DoesNotWaitForIt()
    {
        var tenant = await Some.TenantAsync();
        await Some.SuiteAsync(tenant, cases: 5);
        var run = await Some.PendingRunAsync(tenant);

        var standing = await Database.Database.WriteAsync(_ => Promotion.ReadStandingAsync(run.VersionId, default), default);

        standing!.LiveRuns.Should().ContainSingle("a page is read while a writer holds the lock, so reading must not need the lock");
    }

    [Test]
    public async Task ReadEvidenceAsync_RunOfARequiredSuiteAndOfAnother_ReportsWhichIsEvidence()
    {
        var tenant = await Some.TenantAsync();
        await Some.SuiteAsync(tenant, cases: 2);
        var run = await Some.PendingRunAsync(tenant);
        var informative = await Some.Runs.CreateAsync(run.VersionId, (await SuiteAsync(tenant, "other", cases: 1)).Id, 0, RunTrigger.Manual, "test", default);

        (await Promotion.ReadEvidenceAsync(informative, isVoid: false, default)).Should().Be((false, (Look?)null));
        (await Promotion.ReadEvidenceAsync(run, isVoid: false, default)).Should().Be((true, (Look?)null), "it has not completed");
        await RunAsync(tenant, run, passed: 2);
        await Promotion.VoidAsync(run.Id, "wrong key", "test", default);

        (await Promotion.ReadEvidenceAsync(run, isVoid: true, default)).Look!.Should().BeEquivalentTo(new { RunId = run.Id, VoidReason = "wrong key", IsVoid = true });
    }

    private async Task<long> CandidateAsync(string policy)
    {
        var tenant = await Some.TenantAsync();
        await Some.SuiteAsync(tenant, cases: 2);
        await Promotion.SetPolicyAsync(tenant.Id, "", policy, null, "test", default);
        var run = await Some.PendingRunAsync(tenant);
        await RunAsync(tenant, run, passed: 2);
        await MoveAsync(run.VersionId, LifecycleState.Candidate);
        return run.VersionId;
    }

    private Func<Task> Approving(long versionId, string actor, bool isApprover) =>
        () => Some.Versions.TransitionAsync(new TransitionRequest { VersionId = versionId, To = LifecycleState.Approved, Actor = actor, IsApprover = isApprover }, default);

    private async Task<EvaluationSuite> SuiteAsync(Tenant tenant, string name, int cases) =>
        (await Some.Suites.SaveAsync(tenant.Id, new SuiteDraft { Name = name, PassThreshold = 0.8 }, Some.Cases(cases), "test", default)).Suite;

    private Task<EvaluationRun> AgainAsync(EvaluationRun run) => Some.Runs.CreateAsync(run.VersionId, run.SuiteId, 0, RunTrigger.Manual, "test", default);

    private Task<VersionTransition> MoveAsync(long versionId, LifecycleState to) => Some.Versions.TransitionAsync(versionId, to, null, 0, "test", default);

    private async Task<VersionStanding> StandingAsync(long versionId) => (await Promotion.FindStandingAsync(versionId, default))!;

    /// <summary>Works one pending run, whichever other runs are pending.</summary>
    private async Task RunAsync(Tenant tenant, EvaluationRun run, int passed)
    {
        var claim = await ClaimAsync(tenant, run);
        await SaveAsync(claim, passed);
        await Some.Claims.CompleteAsync(claim, default);
    }

    private async Task<EvaluationRun> ClaimAsync(Tenant tenant, EvaluationRun run)
    {
        var batch = await Some.LiveBatchAsync(tenant);
        await Some.Runs.SetPriorityAsync(run.Id, RunPriority.Highest, "test", default);
        var claim = (await Some.ClaimAsync(batch, 1)).Single();
        claim.Id.Should().Be(run.Id);
        await Some.Dispatches.FinishBatchAsync(batch, BatchStatus.Completed, default, null, default);
        return claim;
    }

    private async Task SaveAsync(EvaluationRun claim, int passed)
    {
        var cases = await Some.UnansweredAsync(claim.Id);
        await Some.Claims.SaveResultsAsync(claim, [.. cases.Select((each, i) => Some.Result(each.Id, i < passed ? CaseVerdict.Passed : CaseVerdict.Failed))], default);
    }
}

using System.Text.Json;
using System.Text.RegularExpressions;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Data;

/// <summary>What a certificate contains, and what its verification finds.</summary>
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed partial class CertificateTests<TDatabase> : DatabaseFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    private CertificateRepository Certificates => new(Database.Database);

    private SomePromotion Promoted => new(Database.Database, Some);

    [Test]
    public async Task TransitionAsync_Promotion_StoresItsHashInTheAuditRecord()
    {
        var promotion = await Promoted.ApprovedAsync();

        var listed = await Certificates.ListAsync(promotion.VersionId, 10, default);

        listed.Should().HaveCount(2, "one for CANDIDATE, one for APPROVED");
        foreach (var certificate in listed)
        {
            var record = (await Certificates.FindTransitionAsync(certificate, default))!;
            record.Type.Should().Be(ChangeType.VersionTransitioned);
            record.Payload.Should().Contain($"\"certificate\":\"{certificate.Sha256}\"");
            certificate.Document.Should().Be(CanonicalJson.Of(certificate.Document));
            (await Certificates.VerifyAsync(certificate, default)).Should().BeEquivalentTo(new CertificateVerification([], []));
        }

        var document = JsonElement.Parse(listed[0].Document);
        document.GetProperty("transition").GetProperty("by").GetString().Should().Be("web:bob");
        document.GetProperty("requirements").GetArrayLength().Should().Be(3);
        document.GetProperty("requirements")[0].GetProperty("looks").EnumerateArray().Count(look => look.GetProperty("void").ValueKind == JsonValueKind.Object).Should().Be(1);
    }

    [Test]
    public async Task VerifyAsync_LookDeclaredVoidLater_IsStillVerifiedWithARemark()
    {
        var promotion = await Promoted.ApprovedAsync();
        var certificate = (await Certificates.ListAsync(promotion.VersionId, 1, default))[0];

        await new PromotionRepository(Database.Database).VoidAsync(promotion.CountingRunId, "the wrong model answered", "web:carol", default);

        var verification = await Certificates.VerifyAsync(certificate, default);
        verification.Differences.Should().BeEmpty();
        verification.Remarks.Should().Contain($"Run {promotion.CountingRunId} was declared void after this promotion by web:carol: \"the wrong model answered\".");
    }

    [Test]
    public async Task VerifyAsync_VoidWithoutAnAuditRecord_IsFound()
    {
        var promotion = await Promoted.ApprovedAsync();
        var certificate = (await Certificates.ListAsync(promotion.VersionId, 1, default))[0];

        await Database.ExecuteAsync($"UPDATE {Database.Schema}RunLook SET VoidedAt = CompletedAt, VoidedBy = 'x', VoidReason = 'y' WHERE RunId = {promotion.CountingRunId}");

        (await Certificates.VerifyAsync(certificate, default)).Differences[0].Should().Be($"The look of run {promotion.CountingRunId}: not as at the promotion.");
    }

    [Test]
    public async Task VerifyAsync_RunsArchivedThenPurged_IsVerifiedAndListsWhatCannotBeCompared()
    {
        var promotion = await Promoted.ApprovedAsync();
        var certificate = (await Certificates.ListAsync(promotion.VersionId, 1, default))[0];
        var archive = new ArchiveRepository(Database.Database);
        while (await archive.ArchiveBatchAsync(0, 3, default) != default)
        {
            (await Certificates.VerifyAsync(certificate, default)).Should().BeEquivalentTo(new CertificateVerification([], []), "a run may be half in the live tables and half in the archive");
        }

        (await Certificates.VerifyAsync(certificate, default)).Should().BeEquivalentTo(new CertificateVerification([], []));
        while (await archive.PurgeBatchAsync(0, 3, default) != default)
            (await Certificates.VerifyAsync(certificate, default)).Differences.Should().BeEmpty();

        var verification = await Certificates.VerifyAsync(certificate, default);
        verification.Differences.Should().BeEmpty();
        verification.Remarks.Should().Contain($"Run {promotion.CountingRunId}: no longer kept, so it cannot be compared.")
            .And.Contain($"The results of run {promotion.CountingRunId}: no longer kept, so they cannot be compared.");
    }

    [Test]
    public async Task VerifyAsync_ResultDeletedFromALiveRun_IsDetectedAlthoughOthersWerePurged()
    {
        var promotion = await Promoted.ApprovedAsync();
        var certificate = (await Certificates.ListAsync(promotion.VersionId, 1, default))[0];
        await Database.ExecuteAsync(
            $$"""INSERT INTO {{Database.Schema}}ChangeRecord (Type, TargetEntity, TargetId, Actor, Payload) VALUES ('RUNS_PURGED', 'EvaluationRun', 1, 'system', '{"firstRunId":1,"lastRunId":99}')""");

        await Database.ExecuteAsync($"DELETE FROM {Database.Schema}TestCaseResult WHERE RunId = {promotion.CountingRunId} AND Verdict = 'FAILED'");

        (await Certificates.VerifyAsync(certificate, default)).Differences[0].Should().Match($"The results of run {promotion.CountingRunId}: not as at the promotion; * lines are there.");
    }

    [Test]
    public async Task VerifyAsync_AuditTrailDeleted_SaysSo()
    {
        var promotion = await Promoted.ApprovedAsync();
        var certificate = (await Certificates.ListAsync(promotion.VersionId, 1, default))[0];

        await Database.ExecuteAsync($"DELETE FROM {Database.Schema}ChangeRecord WHERE Id <= {certificate.AuditRecordId}");

        var verification = await Certificates.VerifyAsync(certificate, default);
        verification.Differences.Should().BeEmpty();
        verification.Remarks[0].Should().StartWith($"The audit record {certificate.AuditRecordId} of the transition is no longer kept");
    }

    [Test]
    public async Task VerifyAsync_AuditRecordInsertedLater_IsDetected()
    {
        var promotion = await Promoted.ApprovedAsync();
        var certificate = (await Certificates.ListAsync(promotion.VersionId, 1, default))[0];
        var record = (await Database.ListAsync<long>($"SELECT Id FROM {Database.Schema}ChangeRecord WHERE TargetEntity = 'Tenant'"))[0];

        await Database.ExecuteAsync($"UPDATE {Database.Schema}ChangeRecord SET TargetEntity = 'AgentVersion', TargetId = {promotion.VersionId} WHERE Id = {record}");

        (await Certificates.VerifyAsync(certificate, default)).Differences.Should().Equal($"Audit record {record} (TENANT_ADDED) was not there at the promotion.");
    }

    [Test]
    public async Task TransitionAsync_ResultsChangedAfterTheRunCompleted_DoesNotPromote()
    {
        var promotion = await Promoted.TestedAsync();
        await Database.ExecuteAsync($"UPDATE {Database.Schema}TestCaseResult SET Verdict = 'FAILED' WHERE RunId = {promotion.CountingRunId} AND Verdict = 'PASSED'");

        await FluentActions.Awaiting(() => Some.Versions.TransitionAsync(promotion.VersionId, LifecycleState.Candidate, null, 0, "web:alice", default))
            .Should().ThrowAsync<ConflictException>().WithMessage($"The stored results of run {promotion.CountingRunId} are not those it completed with*");

        (await Some.Versions.GetAsync(promotion.VersionId, default)).LifecycleState.Should().Be(LifecycleState.Testing);
        (await Certificates.ListAsync(promotion.VersionId, 1, default)).Should().BeEmpty();
    }

    [Test]
    public async Task TransitionAsync_GenomeChanged_DoesNotPromote()
    {
        var promotion = await Promoted.TestedAsync();
        await Database.ExecuteAsync($"UPDATE {Database.Schema}AgentVersion SET Genome = REPLACE(Genome, 'scripted', 'Scripted') WHERE Id = {promotion.VersionId}");

        await FluentActions.Awaiting(() => Some.Versions.TransitionAsync(promotion.VersionId, LifecycleState.Candidate, null, 0, "web:alice", default))
            .Should().ThrowAsync<ConflictException>().WithMessage("The stored genome of version*");
    }

    [Test]
    public async Task ExportAsync_Certificate_ContainsItAndAllItsEvidence()
    {
        var promotion = await Promoted.ApprovedAsync();
        var certificate = (await Certificates.ListAsync(promotion.VersionId, 1, default))[0];
        var text = new StringWriter();

        await Certificates.ExportAsync(certificate, text, default);

        var lines = text.ToString().TrimEnd('\n').Split('\n');
        lines[0].Should().Be(certificate.Document);
        lines.Should().OnlyContain(line => CanonicalJson.Of(line) == line);
        lines.Count(line => Header().IsMatch(line)).Should().Be(JsonElement.Parse(lines[0]).GetProperty("evidence").GetArrayLength() + 1, "the audit record of the transition is written last");
    }

    [GeneratedRegex("""^\{"id":\d+,"kind":"\w+","lines":\d+\}$""", RegexOptions.None, 1000)]
    private static partial Regex Header();
}

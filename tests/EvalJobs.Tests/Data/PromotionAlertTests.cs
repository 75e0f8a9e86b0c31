using System.Text.Json;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Data;

/// <summary>Alerts of promotion are stored in the transaction of their change, and only if a channel has their topic.</summary>
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class PromotionAlertTests<TDatabase> : DatabaseFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    private static readonly HashSet<AlertTopic> AllTopics = [.. Enum.GetValues<AlertTopic>()];

    [Test]
    public async Task Promotion_TopicOfNoChannel_WritesNoAlert()
    {
        await new SomePromotion(Database.Database, Some).ApprovedAsync();

        (await AlertsAsync()).Should().BeEmpty();
    }

    [Test]
    public async Task Promotion_TopicOfAChannel_WritesAnAlertWithDetails()
    {
        using var wanting = new EvaluationDatabase(Database.Options) { Notified = AllTopics };
        var promotion = await new SomePromotion(wanting, new Some(wanting)).ApprovedAsync("acme");

        var alerts = (await AlertsAsync()).Reverse().ToList();

        alerts.Should().OnlyContain(alert => alert.Phase == AlertPhase.Raised && alert.TenantSlug == "acme" && alert.Count == 1);
        alerts.Count(alert => alert.Topic == AlertTopic.RunCompleted).Should().Be(5);
        alerts.Count(alert => alert.Topic == AlertTopic.GateFailed).Should().Be(2, "the bad looks, and the first good one together with a bad look of the other suite; a void that leaves it FAIL raises no alert");
        alerts.Where(alert => alert.Topic is AlertTopic.Promoted or AlertTopic.ApprovalWanted).Select(alert => alert.Text).Should().Equal(
            "Version next of agent is CANDIDATE now; cli:alice moved it.",
            "Version next of agent is a CANDIDATE and waits for a person who did not create it to approve it.",
            "Version next of agent is APPROVED now; web:bob moved it.");
        var data = JsonElement.Parse(alerts.First(alert => alert.Topic == AlertTopic.Promoted).Data!);
        data.GetProperty("versionId").GetInt64().Should().Be(promotion.VersionId);
        var certificates = await new CertificateRepository(Database.Database).ListAsync(promotion.VersionId, 10, default);
        data.GetProperty("certificate").GetString().Should().Be(certificates[1].Sha256, "a receiver can store it where nobody can change it");
        JsonElement.Parse(alerts.First(alert => alert.Topic == AlertTopic.RunCompleted).Data!).GetProperty("passed").GetInt32().Should().Be(5);
    }

    [Test]
    public async Task Promotion_Rejected_WritesNoAlert()
    {
        using var wanting = new EvaluationDatabase(Database.Options) { Notified = AllTopics };
        var promotion = await new SomePromotion(wanting, new Some(wanting)).TestedAsync();
        var before = (await AlertsAsync()).Count;
        await Database.ExecuteAsync($"UPDATE {Database.Schema}TestCaseResult SET Verdict = 'FAILED' WHERE RunId = {promotion.CountingRunId}");

        await FluentActions.Awaiting(() => new Some(wanting).Versions.TransitionAsync(promotion.VersionId, LifecycleState.Candidate, null, 0, "test", default)).Should().ThrowAsync<ConflictException>();

        (await AlertsAsync()).Should().HaveCount(before);
    }

    private Task<IReadOnlyList<Alert>> AlertsAsync() => new AlertRepository(Database.Database).ListAsync(null, null, long.MaxValue, 100, default);
}

using EvalJobs.Data;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Data;

[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
internal sealed class SignOutRepositoryTests<TDatabase> : DatabaseFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(8);

    private SignOutRepository SignOuts => new(Database.Database);

    [Test]
    public async Task ListAsync_OneSessionAndEverywhere_AreKeptInTheirOrder()
    {
        await SignOuts.AddAsync("user:alice", "AB12", Lifetime, default);
        await SignOuts.AddAsync("oidc:é", null, Lifetime, default);

        var ends = await SignOuts.ListAsync(default);

        ends.Should().BeEquivalentTo(
            [new { Subject = "user:alice", SessionId = (string?)"AB12" }, new { Subject = "oidc:é", SessionId = (string?)null }], order => order.WithStrictOrdering());
        (await SignOuts.FindLastIdAsync(default)).Should().Be(ends[1].Id).And.BeGreaterThan(ends[0].Id);
    }

    [Test]
    public async Task ListAsync_AfterTheSessionsLifetime_OmitsThemAndIdsContinue()
    {
        await SignOuts.AddAsync("user:alice", "AB12", Lifetime, default);
        var first = await SignOuts.FindLastIdAsync(default);
        await Database.PassAsync(Lifetime + TimeSpan.FromMinutes(1));
        (await SignOuts.ListAsync(default)).Should().BeEmpty();

        await SignOuts.AddAsync("user:bob", null, Lifetime, default);

        (await SignOuts.ListAsync(default)).Should().ContainSingle().Which.Id.Should().BeGreaterThan(first, "a session that began after an earlier sign-out must still be ended by a later one");
    }

    [Test]
    public async Task FindLastIdAsync_Nothing_IsZero() => (await SignOuts.FindLastIdAsync(default)).Should().Be(0);
}

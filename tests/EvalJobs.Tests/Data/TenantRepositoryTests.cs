using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Data;

[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class TenantRepositoryTests<TDatabase> : DatabaseFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    [Test]
    public async Task ListAsync_PageByPage_ReturnsEveryTenantOnceBySlug()
    {
        foreach (var slug in (string[])["b", "a-1", "c", "a", "ab"])
            await Some.TenantAsync(slug);

        var pages = new List<string[]>();
        do
            pages.Add([.. (await Some.Tenants.ListAsync(pages.Count == 0 ? "" : pages[^1][^1], 2, default)).Select(tenant => tenant.Slug)]);
        while (pages[^1].Length == 2);

        pages.Select(page => page.Length).Should().Equal(2, 2, 1);
        pages.SelectMany(page => page).Should().OnlyHaveUniqueItems().And.BeEquivalentTo("a", "a-1", "ab", "b", "c");
    }

    [TestCase("two\nlines", "control characters")]
    [TestCase("\u001b[31mred", "control characters", TestName = "{m}(a terminal's colour)")]
    [TestCase("Acme \u202EproC", "invisible characters, such as this one's U+202E")]
    public async Task Name_ThatHidesSomething_IsRejectedForTenantsAndVersions(string name, string problem)
    {
        var tenant = await Some.TenantAsync("acme");

        var add = () => Some.Tenants.AddAsync("other", name, new TenantLimits(), "test", default);
        var addVersion = () => Some.Versions.CreateAsync(tenant.Id, name, "1", Some.Genome(), null, "test", default);

        (await add.Should().ThrowAsync<InvalidInputException>()).Which.Message.Should().Contain(problem);
        (await addVersion.Should().ThrowAsync<InvalidInputException>()).Which.Message.Should().Contain(problem);
    }
}

using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Data;

[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class TenantRepositoryTests<TDatabase> : DatabaseFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    [Test]
    public async Task ListAsync_PageAfterPage_GivesEveryTenantOnceBySlug()
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
}

using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Data;

[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
internal sealed class ApiKeyRepositoryTests<TDatabase> : DatabaseFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    private ApiKeyRepository Keys => new(Database.Database);

    [Test]
    public async Task AddAsync_TenantsKey_IsFoundByItsSecretAndStoresNoSecret()
    {
        var tenant = await Some.TenantAsync("acme");
        var secret = ApiKeySecret.Create();

        var added = await Keys.AddAsync(new NewApiKey { Name = "ci", TenantId = tenant.Id, Role = ApiKeyRole.Operator, Days = 2 }, secret, "cli:ann", default);

        (await Keys.FindAsync(secret, default)).Should().Be(added);
        (added.Name, added.TenantSlug, added.Role, added.IsUsable, added.LastUsedAt).Should().Be(("ci", "acme", ApiKeyRole.Operator, true, null));
        (added.ExpiresAt - added.CreatedAt).Should().BeCloseTo(TimeSpan.FromDays(2), TimeSpan.FromSeconds(1));
        (await Keys.FindAsync(ApiKeySecret.Create(), default)).Should().BeNull();
        var stored = await Database.ListAsync<string>($"SELECT Payload FROM {Database.Schema}ChangeRecord UNION ALL SELECT SecretHash FROM {Database.Schema}ApiKey");
        stored.Should().NotContain(text => text.Contains(secret.Text, StringComparison.Ordinal));
        (await Some.Changes.ListAsync(tenant.Id, null, null, long.MaxValue, 1, default)).Single().Should().Match<ChangeRecord>(record => record.Type == "KEY_CREATED" && record.Actor == "cli:ann");
    }

    [Test]
    public async Task FindAsync_AfterItsDays_IsNotUsable()
    {
        var secret = ApiKeySecret.Create();
        await Keys.AddAsync(new NewApiKey { Name = "ci", Role = ApiKeyRole.Admin, Days = 1 }, secret, "test", default);

        await Database.PassAsync(TimeSpan.FromDays(1) + TimeSpan.FromSeconds(1));

        (await Keys.FindAsync(secret, default))!.IsUsable.Should().BeFalse();
    }

    [Test]
    public async Task RevokeAsync_Twice_IsAConflictAndFreesTheName()
    {
        var key = await Keys.AddAsync(new NewApiKey { Name = "ci", Role = ApiKeyRole.Admin }, ApiKeySecret.Create(), "test", default);
        await FluentActions.Awaiting(() => Keys.AddAsync(new NewApiKey { Name = "ci", Role = ApiKeyRole.Admin }, ApiKeySecret.Create(), "test", default))
            .Should().ThrowAsync<ConflictException>().WithMessage("*'ci'*");

        var revoked = await Keys.RevokeAsync(key.Id, "cli:ann", default);

        (revoked.IsUsable, revoked.RevokedBy).Should().Be((false, "cli:ann"));
        await FluentActions.Awaiting(() => Keys.RevokeAsync(key.Id, "test", default)).Should().ThrowAsync<ConflictException>();
        await FluentActions.Awaiting(() => Keys.RevokeAsync(99, "test", default)).Should().ThrowAsync<NotFoundException>();
        (await Keys.AddAsync(new NewApiKey { Name = "ci", Role = ApiKeyRole.Admin }, ApiKeySecret.Create(), "test", default)).Id.Should().BeGreaterThan(key.Id);
    }

    [Test]
    public async Task ListAsync_OfATenant_OmitsKeysOfOthersAndAdmins()
    {
        var acme = await Some.TenantAsync("acme");
        var globex = await Some.TenantAsync("globex");
        await Keys.AddAsync(new NewApiKey { Name = "a", TenantId = acme.Id, Role = ApiKeyRole.Viewer }, ApiKeySecret.Create(), "test", default);
        await Keys.AddAsync(new NewApiKey { Name = "g", TenantId = globex.Id, Role = ApiKeyRole.Viewer }, ApiKeySecret.Create(), "test", default);
        await Keys.AddAsync(new NewApiKey { Name = "root", Role = ApiKeyRole.Admin }, ApiKeySecret.Create(), "test", default);

        (await Keys.ListAsync(acme.Id, long.MaxValue, 10, default)).Select(key => key.Name).Should().Equal("a");
        var all = await Keys.ListAsync(null, long.MaxValue, 2, default);
        all.Select(key => key.Name).Should().Equal("root", "g");
        (await Keys.ListAsync(null, all[^1].Id, 2, default)).Select(key => key.Name).Should().Equal("a");
    }

    [Test]
    public async Task RecordUseAsync_SomeKeys_UpdatesOnlyThem()
    {
        var used = await Keys.AddAsync(new NewApiKey { Name = "used", Role = ApiKeyRole.Admin }, ApiKeySecret.Create(), "test", default);
        var unused = await Keys.AddAsync(new NewApiKey { Name = "unused", Role = ApiKeyRole.Admin }, ApiKeySecret.Create(), "test", default);

        await Keys.RecordUseAsync([used.Id, 99], default);

        (await Keys.GetAsync(used.Id, default)).LastUsedAt.Should().NotBeNull();
        (await Keys.GetAsync(unused.Id, default)).LastUsedAt.Should().BeNull();
    }
}

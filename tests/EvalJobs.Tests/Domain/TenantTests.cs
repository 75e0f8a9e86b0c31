using EvalJobs.Domain;

namespace EvalJobs.Tests.Domain;

public sealed class TenantTests
{
    private static readonly string[] Good = ["a", "0", "acme", "acme-2", "a--b", new string('x', 63)];
    private static readonly string[] Bad =
        ["", "-", "-acme", "acme-", "Acme", "ac me", "acme\n", "acmé", "ac_me", "a.b", "\u0661", new string('x', 64)];

    [TestCaseSource(nameof(Good))]
    public void ValidateSlug_ValidSlug_IsReturned(string slug) => Tenant.ValidateSlug(slug).Should().Be(slug);

    [TestCaseSource(nameof(Bad))]
    public void ValidateSlug_InvalidSlug_IsRejectedWithTheRule(string slug)
    {
        var demand = () => Tenant.ValidateSlug(slug);

        demand.Should().Throw<InvalidInputException>().Which.Message.Should().Contain($"'{slug}'").And.Contain("1 to 63 of a-z, 0-9 and '-'");
    }
}

using EvalJobs.Server.Access;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Access;

public sealed class PasswordTests
{
    [Test]
    public void Hash_Always_MatchesItsPasswordOnlyAndIsNeverTheSame()
    {
        var first = Password.Hash(SomeUser.Password);
        var second = Password.Hash(SomeUser.Password);

        first.Should().NotBe(second, "each hash has its own salt");
        Password.IsHash(first).Should().BeTrue();
        Password.Verify(first, SomeUser.Password).Should().BeTrue();
        Password.Verify(first, SomeUser.Password + " ").Should().BeFalse();
    }

    [Test]
    public void Decoy_Always_TakesAsMuchWorkAsARealHash()
    {
        var decoy = Convert.FromBase64String(Password.DummyHash);
        var real = Convert.FromBase64String(Password.Hash(SomeUser.Password));

        decoy.Should().HaveSameCount(real);
        decoy[..13].Should().Equal(real[..13], "format, function, iterations and salt length decide how long a check takes");
        Password.Verify(Password.DummyHash, "").Should().BeFalse();
    }

    [TestCase("")]
    [TestCase("hunter2hunter2")]
    [TestCase("aGVsbG8gd29ybGQgaGVsbG8gd29ybGQgaGVsbG8gd29ybGQ=")]
    [TestCase("AQAAAAIAAAPoAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==", Description = "1,000 iterations")]
    public void IsHash_OfAnythingElse_IsFalse(string text) => Password.IsHash(text).Should().BeFalse();
}

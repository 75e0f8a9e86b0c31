using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using EvalJobs.Domain;

namespace EvalJobs.Tests.Domain;

public sealed class ApiKeySecretTests
{
    [Test]
    public void Create_Always_HasTheFormThatScannersLookFor()
    {
        var secrets = Enumerable.Range(0, 200).Select(_ => ApiKeySecret.Create()).ToList();

        secrets.Should().OnlyContain(secret => Regex.IsMatch(secret.Text, "^ej_[0-9A-Za-z]{46}$", RegexOptions.None, TimeSpan.FromSeconds(1)));
        secrets.Select(secret => secret.Text).Should().OnlyHaveUniqueItems();
        secrets.Should().AllSatisfy(secret =>
        {
            ApiKeySecret.TryParse(secret.Text, out var read).Should().BeTrue();
            read!.Hash.Should().Be(secret.Hash);
        });
    }

    [Test]
    public void TryParse_AnyWrongCharacterAtAnyPlace_IsFalse()
    {
        var text = ApiKeySecret.Create().Text;

        for (var at = 0; at < text.Length; at++)
        {
            var mistyped = text[..at] + (text[at] == 'x' ? 'y' : 'x') + text[(at + 1)..];
            ApiKeySecret.TryParse(mistyped, out _).Should().BeFalse("the character at {0} differs", at);
        }
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("ej_")]
    [TestCase("ej_ÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄ")]
    public void TryParse_NotASecret_IsFalse(string? text) => ApiKeySecret.TryParse(text, out _).Should().BeFalse();

    [Test]
    public void Hash_Always_IsSha256InLowerCase()
    {
        var secret = ApiKeySecret.Create();

        secret.Hash.Should().Be(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret.Text))));
        $"{secret}".Should().NotContain(secret.Text).And.NotContain(secret.Hash);
        secret.Text.Should().StartWith(secret.Hint);
    }
}

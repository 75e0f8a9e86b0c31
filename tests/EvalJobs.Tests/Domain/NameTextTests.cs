using EvalJobs.Domain;

namespace EvalJobs.Tests.Domain;

/// <summary>Names that look like another name, or that contain invisible characters, are rejected. Names in every script are accepted.</summary>
public sealed class NameTextTests
{
    [TestCase("Acme \u202EproC", "U+202E")]
    [TestCase("\u2066Acme", "U+2066")]
    [TestCase("Ac\u200Bme", "U+200B")]
    [TestCase("Acme\uFEFF", "U+FEFF")]
    [TestCase("Acme\u2028Corp", "U+2028")]
    [TestCase("Acme\nCorp", "control characters")]
    public void Problem_OfInvisibleCharacters_NamesThem(string name, string problem)
    {
        NameText.Problem(name).Should().Contain(problem);
        SuiteDraft.NameError(name).Should().Contain(problem);
    }

    [TestCase("Acme Corp")]
    [TestCase("\u0645\u0631\u062D\u0628\u0627 \u200F\u0628\u0627\u0644")]
    [TestCase("\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645")]
    [TestCase("\U0001F469\u200D\U0001F467")]
    public void Problem_OfNamesOfAnyScript_IsNone(string name) => NameText.Problem(name).Should().BeNull();
}

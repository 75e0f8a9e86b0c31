using EvalJobs.Execution.Scoring;
using EvalJobs.Server.Dashboard;

namespace EvalJobs.Tests.Server.Dashboard;

public sealed class VisibleTextTests
{
    [TestCase("a b", "a\u00A0b", true)]
    [TestCase("yes", "yes\u200B", true)]
    [TestCase("yes", "yes\n", true)]
    [TestCase("CAT", "\u0421AT", true)]
    [TestCase("12", "\uFF11\uFF12", true)]
    [TestCase("yes", " \n yes \u200B ", true)]
    [TestCase("a b", "a \u200B\t b", true)]
    [TestCase("a😀", "a\u200B😀", true)]
    [TestCase("yes", "yes!", false)]
    [TestCase("yes", "no", false)]
    [TestCase("a b", "ab", false)]
    [TestCase("yes", "yes", false)]
    public void LooksEqual_OfTwoTexts_IsTrueOnlyWhenTheDifferenceIsInvisible(string one, string other, bool expected) =>
        VisibleText.LooksEqual(one, other).Should().Be(expected);

    [TestCase("a b\n", "a·b↵\n")]
    [TestCase("a\u200B\0\uFEFF", "a⟨ZWSP⟩⟨NUL⟩⟨BOM⟩")]
    [TestCase("a\u202Eb", "a⟨U+202E⟩b")]
    public void MarkInvisible_InvisibleCharacters_AreVisible(string text, string marked) => VisibleText.MarkInvisible(text).Should().Be(marked);

    [TestCase("CAT", "\u0421AT", "First difference at character 1: expected “C” (U+0043), the reply has “\u0421” (U+0421, Cyrillic, looks like C).")]
    [TestCase("yes", "yes\u200B", "The reply continues after the expected text, with ZWSP (U+200B) at character 4.")]
    [TestCase("yes.", "yes", "The reply ends after character 3, where “.” (U+002E) is expected.")]
    [TestCase("yes", "yes", null)]
    public void FirstDifference_OfTwoTexts_NamesPlaceAndCharacters(string expected, string actual, string? sentence) =>
        VisibleText.FirstDifference(expected, actual).Should().Be(sentence);

    [TestCase("""{"a":[1,2]}""", true)]
    [TestCase("{broken", false)]
    [TestCase("12", false)]
    public void PrettyJson_OfAText_IsGivenForObjectsAndArraysOnly(string text, bool isJson) => (PrettyJson.Of(text) is not null).Should().Be(isJson);
}

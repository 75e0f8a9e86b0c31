using CsCheck;
using EvalJobs.Server.Dashboard;

namespace EvalJobs.Tests.Server.Dashboard;

public sealed class TextDiffTests
{
    private static readonly Gen<string> Texts = Gen.OneOfConst("the", "cat", " ", "sat", "\n", "👩‍👩‍👧‍👦", "é", ".", "42", "مرحبا").List[0, 30].Select(string.Concat);

    [TestCase("the cat sat", "the dog sat", "the [cat] sat", "the [dog] sat")]
    [TestCase("order 000381 is late", "order 000831 is late", "order 000[38]1 is late", "order 000[83]1 is late")]
    [TestCase("five apples", "five apple", "five apple[s]", "five apple")]
    [TestCase("on the Seine", "on the Rhône", "on the [Seine]", "on the [Rhône]")]
    [TestCase("42", "The answer is 42.", "42", "[The answer is ]42[.]")]
    [TestCase("same", "same", "same", "same")]
    [TestCase("family 👩‍👩‍👧‍👦!", "family 👩‍👩‍👧!", "family [👩‍👩‍👧‍👦]!", "family [👩‍👩‍👧]!")]
    public void Compare_TwoTexts_MarksWhatOnlyOneHas(string expected, string actual, string markedExpected, string markedActual)
    {
        var (left, right) = TextDiff.Compare(expected, actual, out _)!.Value;

        Mark(left).Should().Be(markedExpected);
        Mark(right).Should().Be(markedActual);
    }

    [Test]
    public void Compare_AnyTexts_KeepsEverythingAndMarksTheSameCommonPart() => Gen.Select(Texts, Texts).Sample((expected, actual) =>
    {
        if (TextDiff.Compare(expected, actual, out _) is not var (left, right))
            return;
        string.Concat(left.Select(part => part.Text)).Should().Be(expected);
        string.Concat(right.Select(part => part.Text)).Should().Be(actual);
        string.Concat(left.Where(part => part.IsCommon).Select(part => part.Text))
            .Should().Be(string.Concat(right.Where(part => part.IsCommon).Select(part => part.Text)));
    });

    [Test]
    public void Compare_LongTexts_GivesUpAndSaysThatTheyAreTooLong()
    {
        TextDiff.Compare(string.Join(' ', Enumerable.Range(0, 2000)), string.Join(' ', Enumerable.Range(5000, 2000)), out var isTooLong).Should().BeNull();

        isTooLong.Should().BeTrue();
    }

    [Test]
    public void Compare_NothingInCommon_MarksNothing()
    {
        TextDiff.Compare("yes", "no", out var isTooLong).Should().BeNull();

        isTooLong.Should().BeFalse();
    }

    private static string Mark(IEnumerable<DiffPart> parts) => string.Concat(parts.Select(part => part.IsCommon ? part.Text : $"[{part.Text}]"));
}

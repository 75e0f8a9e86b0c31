using EvalJobs.Import;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Import;

[Category(RealInput.Category)]
public sealed class RealInputTests
{
    [Test]
    public async Task ReadAsync_Gsm8k_ReturnsItsFourHundredCases()
    {
        var options = new TestCaseReadOptions { Mapping = new FieldMapping { Input = "question", Expected = "ground_truth" } };

        var cases = new List<TestCase>();
        await foreach (var testCase in TestCaseFileReader.ReadAsync(RealInput.GsmPath, options))
            cases.Add(testCase);

        cases.Should().HaveCount(400).And.OnlyHaveUniqueItems(c => c.CaseKey);
        cases[0].Input.Should().StartWith("Janet’s ducks lay 16 eggs per day.");
        cases[0].ExpectedOutput.Should().EndWith("A: 18");
        cases[^1].CaseKey.Should().Be("case-00400");
        cases.Should().OnlyContain(c => c.ExpectedOutput!.Contains("\nA: ", StringComparison.Ordinal));
    }

    [Test]
    public async Task ReadAsync_Gsm8kWithoutMapping_FindsTheSameFields()
    {
        var first = TestCaseFileReader.ReadAsync(RealInput.GsmPath).GetAsyncEnumerator();
        await first.MoveNextAsync();

        first.Current.Input.Should().StartWith("Janet’s ducks");
        first.Current.ExpectedOutput.Should().EndWith("A: 18");
        await first.DisposeAsync();
    }
}

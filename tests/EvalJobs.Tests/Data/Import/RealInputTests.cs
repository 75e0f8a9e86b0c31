using EvalJobs.Data.Import;
using EvalJobs.Domain;

namespace EvalJobs.Tests.Data.Import;

[Category("RealInput")]
public sealed class RealInputTests
{
    [Test]
    public async Task ReadAsync_Gsm8k_GivesItsFourHundredCases()
    {
        var options = new TestCaseReadOptions { Mapping = FieldMapping.Parse(["input=question", "expected=ground_truth"]) };

        var cases = new List<TestCase>();
        await foreach (var testCase in TestCaseFileReader.ReadAsync(Find("gsm8k/model-solutions-400.jsonl"), options))
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
        var first = TestCaseFileReader.ReadAsync(Find("gsm8k/model-solutions-400.jsonl")).GetAsyncEnumerator();
        await first.MoveNextAsync();

        first.Current.Input.Should().StartWith("Janet’s ducks");
        first.Current.ExpectedOutput.Should().EndWith("A: 18");
        await first.DisposeAsync();
    }

    /// <summary>Real data lies in shared/data beside the checkout; it is not part of it.</summary>
    private static string Find(string file)
    {
        for (var folder = new DirectoryInfo(TestContext.CurrentContext.TestDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", "data", file);
            if (File.Exists(path))
                return path;
        }
        Assert.Ignore($"No shared/data/{file} beside the checkout.");
        return "";
    }
}

using System.Text.Json;
using EvalJobs.Domain;
using EvalJobs.Execution.Scoring;

namespace EvalJobs.Tests.Execution.Scoring;

/// <summary>
/// The required cases of the official JSON-Schema-Test-Suite for draft 2020-12, as published. The README.md next to them gives their origin
/// and licence. The cases that are left out, with the reasons, are in <see cref="Excluded"/>.
/// </summary>
public sealed class JsonSchemaSuiteTests
{
    private const string Remote = "needs a schema from another place: nothing is ever fetched, so the import rejects it";
    private const string FormatIsAsserted = "treats format as an annotation; here it is asserted, as the suite allows";
    private const string OwnMetaSchema = "has a meta-schema of its own; here the draft is one of four";
    private const string LongPropertyName = "has \\p{Letter}, a name .NET does not have; the import rejects it, \\p{L} is valid";

    // By file and beginning of the group's description; "" is the whole file.
    private static readonly (string File, string Group, string Reason)[] Excluded =
    [
        ("refRemote", "", Remote),
        ("dynamicRef", "strict-tree schema", Remote),
        ("dynamicRef", "tests for implementation dynamic anchor", Remote),
        ("dynamicRef", "$ref and $dynamicAnchor are independent of order", Remote),
        ("dynamicRef", "$ref to $dynamicRef finds detached", Remote),
        ("format", "", FormatIsAsserted),
        ("vocabulary", "", OwnMetaSchema),
        ("pattern", "pattern with Unicode property escape", LongPropertyName),
        ("patternProperties", "patternProperties with Unicode property escape", LongPropertyName),
    ];

    [Test]
    public async Task ScoreAsync_RequiredCases_GetTheVerdictOfTheSuite()
    {
        var scorer = new JsonScorer();
        var wrong = new List<string>();
        var judged = 0;
        foreach (var file in Directory.EnumerateFiles(SuiteFolder(), "*.json").Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileNameWithoutExtension(file);
            foreach (var group in JsonElement.Parse(await File.ReadAllTextAsync(file)).EnumerateArray())
            {
                var description = group.GetProperty("description").GetString()!;
                if (Excluded.Any(each => each.File == name && description.StartsWith(each.Group, StringComparison.Ordinal)))
                    continue;

                foreach (var test in group.GetProperty("tests").EnumerateArray())
                {
                    judged++;
                    var scoring = $$"""{"type":"json","schema":{{group.GetProperty("schema").GetRawText()}}}""";
                    try
                    {
                        var spec = ScoringSpec.Parse(scoring);
                        scorer.Validate(spec, null);
                        var score = await scorer.ScoreAsync(new ScoringRequest(spec, "", null, test.GetProperty("data").GetRawText(), "acme"), CancellationToken.None);
                        if (score.Value == 1 != test.GetProperty("valid").GetBoolean())
                            wrong.Add($"{name}: {description}: {test.GetProperty("description").GetString()}: {score}");
                    }
                    catch (Exception error)
                    {
                        wrong.Add($"{name}: {description}: {error.Message}");
                    }
                }
            }
        }

        string.Join("\n", wrong.Distinct(StringComparer.Ordinal)).Should().BeEmpty();
        judged.Should().BeGreaterThan(1000, "the suite has that many required cases");
    }

    private static string SuiteFolder()
    {
        var folder = new DirectoryInfo(TestContext.CurrentContext.TestDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "EvalJobs.sln")))
            folder = folder.Parent;
        return Directory.EnumerateDirectories(Path.Combine(folder!.FullName, "tests"), "JsonSchemaSuite", SearchOption.AllDirectories).First();
    }
}

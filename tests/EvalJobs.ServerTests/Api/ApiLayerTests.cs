using System.Text.RegularExpressions;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Api;

/// <summary>The API is thin: it uses the use cases and the reading methods of repositories, but no SQL and no storage code.</summary>
public sealed class ApiLayerTests
{
    private static readonly string[] Forbidden = ["Dapper", "SqlQuery", "DbWork", "EvaluationDatabase", "DbConnection", "SqlConnection", "SqliteConnection", "RecordAsync", "WriteAsync(async db"];

    /// <summary>The changing methods of repositories. The API makes changes only through use cases.</summary>
    private static readonly Regex Changing = new(
        @"\b(versions|suites|runs|tenants|promotion|keys|changes|lists)\.(Add|Create|Save|Revise|Set|Cancel|Retry|Void|Delete|Transition|Require|Revoke|Record)\w*Async", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));

    private static IEnumerable<string> Files() => Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "EvalJobs.Server", "Api"), "*.cs").Select(file => Path.GetFileName(file)!);

    [TestCaseSource(nameof(Files))]
    public void File_OfTheApi_UsesUseCasesAndNoSql(string file)
    {
        var source = File.ReadAllText(Path.Combine(Repository.Root, "src", "EvalJobs.Server", "Api", file));

        Violations(source).Should().BeEmpty();
    }

    [TestCase("await database.WriteAsync(async db => 1);", "WriteAsync(async db")]
    [TestCase("using Dapper;", "Dapper")]
    [TestCase("await runs.CancelAsync(1, actor, token);", "runs.CancelAsync")]
    public void Violations_Planted_AreFound(string source, string violation) => Violations(source).Should().Contain(violation);

    private static IEnumerable<string> Violations(string source) =>
        Forbidden.Where(word => source.Contains(word, StringComparison.Ordinal)).Concat(Changing.Matches(source).Select(match => match.Value));
}

using System.Text.RegularExpressions;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Docs;

/// <summary>The release workflow has never run, so its steps are compared with what the documents promise.</summary>
public sealed partial class ReleaseWorkflowTests
{
    private static readonly string Workflow = Repository.Read(".github/workflows/release.yml");

    [Test]
    public void Packages_ThatDocumentsInstall_AreBuilt()
    {
        string[] places = [".github/actions/gate/action.yml", "docs/guide/pipelines.md", "docs/guide/embedding.md"];

        var installed = places.SelectMany(place => Install().Matches(Repository.Read(place)).Select(match => match.Groups["package"].Value)).Distinct(StringComparer.Ordinal).ToList();

        installed.Should().Contain("EvalJobs.Server", "the gate action installs the tool");
        Pack().Matches(Workflow).Select(match => match.Groups["package"].Value).Should().Contain(installed);
    }

    [Test]
    public void ServerFolder_IsNotSelfContained_WhereScorerProcessesNeedADotnet() =>
        Workflow.Should().Contain("dotnet publish src/EvalJobs.Server -c Release -r ${{ matrix.runtime }} --no-self-contained");

    [Test]
    public void Jobs_ThatOthersNeed_Exist()
    {
        var jobs = Job().Matches(Workflow).Select(match => match.Groups["name"].Value).ToList();

        Needs().Matches(Workflow).SelectMany(match => match.Groups["names"].Value.Trim('[', ']').Split(", ")).Should().NotBeEmpty().And.BeSubsetOf(jobs);
    }

    [GeneratedRegex(@"dotnet (tool (install|update)( -g)?|add package) (?<package>EvalJobs[\w.]*)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Install();

    [GeneratedRegex(@"dotnet pack src/(?<package>[\w.]+) -c Release -o packages", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Pack();

    [GeneratedRegex(@"^  (?<name>[\w-]+):\n    ", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Job();

    [GeneratedRegex(@"^    needs: (?<names>.+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Needs();
}

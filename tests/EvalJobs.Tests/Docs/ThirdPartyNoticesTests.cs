using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Docs;

/// <summary>docs/THIRD-PARTY-NOTICES.md names every package in the server, with its licence. <c>scripts/third-party-notices.sh</c> writes it.</summary>
public sealed class ThirdPartyNoticesTests
{
    private const string Page = "docs/THIRD-PARTY-NOTICES.md";

    private static readonly string Assets = Path.Combine(Repository.Root, "src", "EvalJobs.Server", "obj", "project.assets.json");

    [Test]
    public void Notices_OfTheServersPackages_AreComplete()
    {
        var composed = ThirdPartyNotices.Compose(Assets);
        if (Update.IsWanted("notices"))
            File.WriteAllText(Path.Combine(Repository.Root, Page), composed);

        Repository.Read(Page).ReplaceLineEndings("\n").Should().Be(composed, "after a change of packages, run scripts/third-party-notices.sh");
    }

    [Test]
    public void Notices_Always_CoverTheServersOwnReferences()
    {
        var packages = ThirdPartyNotices.Packages(Assets).Select(package => package.Id).ToList();

        packages.Should().Contain(["Hangfire.Core", "Dapper", "Microsoft.Data.SqlClient", "Jint", "System.CommandLine"]).And.HaveCountGreaterThan(50);
        packages.Should().NotContain("Meziantou.Analyzer", "the package is used by the build, not by the server");
    }

    [Test]
    public void Licences_ThatTheNoticesName_Exist() =>
        System.Text.RegularExpressions.Regex.Matches(Repository.Read(Page), @"\((?<file>licences/[^)]+\.txt)\)", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(5))
            .Select(match => match.Groups["file"].Value).Distinct(StringComparer.Ordinal)
            .Where(file => !File.Exists(Path.Combine(Repository.Root, "docs", file))).Should().BeEmpty();

    [TestCase("README.md")]
    [TestCase("docs/guide/embedding.md")]
    public void Page_AboutHangfire_NamesItsLicence(string page) => Repository.Read(page).Should().Contain("LGPL-3.0");
}

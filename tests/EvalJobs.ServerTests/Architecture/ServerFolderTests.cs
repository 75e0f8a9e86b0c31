using System.Reflection;
using System.Text.RegularExpressions;
using EvalJobs.Server.Access;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Architecture;

/// <summary>Which folder of the server may use which. Each uses only those above it in the list, so there are no cycles.</summary>
public sealed partial class ServerFolderTests
{
    private const string Root = "EvalJobs.Server";

    private static readonly Assembly Program = typeof(AccessOptions).Assembly;

    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Settings"] = [],
        ["Observability"] = [],
        ["Web"] = [],
        ["Access"] = ["Settings", "Web"],
        ["Dashboard"] = ["Access", "Web"],
        ["Api"] = ["Access", "Dashboard", "Web"],
        ["Hosting"] = ["Settings", "Observability", "Web", "Access", "Dashboard", "Api"],
        ["Demo"] = [],
        ["Cli"] = ["Settings", "Web", "Access", "Hosting", "Demo"],
    };

    private static readonly string[] Folders = [.. Allowed.Keys];

    [TestCaseSource(nameof(Folders))]
    public void Folder_UsesOnly_ThoseItMay(string folder)
    {
        var compiled = Program.GetTypes().Where(type => FolderOf(type) == folder).SelectMany(type => Violations(folder, type));
        var written = Directory.EnumerateFiles(Path.Combine(SourceFolder, folder), "*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is ".cs" or ".razor")
            .SelectMany(file => Violations(folder, Path.GetRelativePath(SourceFolder, file), File.ReadAllText(file)));

        compiled.Concat(written).Should().BeEmpty();
    }

    [Test]
    public void EveryFolder_HasARule() =>
        Directory.EnumerateDirectories(SourceFolder).Select(Path.GetFileName).Where(name => name is not ("bin" or "obj")).Should().BeEquivalentTo(Folders);

    [Test]
    public void Rules_FollowOneOrder() =>
        Folders.Where((folder, at) => Allowed[folder].Except(Folders.Take(at), StringComparer.Ordinal).Any()).Should().BeEmpty("each uses only those above it");

    [TestCase("Access", "using EvalJobs.Server.Dashboard;", "Dashboard")]
    [TestCase("Dashboard", "@using EvalJobs.Server.Api", "Api")]
    [TestCase("Demo", "class A { object b = EvalJobs.Server.Cli.ExitCode.Ok; }", "Cli")]
    public void Violations_PlantedInSource_AreFound(string folder, string source, string culprit) =>
        Violations(folder, "Planted.cs", source).Should().Equal($"Planted.cs uses {culprit}");

    [Test]
    public void Violations_PlantedInAType_AreFound() => Violations("Web", typeof(Planted)).Should().Contain(violation => violation.EndsWith($"uses {typeof(Viewer).FullName}", StringComparison.Ordinal));

    private static string SourceFolder => Path.Combine(Repository.Root, "src", Root);

    private static string? FolderOf(Type type) => type.Namespace?.Split('.') is ["EvalJobs", "Server", var folder, ..] ? folder : null;

    private static IEnumerable<string> Violations(string folder, Type type) =>
        TypeUse.TypesUsedBy(type).Where(used => FolderOf(used) is { } other && !IsAllowed(folder, other)).Select(used => $"{type.FullName} uses {used.FullName}");

    private static IEnumerable<string> Violations(string folder, string path, string source) =>
        Names().Matches(source).Select(match => match.Groups["folder"].Value).Distinct(StringComparer.Ordinal).Where(other => !IsAllowed(folder, other)).Select(other => $"{path} uses {other}");

    private static bool IsAllowed(string folder, string other) => other == folder || Allowed[folder].Contains(other, StringComparer.Ordinal);

    /// <summary>Constants leave no reference in compiled code, so their namespace is searched in the source.</summary>
    [GeneratedRegex(@"EvalJobs\.Server\.(?<folder>Settings|Observability|Web|Access|Dashboard|Api|Hosting|Demo|Cli)\b(?![^\n""]*"")", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Names();

    private sealed class Planted
    {
        public static string? Name(Microsoft.AspNetCore.Http.HttpContext http) => Viewer.Find(http)?.Name;
    }
}

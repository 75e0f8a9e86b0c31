using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;

namespace EvalJobs.Tests.Docs;

/// <summary>Composes docs/THIRD-PARTY-NOTICES.md from what the restore of the server has resolved and from what its packages say about themselves.</summary>
public static class ThirdPartyNotices
{
    private static readonly string[] CodeSections = ["runtime", "runtimeTargets"];

    /// <summary>The file in docs/licences, by what the package declares.</summary>
    private static readonly Dictionary<string, string> Texts = new(StringComparer.Ordinal)
    {
        ["MIT"] = "MIT",
        ["Apache-2.0"] = "Apache-2.0",
        ["MS-PL OR Apache-2.0"] = "Apache-2.0",
        ["BSD-2-Clause"] = "BSD-2-Clause",
        ["BSD-3-Clause"] = "BSD-3-Clause",
    };

    /// <summary>Licences that packages hold as a file, by the start of their name.</summary>
    private static readonly (string Package, string Licence, string Note)[] Filed =
    [
        ("Hangfire.", "[LGPL-3.0-or-later](licences/LGPL-3.0.txt) or commercial", "see above"),
        ("Microsoft.Data.SqlClient.SNI.runtime", "[Microsoft Software License Terms](licences/Microsoft.Data.SqlClient.SNI.txt)", "redistributable; Windows only"),
    ];

    public static string Compose(string assetsFile)
    {
        var text = new StringBuilder("""
            # Third-party notices

            EvalJobs itself has the MIT licence ([LICENSE](../LICENSE)). Its server contains the packages below. The copyright is what each package
            declares; the licence texts are in [licences/](licences/). Made by `scripts/third-party-notices.sh`, and held by `ThirdPartyNoticesTests`.

            **Hangfire is LGPL-3.0-or-later or commercial, at your choice.** Under the LGPL you may use it in a product of any licence, closed ones
            included, as long as its users can replace the Hangfire assemblies with their own build (they are separate files here, unchanged) and get
            its licence texts. With a Hangfire subscription the commercial licence holds instead: https://www.hangfire.io/pricing/.

            | package | licence | copyright |
            | --- | --- | --- |

            """.ReplaceLineEndings("\n"));
        foreach (var package in Packages(assetsFile))
            text.Append(CultureInfo.InvariantCulture, $"| [{package.Id}](https://www.nuget.org/packages/{package.Id}) | {package.Licence} | {package.Copyright} |\n");
        return text.ToString();
    }

    /// <summary>The packages whose code is in the published server.</summary>
    public static List<(string Id, string Licence, string Copyright)> Packages(string assetsFile)
    {
        using var assets = JsonDocument.Parse(File.ReadAllText(assetsFile));
        var folders = assets.RootElement.GetProperty("packageFolders").EnumerateObject().Select(folder => folder.Name).ToList();
        var libraries = assets.RootElement.GetProperty("libraries");
        return assets.RootElement.GetProperty("targets").EnumerateObject().First().Value.EnumerateObject()
            .Where(package => package.Value.GetProperty("type").GetString() == "package" && HasCode(package.Value))
            .Select(package => Describe(Folder(folders, libraries.GetProperty(package.Name).GetProperty("path").GetString()!)))
            .OrderBy(package => package.Id, StringComparer.OrdinalIgnoreCase).ToList();
    }

    /// <exception cref="InvalidOperationException">The licence is one that nobody has judged yet.</exception>
    private static (string Id, string Licence, string Copyright) Describe(string folder)
    {
        var metadata = XDocument.Load(Directory.EnumerateFiles(folder, "*.nuspec").Single()).Root!.Elements().Single(each => each.Name.LocalName == "metadata");
        string? Value(string name) => metadata.Elements().FirstOrDefault(each => each.Name.LocalName == name)?.Value.Trim();
        var id = Value("id")!;
        var licence = metadata.Elements().FirstOrDefault(each => each.Name.LocalName == "license");
        var copyright = (Value("copyright") ?? Value("authors") ?? "").Replace("|", "/", StringComparison.Ordinal);

        if (licence?.Attribute("type")?.Value == "expression")
        {
            var file = Texts.GetValueOrDefault(licence.Value) ?? throw new InvalidOperationException($"{id} has the licence '{licence.Value}': judge it, then add its text to docs/licences/ and a line here.");
            return (id, $"[{licence.Value}](licences/{file}.txt)", copyright);
        }

        var filed = Filed.FirstOrDefault(each => id.StartsWith(each.Package, StringComparison.Ordinal));
        return filed.Licence is null
            ? throw new InvalidOperationException($"{id} has a licence of its own: read it, then add it here.")
            : (id, $"{filed.Licence} ({filed.Note})", copyright);
    }

    private static bool HasCode(JsonElement package) =>
        CodeSections.Any(kind => package.TryGetProperty(kind, out var files)
            && files.EnumerateObject().Any(file => !file.Name.EndsWith("_._", StringComparison.Ordinal)));

    private static string Folder(List<string> folders, string path) =>
        folders.Select(folder => Path.Combine(folder, path)).First(Directory.Exists);
}

using EvalJobs.Jobs.Alerts;
using EvalJobs.Server;
using EvalJobs.Server.Access;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server;

/// <summary>docs/configuration.md names every setting of every section, and no other.</summary>
public sealed class ConfigurationDocTests
{
    private static IEnumerable<string> Sections => ServiceRegistration.Sections.Select(section => section.Name);

    [TestCaseSource(nameof(Sections))]
    public void Section_Always_IsDocumentedSettingBySetting(string section) =>
        Documented(section).Should().BeEquivalentTo(ServiceRegistration.Sections.Single(each => each.Name == section).SettingNames);

    [TestCase("Alerts:Webhooks:{name}", typeof(WebhookOptions))]
    [TestCase("Alerts:Smtp", typeof(SmtpOptions))]
    [TestCase("Dashboard:Users:{name}", typeof(UserSettings))]
    [TestCase("Dashboard:OpenIdConnect", typeof(OpenIdConnectSettings))]
    public void SectionWithin_Always_IsDocumentedSettingBySetting(string section, Type options) =>
        Documented(section).Should().BeEquivalentTo(options.GetProperties().Where(property => property.SetMethod is not null).Select(property => property.Name));

    private static IEnumerable<string> Documented(string section)
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "configuration.md"));
        var part = page.Split($"## `EvalJobs:{section}`")[1].Split("\n## ")[0];

        return part.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('`')[1]);
    }
}

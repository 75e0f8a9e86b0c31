using System.Collections;
using EvalJobs.Jobs.Alerts;
using EvalJobs.Server.Access;
using EvalJobs.Server.Hosting;
using EvalJobs.Tests.Support;
using Microsoft.Extensions.Configuration;

namespace EvalJobs.Tests.Server;

/// <summary>docs/operate/configuration.md lists every setting of every section with its default, and no other.</summary>
public sealed class ConfigurationDocTests
{
    /// <summary>Settings whose default does not come from the options: the property itself has no value.</summary>
    private static readonly string[] NotFromOptions = ["Pools", "OtlpEndpoint", "OtlpProtocol"];

    private static IEnumerable<string> Sections => ServiceRegistration.Sections.Select(section => section.Name);

    [TestCaseSource(nameof(Sections))]
    public void Section_Always_IsDocumentedSettingBySetting(string section) =>
        Documented(section).Select(row => row.Name).Should().BeEquivalentTo(ServiceRegistration.Sections.Single(each => each.Name == section).SettingNames);

    [TestCaseSource(nameof(Sections))]
    public void Section_Always_IsDocumentedWithItsDefaults(string section)
    {
        if (ServiceRegistration.Sections.Single(each => each.Name == section).Options is { } options)
            EnsureDefaults(section, options);
    }

    [TestCase("Alerts:Webhooks:{name}", typeof(WebhookOptions))]
    [TestCase("Alerts:Smtp", typeof(SmtpOptions))]
    [TestCase("Dashboard:Users:{name}", typeof(UserSettings))]
    [TestCase("Dashboard:OpenIdConnect", typeof(OpenIdConnectSettings))]
    public void SectionWithin_Always_IsDocumentedSettingBySettingWithItsDefaults(string section, Type options)
    {
        Documented(section).Select(row => row.Name).Should().BeEquivalentTo(
            options.GetProperties().Where(property => property.SetMethod is not null).Select(property => property.Name));
        EnsureDefaults(section, options);
    }

    /// <summary>With the defaults of the page set, the options equal those without settings. Where the page has no default, the property has no value.</summary>
    private static void EnsureDefaults(string section, Type options)
    {
        var untouched = Activator.CreateInstance(options)!;
        var rows = Documented(section).Where(row => !NotFromOptions.Contains(row.Name)).ToList();
        var values = rows.Where(row => row.Default is not null).ToDictionary(row => row.Name, row => row.Default, StringComparer.Ordinal);
        var configured = new ConfigurationBuilder().AddInMemoryCollection(values).Build().Get(options) ?? untouched;

        foreach (var row in rows)
        {
            var property = options.GetProperty(row.Name)!;
            if (row.Default is null)
                (property.GetValue(untouched) is null or "" or ICollection { Count: 0 }).Should().BeTrue("{0}:{1} has no default in the docs", section, row.Name);
            else
                property.GetValue(configured).Should().Be(property.GetValue(untouched), "{0}:{1} has the default {2} in the docs", section, row.Name, row.Default);
        }
    }

    private static List<(string Name, string? Default)> Documented(string section)
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "operate", "configuration.md"));
        var part = page.Split($"## `EvalJobs:{section}`")[1].Split("\n## ")[0];

        return part.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('|')).Select(cells => (cells[1].Trim(' ', '`'), cells[2].Trim() is ['`', .. var value, '`'] ? value : null)).ToList();
    }
}

using System.Collections;
using EvalJobs.Jobs.Alerts;
using EvalJobs.Server.Access;
using EvalJobs.Server.Hosting;
using EvalJobs.Tests.Support;
using Microsoft.Extensions.Configuration;

namespace EvalJobs.Tests.Server;

/// <summary>docs/operate/configuration.md names every setting of every section, and no other, with its default.</summary>
public sealed class ConfigurationDocTests
{
    /// <summary>Defaults the page takes from elsewhere than the options: the property itself is unset.</summary>
    private static readonly string[] FromElsewhere = ["Pools", "OtlpEndpoint", "OtlpProtocol"];

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

    /// <summary>Set to what the page says, the options are as they are when nothing is set; where it has no value, neither have they.</summary>
    private static void EnsureDefaults(string section, Type options)
    {
        var untouched = Activator.CreateInstance(options)!;
        var rows = Documented(section).Where(row => !FromElsewhere.Contains(row.Name)).ToList();
        var values = rows.Where(row => row.Default is not null).ToDictionary(row => row.Name, row => row.Default, StringComparer.Ordinal);
        var configured = new ConfigurationBuilder().AddInMemoryCollection(values).Build().Get(options) ?? untouched;

        foreach (var row in rows)
        {
            var property = options.GetProperty(row.Name)!;
            if (row.Default is null)
                (property.GetValue(untouched) is null or "" or ICollection { Count: 0 }).Should().BeTrue("{0}:{1} is said to have no default", section, row.Name);
            else
                property.GetValue(configured).Should().Be(property.GetValue(untouched), "{0}:{1} is said to be {2} by default", section, row.Name, row.Default);
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

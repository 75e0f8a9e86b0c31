using EvalJobs.Data;
using EvalJobs.Execution;
using EvalJobs.Execution.Agents;
using EvalJobs.Jobs;
using EvalJobs.Server;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server;

/// <summary>docs/configuration.md names every setting of every section, and no other.</summary>
public sealed class ConfigurationDocTests
{
    private static readonly object[][] Sections =
    [
        ["Storage", typeof(StorageOptions)], ["Hangfire", typeof(HangfireOptions)], ["Dispatch", typeof(DispatchOptions)],
        ["Execution", typeof(ExecutionOptions)], ["Agents", typeof(AgentOptions)], ["Retention", typeof(RetentionOptions)],
        ["Health", typeof(HealthOptions)],
    ];

    [TestCaseSource(nameof(Sections))]
    public void Section_Always_IsDocumentedSettingBySetting(string section, Type options)
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "configuration.md"));
        var part = page.Split($"## `EvalJobs:{section}`")[1].Split("\n## ")[0];

        var documented = part.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('`')[1]);
        var settable = options.GetProperties().Where(property => property.SetMethod is not null).Select(property => property.Name);

        documented.Should().BeEquivalentTo(settable);
    }
}

using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>The versions that a suite is run for when they enter TESTING, in addition to those for which it is named.</summary>
internal static class SuiteEntry
{
    private const int ShownAgents = 5;

    /// <returns>The end of the sentence "The suite is run on request …".</returns>
    /// <param name="suite">The suite.</param>
    /// <param name="policies">The current policies of its tenant.</param>
    public static string Describe(EvaluationSuite suite, IReadOnlyList<StoredPolicy> policies)
    {
        var own = policies.Where(policy => policy.AgentName.Length > 0).ToList();
        var requiring = own.Where(policy => Requires(policy, suite)).Select(policy => policy.AgentName).ToList();
        var isForOthers = policies.FirstOrDefault(policy => policy.AgentName.Length == 0) is { } ofTenant ? Requires(ofTenant, suite) : suite.IsDefault;
        return (isForOthers, requiring.Count, own.Count) switch
        {
            (true, _, 0) => "and when a version enters TESTING.",
            (true, 0, _) => "and when a version of an agent without a policy of its own enters TESTING.",
            (true, _, _) => $"and when a version of {Names(requiring)}, or of an agent without a policy of its own, enters TESTING.",
            (false, > 0, _) => $"and when a version of {Names(requiring)} enters TESTING.",
            _ => "and when it is named as a version enters TESTING. No policy requires it" + (suite.IsDefault ? "; the tenant's policy replaces the default suite." : ", and it is not the default suite."),
        };
    }

    private static bool Requires(StoredPolicy policy, EvaluationSuite suite) => PromotionPolicy.Parse(policy.Document).Requirements.Any(required => required.Suite == suite.Name);

    private static string Names(IReadOnlyList<string> agents) =>
        string.Join(" or ", agents.Take(ShownAgents).Select(agent => DisplayText.Excerpt(agent, 80))) + (agents.Count > ShownAgents ? $" or {agents.Count - ShownAgents} other agents" : "");
}

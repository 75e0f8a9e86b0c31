using Hangfire;
using Hangfire.Common;
using Hangfire.Dashboard;

namespace EvalJobs.Jobs;

/// <summary>Names the job of a tenant batch in Hangfire's lists: by its number, and by its tenant where the options of that dashboard know the tenant.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TenantBatchNameAttribute() : JobDisplayNameAttribute("Tenant batch {0}")
{
    /// <inheritdoc/>
    public override string Format(DashboardContext context, Job job)
    {
        var name = base.Format(context, job);
        return context.Options is ITenantBatchNames names && job.Args is [long batchId, ..] && names.FindTenant(batchId) is { } tenant ? $"{name} of {tenant}" : name;
    }
}

/// <summary>What the options of a dashboard may implement. Hangfire creates attributes itself, without services, and one process may show several dashboards: only their options are separate.</summary>
internal interface ITenantBatchNames
{
    /// <returns>The short name of a batch's tenant; null when it is not known.</returns>
    string? FindTenant(long batchId);
}

using Hangfire;
using Hangfire.Common;
using Hangfire.Dashboard;

namespace EvalJobs.Jobs;

/// <summary>Names the job of a tenant batch in Hangfire's lists: by its number, and by its tenant where the program that shows the lists says how to find it.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TenantBatchNameAttribute() : JobDisplayNameAttribute("Tenant batch {0}")
{
    /// <summary>Finds the short name of a batch's tenant for a page of Hangfire's; null, and an answer of null, leave it out. Set once, before the first page.</summary>
    /// <remarks>Hangfire makes no attribute through the program's services: what the function needs it gets from the page's request.</remarks>
    public static Func<DashboardContext, long, string?>? TenantOf { get; set; }

    /// <inheritdoc/>
    public override string Format(DashboardContext context, Job job)
    {
        var name = base.Format(context, job);
        return TenantOf is { } find && job.Args is [long batchId, ..] && find(context, batchId) is { } tenant ? $"{name} of {tenant}" : name;
    }
}

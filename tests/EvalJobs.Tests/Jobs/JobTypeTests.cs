using System.Reflection;
using EvalJobs.Jobs;
using Hangfire;

namespace EvalJobs.Tests.Jobs;

/// <summary>What every job's class promises Hangfire.</summary>
public sealed class JobTypeTests
{
    private static readonly Type[] JobTypes =
    [
        .. typeof(TenantBatchJob).Assembly.GetTypes().Where(
            type => type.Namespace == typeof(TenantBatchJob).Namespace && type.Name.EndsWith("Job", StringComparison.Ordinal) && !type.IsInterface),
    ];

    [TestCaseSource(nameof(JobTypes))]
    public void Job_Always_LeavesRetryingToUsAndTakesAtMostOneLong(Type job)
    {
        // Read, not instantiated: Hangfire's attributes log through whichever server lived last in this process.
        var attributes = job.GetCustomAttributesData();
        attributes.Should().ContainSingle(each => each.AttributeType == typeof(AutomaticRetryAttribute))
            .Which.NamedArguments.Should().ContainSingle(each => each.MemberName == "Attempts").Which.TypedValue.Value.Should().Be(0);
        attributes.Should().NotContain(each => each.AttributeType == typeof(DisableConcurrentExecutionAttribute), "it parks workers");
        foreach (var method in job.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
        {
            method.GetParameters().Select(parameter => parameter.ParameterType).Should()
                .BeSubsetOf([typeof(long), typeof(CancellationToken)], "arguments outlive releases");
        }
    }
}

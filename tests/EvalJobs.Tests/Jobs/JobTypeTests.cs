using System.Reflection;
using EvalJobs.Jobs;
using Hangfire;

namespace EvalJobs.Tests.Jobs;

/// <summary>Rules for the class of every Hangfire job.</summary>
public sealed class JobTypeTests
{
    private static readonly Type[] JobTypes =
    [
        .. typeof(TenantBatchJob).Assembly.GetTypes().Where(
            type => type.Namespace == typeof(TenantBatchJob).Namespace && type.Name.EndsWith("Job", StringComparison.Ordinal) && !type.IsInterface),
    ];

    [TestCaseSource(nameof(JobTypes))]
    public void Job_Always_DisablesHangfiresRetriesAndHasAtMostOneLongArgument(Type job)
    {
        // The attribute data is read without instances, because Hangfire's attributes log through the last server of this process.
        var attributes = job.GetCustomAttributesData();
        attributes.Should().ContainSingle(each => each.AttributeType == typeof(AutomaticRetryAttribute))
            .Which.NamedArguments.Should().ContainSingle(each => each.MemberName == "Attempts").Which.TypedValue.Value.Should().Be(0);
        attributes.Should().NotContain(each => each.AttributeType == typeof(DisableConcurrentExecutionAttribute), "it blocks workers");
        foreach (var method in job.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
        {
            method.GetParameters().Select(parameter => parameter.ParameterType).Should()
                .BeSubsetOf([typeof(long), typeof(CancellationToken)], "stored arguments must stay readable by later releases");
        }
    }
}

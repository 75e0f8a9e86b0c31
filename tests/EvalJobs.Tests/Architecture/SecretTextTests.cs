using System.Reflection;
using System.Runtime.CompilerServices;
using EvalJobs.Data;
using EvalJobs.Server.Access;

namespace EvalJobs.Tests.Architecture;

/// <summary>A record that is formatted, for example in a log line, shows all its values. A record with a secret must not show it.</summary>
public sealed class SecretTextTests
{
    private static readonly string[] SecretNames = ["ConnectionString", "Password", "PasswordHash", "Secret", "ClientSecret"];

    private static IEnumerable<TestCaseData> Secrets() =>
        from assembly in new[] { typeof(StorageOptions).Assembly, typeof(AccessOptions).Assembly }
        from type in assembly.GetTypes()
        where type.GetMethod("<Clone>$") is not null
        from property in type.GetProperties()
        where SecretNames.Contains(property.Name) && property.SetMethod is not null && property.PropertyType == typeof(string)
        select new TestCaseData(property).SetArgDisplayNames($"{type.Name}.{property.Name}");

    [TestCaseSource(nameof(Secrets))]
    public void Record_Formatted_DoesNotShowItsSecret(PropertyInfo secret)
    {
        var holder = RuntimeHelpers.GetUninitializedObject(secret.DeclaringType!);
        secret.SetValue(holder, "very-secret");

        holder.ToString().Should().NotContain("very-secret");
    }

    [Test]
    public void Secrets_InTheProduct_AreFound() => Secrets().Select(each => ((PropertyInfo)each.Arguments[0]!).Name).Distinct(StringComparer.Ordinal).Should().BeEquivalentTo(SecretNames);
}

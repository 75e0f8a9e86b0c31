using System.Reflection;
using EvalJobs.DependencyInjection;
using EvalJobs.Domain;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace EvalJobs.Tests.DependencyInjection;

public sealed class SettingsReaderTests
{
    [TestCase("Agents:AllowedHosts", "a.example", "EvalJobs:Agents:AllowedHosts must be a list: write EvalJobs:Agents:AllowedHosts:0=…")]
    [TestCase("Hangfire:Pools", "8", "EvalJobs:Hangfire:Pools must be named settings: write EvalJobs:Hangfire:Pools:name=…")]
    [TestCase("Alerts:Smtp", "mail.example", "EvalJobs:Alerts:Smtp must be a group of settings: write EvalJobs:Alerts:Smtp:")]
    [TestCase("Execution:RetryBackoff", "1", "EvalJobs:Execution:RetryBackoff: '1' is not what is expected: a time as hh:mm:ss, such as 00:02:00.")]
    [TestCase("Execution:Lease", "2m", "a time as hh:mm:ss")]
    [TestCase("Storage:Provider", "Oracle", "EvalJobs:Storage:Provider: 'Oracle' is not what is expected: Sqlite or SqlServer.")]
    [TestCase("Storage:Provider", "1", "Sqlite or SqlServer")]
    [TestCase("Dispatch:BatchLimit", "5000", "EvalJobs:Dispatch:BatchLimit: expected 1 to 1000, not 5000.")]
    [TestCase("Dispatch:BatchLimit", "1,000", "a whole number")]
    [TestCase("Dispatch:BatchLimit:0", "5", "EvalJobs:Dispatch:BatchLimit takes one value")]
    [TestCase("Dispatch:ContinueWhileBacklog", "yes", "true or false")]
    [TestCase("Dispatch:Cron", "", "EvalJobs:Dispatch:Cron: a value is needed.")]
    [TestCase("Dispatch:Cron", "H/5 * * * *", "EvalJobs:Dispatch:Cron: Cron ('H/5 * * * *') is not a cron expression: the minute 'H/5' must be 0 to 59, *, a list")]
    [TestCase("Dispatch:Cron", "* * * *", "EvalJobs:Dispatch:Cron: Cron ('* * * *') is not a cron expression: expected five fields")]
    [TestCase("Dispatch:Cron", "60 * * * * *", "the second '60' must be 0 to 59")]
    [TestCase("Hangfire:Pools:gpu", "few", "EvalJobs:Hangfire:Pools:gpu: 'few' is not what is expected: a whole number.")]
    public void AddEvalJobs_InvalidSetting_NamesTheAllowedValues(string name, string value, string right)
    {
        var add = () => new ServiceCollection().AddEvalJobs(Configuration(($"EvalJobs:{name}", value)));

        add.Should().Throw<InvalidInputException>().Which.Message.Should().Contain(right)
            .And.NotContain("`").And.NotContain("System.").And.NotContain("The field").And.NotContain("onvert");
    }

    [Test]
    public void AddEvalJobs_SeveralAreWrong_NamesAllOfOneSection()
    {
        var add = () => new ServiceCollection().AddEvalJobs(Configuration(("EvalJobs:Execution:RetryBackoff", "1"), ("EvalJobs:Execution:MaxAttempts", "many")));

        add.Should().Throw<InvalidInputException>().WithMessage("*EvalJobs:Execution:RetryBackoff*").WithMessage("*EvalJobs:Execution:MaxAttempts*");
    }

    [TestCaseSource(nameof(ReadableByForm))]
    public void AddEvalJobs_AnySettingWithAnUnreadableValue_IsRejectedByItsName(string name)
    {
        var add = () => new ServiceCollection().AddEvalJobs(Configuration(($"EvalJobs:{name}", "nonsense")));

        add.Should().Throw<InvalidInputException>().Which.Message.Should().Contain($"EvalJobs:{name}").And.NotContain("`").And.NotContain("System.");
    }

    [TestCaseSource(nameof(WrongValues))]
    public void AddEvalJobs_InvalidValue_IsRejectedByItsName(string name, string value)
    {
        var add = () => new ServiceCollection().AddEvalJobs(Configuration(($"EvalJobs:{name}", value)));

        add.Should().Throw<InvalidInputException>().Which.Message.Should().Contain(name.Split(':')[1])
            .And.NotContainAny("`", "System.", "Int32", "TimeSpan", "The field", "Exception", "Index was", "Parameter '", "onvert");
    }

    [Test]
    public void AddEvalJobs_NothingConfigured_UsesTheDefaults()
    {
        var add = () => new ServiceCollection().AddEvalJobs(Configuration());

        add.Should().NotThrow();
    }

    private static IEnumerable<string> ReadableByForm() =>
        from section in EvalJobsServiceCollectionExtensions.Sections
        where section.Options is not null
        from property in section.Options!.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        let type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType
        where property.SetMethod is not null && (type.IsPrimitive || type.IsEnum || type == typeof(TimeSpan))
        select $"{section.Name}:{property.Name}";

    /// <summary>Every setting, those in lists and groups too, with values of another type, nonsense, negative numbers and far too large numbers.</summary>
    private static IEnumerable<TestCaseData> WrongValues() =>
        from section in EvalJobsServiceCollectionExtensions.Sections
        where section.Options is not null
        from setting in Settings(section.Options!, section.Name)
        from value in Wrong(setting.Type)
        where !Allowed.Contains((setting.Path, value))
        select new TestCaseData(setting.Path, value);

    /// <summary>Values of the list that are valid for one setting.</summary>
    private static readonly HashSet<(string, string)> Allowed = [("Execution:MaxWaitingReplyBytes", "2147483647"), ("Health:PendingWarning", "2147483647")];

    private static IEnumerable<(string Path, Type Type)> Settings(Type options, string path)
    {
        foreach (var property in options.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.SetMethod is not null))
        {
            var (type, at) = (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType, $"{path}:{property.Name}");
            if (type != typeof(string) && type.GetInterfaces().Append(type).Where(each => each.IsGenericType).ToList() is var kinds
                && kinds.Find(each => each.GetGenericTypeDefinition() == typeof(IEnumerable<>)) is { } list)
            {
                var isMap = kinds.Exists(each => each.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>));
                type = isMap ? kinds.Find(each => each.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>))!.GetGenericArguments()[1] : list.GetGenericArguments()[0];
                at += isMap ? ":name" : ":0";
            }

            if (type.IsPrimitive || type.IsEnum || type == typeof(TimeSpan))
                yield return (at, type);
            else if (type.Namespace!.StartsWith("EvalJobs", StringComparison.Ordinal))
            {
                foreach (var inner in Settings(type, at))
                    yield return inner;
            }
        }
    }

    private static string[] Wrong(Type type) =>
        type == typeof(bool) ? ["yes", "1", "maybe"]
        : type == typeof(TimeSpan) ? ["5", "1,5", "2m", "-00:00:01", "10000000.00:00:00", "soon", "25:61:61", "99999999999999999999"]
        : type.IsEnum ? ["Nope", "7", "-1", "1,5"]
        : type == typeof(double) ? ["0,5", "many", "NaN", "-0.1", "1e300"]
        : ["many", "1.5", "1,5", "1,000", "-1", "99999999999999999999", "2147483647", "0x10", "\u0661"];

    private static IConfiguration Configuration(params (string Name, string? Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(each => each.Name, each => each.Value, StringComparer.Ordinal)).Build();
}

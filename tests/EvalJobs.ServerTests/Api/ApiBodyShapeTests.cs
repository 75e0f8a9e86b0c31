using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EvalJobs.Server.Api;
using EvalJobs.Server.Web;
using Microsoft.AspNetCore.Http.Metadata;

namespace EvalJobs.Tests.Server.Api;

/// <summary>An error in a body names the field, in the product's own words.</summary>
public sealed class ApiBodyShapeTests
{
    [TestCase(typeof(NewRun), "[]", null, "The body: expected an object.")]
    [TestCase(typeof(NewRun), "null", null, "The body: expected an object.")]
    [TestCase(typeof(NewRun), "{}", "versionId", "versionId: required, but not given.")]
    [TestCase(typeof(NewVersionBody), "{}", "agent", "agent, label, genome: required, but not given.")]
    [TestCase(typeof(NewRun), """{"versionId":1,"suite":2}""", "suite", "suite: not a field here; the fields are versionId, suiteId, priority.")]
    [TestCase(typeof(NewRun), """{"versionId":1,"VersionId":2}""", "VersionId", "VersionId: not a field here; the fields are versionId, suiteId, priority.")]
    [TestCase(typeof(NewRun), """{"versionId":1,"versionId":1}""", "versionId", "versionId: given twice.")]
    [TestCase(typeof(NewRun), """{"versionId":null}""", "versionId", "versionId: expected a whole number from -9223372036854775808 to 9223372036854775807.")]
    [TestCase(typeof(NewRun), """{"versionId":"1"}""", "versionId", "versionId: expected a whole number from -9223372036854775808 to 9223372036854775807.")]
    [TestCase(typeof(NewRun), """{"versionId":1,"priority":2147483648}""", "priority", "priority: expected a whole number from -2147483648 to 2147483647.")]
    [TestCase(typeof(NewRun), """{"versionId":1,"priority":1.5}""", "priority", "priority: expected a whole number from -2147483648 to 2147483647.")]
    [TestCase(typeof(NewSchedule), """{"suiteId":1,"agent":2,"cron":"0 2 * * *"}""", "agent", "agent: expected a text.")]
    [TestCase(typeof(NewSchedule), """{"suiteId":1,"agent":"a","cron":"0 2 * * *","timeZone":null}""", "timeZone", "timeZone: expected a text.")]
    [TestCase(typeof(SuiteChange), """{"isDefault":1}""", "isDefault", "isDefault: expected true or false.")]
    [TestCase(typeof(SuiteChange), """{"passThreshold":"0.9"}""", "passThreshold", "passThreshold: expected a number.")]
    [TestCase(typeof(SuiteChange), """{"tags":"a"}""", "tags", "tags: expected a list.")]
    [TestCase(typeof(SuiteChange), """{"tags":["a",1]}""", "tags[1]", "tags[1]: expected a text.")]
    [TestCase(typeof(CasesChange), """{"added":[{"input":"a"},null]}""", "added[1]", "added[1]: expected an object.")]
    [TestCase(typeof(CasesChange), """{"added":[{"input":"a","question":"b"}]}""", "added[0].question", "added[0].question: not a field here; the fields are key")]
    [TestCase(typeof(CasesChange), """{"added":[{"input":{"a":1,"a":2}}]}""", "added[0].input.a", "added[0].input.a: given twice.")]
    [TestCase(typeof(BulkChange), """{"change":"retry","filter":{}}""", "change", "change: expected one of CANCEL, RETRY, PRIORITY.")]
    [TestCase(typeof(BulkChange), """{"change":"RETRY","filter":{"status":"GONE"}}""", "filter.status", "filter.status: expected one of PENDING, RUNNING,")]
    [TestCase(typeof(VoidReason), """{"reason":"\ud800"}""", "reason", "reason: the text contains half of a surrogate pair.")]
    [TestCase(typeof(VoidReason), """{"\ud800":"a"}""", null, "A key in the body contains half of a surrogate pair.")]
    [TestCase(typeof(VoidReason), """{"reason":"a" "b"}""", "reason", "The body is not valid JSON: '\"' is not expected at character 15.")]
    [TestCase(typeof(VoidReason), "{\n\"reason\": }", "reason", "The body is not valid JSON: '}' is not expected at character 11 of line 2.")]
    [TestCase(typeof(VoidReason), """{"reason":"a"} {}""", null, "The body is not valid JSON: '{' is not expected at character 16.")]
    [TestCase(typeof(VoidReason), "", null, "The body is not valid JSON: it is empty.")]
    public void Validate_WhatIsWrong_NamesTheField(Type type, string json, string? field, string says)
    {
        var problem = Problem(json, type)!;

        (problem.Status, problem.Field).Should().Be((400, field));
        problem.Detail.Should().StartWith(says);
    }

    [Test]
    public void Validate_TooDeep_NamesTheLimit()
    {
        Problem("""{"document":""" + new string('[', 63) + new string(']', 63) + "}", typeof(NewPolicy)).Should().BeNull();
        Problem("""{"document":""" + new string('[', 64) + new string(']', 64) + "}", typeof(NewPolicy))!.Detail.Should().Be("The body is nested deeper than 64 levels.");
        Problem("""{"document":""" + new string('[', 5_000_000), typeof(NewPolicy))!.Detail.Should().Be("The body is nested deeper than 64 levels.");
    }

    [Test]
    public async Task Bodies_OfAllEndpoints_HoldNothingThatIsNotNamed()
    {
        await using var server = await Support.RunningServer.StartAsync();
        var bodies = ApiTestData.Endpoints(server).Select(endpoint => endpoint.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType).OfType<Type>().Where(type => type.Namespace == typeof(NewRun).Namespace).Distinct().ToList();

        bodies.Should().HaveCountGreaterThan(12);
        foreach (var type in bodies.SelectMany(TypesIn).Distinct())
            ApiBodyShape.NameOf(type).Should().NotBeEmpty();
    }

    private static IEnumerable<Type> TypesIn(Type declared)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        if (type == typeof(JsonElement))
            return [];
        var info = ApiJson.Options.GetTypeInfo(type);
        return [type, .. info.Kind switch
        {
            JsonTypeInfoKind.Object => info.Properties.SelectMany(property => TypesIn(property.PropertyType)),
            JsonTypeInfoKind.Enumerable => TypesIn(info.ElementType!),
            _ => [],
        }];
    }

    private static ApiProblem? Problem(string json, Type type)
    {
        try
        {
            ApiBodyShape.Validate(Encoding.UTF8.GetBytes(json), type);
            JsonSerializer.Deserialize(json, type, ApiJson.Options).Should().NotBeNull("a body within the limit is read");
            return null;
        }
        catch (ApiProblemException error)
        {
            return error.Problem;
        }
    }
}

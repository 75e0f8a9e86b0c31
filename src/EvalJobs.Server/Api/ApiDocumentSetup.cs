using System.Text.Json.Nodes;
using EvalJobs.Server.Web;
using EvalJobs.Server.Access;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace EvalJobs.Server.Api;

/// <summary>The OpenAPI 3.1 document, generated from the endpoints. A copy is checked in as docs/guide/openapi.json, and a test compares the two.</summary>
internal static class ApiDocumentSetup
{
    private const string Bearer = "key";

    public static IServiceCollection AddApiDocument(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.ShouldInclude = description => description.RelativePath?.StartsWith("api/v1", StringComparison.Ordinal) == true;
        options.AddDocumentTransformer(DescribeDocument);
        options.AddOperationTransformer(DescribeOperation);
        options.AddSchemaTransformer(DescribeSchema);
    });

    private static Task DescribeDocument(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "EvalJobs",
            Version = "v1",
            Description = "Evaluations of AI-agent versions. Every request carries a key: Authorization: Bearer ej_…. Errors are problems of RFC 9457; lists are returned in pages, "
                + "with the address of the next page in 'next'. docs/guide/api.md is the introduction.",
        };
        document.Tags = new HashSet<OpenApiTag>(document.Paths.Keys.Select(path => path.Split('/')[3]).Distinct(StringComparer.Ordinal).Select(name => new OpenApiTag { Name = name }));
        document.Servers = [new OpenApiServer { Url = $"{PrefixOf(context)}/" }];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
        {
            [Bearer] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "ej_…", Description = "A key, made by 'key create', or an access token of the OpenID provider if the server accepts them." },
        };
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, document)] = [] }];
        return Task.CompletedTask;
    }

    private static string PrefixOf(OpenApiDocumentTransformerContext context) =>
        context.ApplicationServices.GetRequiredService<IHttpContextAccessor>().HttpContext is { } http ? SitePath.Of(http) : "";

    private static Task DescribeOperation(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var method = context.Description.HttpMethod;
        operation.Parameters ??= [];
        foreach (var parameter in operation.Parameters.OfType<OpenApiParameter>())
            parameter.Description ??= ParameterTexts.GetValueOrDefault(parameter.Name ?? "");
        if (method == "POST")
            operation.Parameters.Add(Header("Idempotency-Key", "A new value for each request, such as a UUID. The same request with the same value gets the same answer for 24 hours."));
        if (metadata.OfType<ApiDocs.Tagged>().Any())
            operation.Parameters.Add(method == "GET" ? Header("If-None-Match", "The ETag of an earlier answer: 304 if it is unchanged.") : Header("If-Match", "The ETag of what was read: 412 if it has changed since."));
        if (metadata.OfType<RunWait.Waits>().Any())
            operation.Parameters.Add(Header("Prefer", $"wait=30 waits up to 30 seconds for the run to end; at most {RunWait.MaxSeconds}."));
        if (metadata.OfType<ApiAccept.Offers>().SingleOrDefault() is { } offers && operation.Responses?["200"] is OpenApiResponse answer)
        {
            var described = answer.Content ?? new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal);
            answer.Content = offers.Types.ToDictionary(
                type => type,
                type => described.TryGetValue(type, out var known) ? known : new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String } },
                StringComparer.Ordinal);
        }

        if (metadata.OfType<ApiUpload.Taken>().Any())
        {
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Description = "A file of test cases as 'suite import' reads it; docs/guide/importing.md has the forms. JSON: { name, description, passThreshold, tags, scoring, cases }, or a list of cases.",
                Content = ApiUpload.Extensions.Keys.ToDictionary(type => type, _ => new OpenApiMediaType(), StringComparer.Ordinal),
            };
        }

        operation.Description = metadata.OfType<IAuthorizeData>().Select(data => data.Policy).Aggregate(operation.Description, (text, policy) => PolicyTexts.GetValueOrDefault(policy ?? "") is { } more ? $"{text} {more}".Trim() : text);
        operation.Tags = new HashSet<OpenApiTagReference> { new(context.Description.RelativePath!.Split('/')[2], context.Document) };
        return Task.CompletedTask;
    }

    private static Task DescribeSchema(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
        if (type.IsEnum)
        {
            var isNullable = type != context.JsonTypeInfo.Type;
            schema.Type = isNullable ? JsonSchemaType.String | JsonSchemaType.Null : JsonSchemaType.String;
            schema.Enum = [.. Enum.GetNames(type).Select(name => (JsonNode)System.Text.Json.JsonNamingPolicy.SnakeCaseUpper.ConvertName(name))];
            if (isNullable)
                schema.Enum.Add(null!);
        }

        if (context.JsonPropertyInfo is { AttributeProvider: System.Reflection.PropertyInfo property })
            schema.Description ??= XmlTexts.Of(property);
        else if (context.JsonPropertyInfo is null)
            schema.Description ??= XmlTexts.Of(type);
        if (type == typeof(ApiProblem) && context.JsonPropertyInfo is null && schema.Properties is { } properties)
        {
            // Only this program creates these objects, and it always sets these fields.
            schema.Required = new HashSet<string>(["type", "title", "status"], StringComparer.Ordinal);
            foreach (var name in new[] { "type", "title" })
                ((OpenApiSchema)properties[name]).Type = JsonSchemaType.String;
        }

        if (Examples.TryGetValue(type, out var example) && context.JsonPropertyInfo is null)
            schema.Examples = [JsonNode.Parse(example)!];
        return Task.CompletedTask;
    }

    private static OpenApiParameter Header(string name, string description) =>
        new() { Name = name, In = ParameterLocation.Header, Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.String } };

    private static readonly Dictionary<string, string> PolicyTexts = new(StringComparer.Ordinal)
    {
        [Dashboard.DashboardPolicy.Operate] = "Needs the role OPERATOR or more.",
        [Dashboard.DashboardPolicy.EveryTenant] = "Needs an ADMIN key, or a session that may see every tenant.",
        [Dashboard.DashboardPolicy.ManageKeys] = "Needs an ADMIN key, or a session of an Approver that may see every tenant.",
    };

    private static readonly Dictionary<string, string> ParameterTexts = new(StringComparer.Ordinal)
    {
        ["job"] = "The recurring job, by its id.",
        ["tenant"] = "The tenant's slug; may be omitted with a key of one tenant.",
        ["cursor"] = "Where the page begins: use the address in 'next' instead of composing one.",
        ["limit"] = $"Items on the page, 1 to {ApiCall.MaxLimit}; {ApiCall.DefaultLimit} by default.",
        ["id"] = "The item's id.",
        ["agent"] = "The agent's name.",
        ["label"] = "Only the version with this label of each of the tenant's agents, or of the agent named.",
        ["parent"] = "Only versions derived from this one.",
        ["versionId"] = "Only runs of this version.",
        ["suiteId"] = "Only items of this suite.",
        ["status"] = "Only runs in this state.",
        ["verdict"] = "Only cases of this verdict.",
        ["revision"] = "A revision of the suite; the current one by default.",
        ["baseline"] = "The run the others are compared with.",
        ["run"] = "A run to compare; may be repeated.",
        ["entity"] = "The kind of entity, such as EvaluationRun.",
        ["entityId"] = "Its id.",
        ["actor"] = "Who did it, such as key:ci-main.",
        ["name"] = "The suite's name, if the file does not contain it.",
        ["description"] = "What the suite is for.",
        ["passThreshold"] = "Lowest pass rate for the outcome PASS, 0 to 1.",
        ["isDefault"] = "Whether versions that enter TESTING are evaluated with it.",
        ["root"] = "JSON and YAML: the property that contains the cases, such as data.cases.",
        ["scorer"] = "The scorer of cases that name none, such as contains.",
        ["errored"] = "true: for a COMPLETED run, ask again only the ERRORED and UNSCORED cases and keep the other verdicts.",
        ["format"] = "json, or the whole list as jsonl, csv or junit where the answer lists the media type. The header Accept has the same effect.",
    };

    private static readonly Dictionary<Type, string> Examples = new()
    {
        [typeof(NewRun)] = """{ "versionId": 7, "priority": 10 }""",
        [typeof(NewVersionBody)] = """{ "agent": "support-bot", "label": "1.4.0", "state": "TESTING", "genome": { "target": { "type": "http", "url": "https://agents.example/ask", "replyPath": "reply" } } }""",
        [typeof(NewState)] = """{ "to": "CANDIDATE" }""",
        [typeof(NewTenant)] = """{ "slug": "acme", "name": "Acme Corp" }""",
        [typeof(NewSchedule)] = """{ "suiteId": 4, "agent": "support-bot", "cron": "0 2 * * 1-5", "timeZone": "Europe/Berlin" }""",
        [typeof(NewKey)] = """{ "name": "ci-main", "tenant": "acme", "role": "OPERATOR", "days": 90 }""",
        [typeof(BulkChange)] = """{ "change": "RETRY", "filter": { "status": "FAILED" }, "limit": 100 }""",
        [typeof(CasesChange)] = """{ "changed": [ { "key": "refund-1", "expected": "14 days" } ], "added": [ { "input": "Do you ship to Spain?", "expected": "Yes" } ], "removed": [ "old-case" ] }""",
        [typeof(VoidReason)] = """{ "reason": "the endpoint answered with another model" }""",
        [typeof(Acknowledgement)] = """{ "note": "the endpoint was being moved" }""",
        [typeof(NewPriority)] = """{ "priority": 100 }""",
        [typeof(NewPolicy)] = """{ "document": { "requirements": [ { "suite": "smoke", "rule": "rate", "threshold": 0.9 } ] } }""",
        [typeof(ApiProblem)] = """{ "type": "urn:evaljobs:problem:invalid-request", "title": "The request is not acceptable", "status": 400, "detail": "priority: expected a whole number from -2147483648 to 2147483647.", "field": "priority", "traceId": "4bf92f3577b34da6a3ce929d0e0e4736" }""",
    };
}

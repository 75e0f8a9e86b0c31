using System.Text.Json;
using EvalJobs.Domain;
using EvalJobs.Execution.Scoring;
using EvalJobs.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EvalJobs.Tests.Server.Api;

/// <summary>The API returns the same settings of scorers that the dashboard's forms offer.</summary>
public sealed class ScorerApiTests
{
    [Test]
    public async Task List_EveryScorer_HasTheSettingsOfItsDescription()
    {
        await using var server = await RunningServer.StartAsync();
        using var program = await server.ProgramAsync(ApiKeyRole.Viewer, await server.Some.TenantAsync());
        var registry = server.Services.GetRequiredService<ScorerRegistry>();

        var listed = (await program.GetReplyAsync("scorers")).Json.EnumerateArray().ToList();

        listed.Select(scorer => scorer.GetProperty("name").GetString()).Should().Equal(registry.Names);
        foreach (var scorer in listed)
        {
            var described = registry.Describe(scorer.GetProperty("name").GetString()!)!;
            scorer.GetProperty("summary").GetString().Should().Be(described.Summary);
            scorer.GetProperty("settings").EnumerateArray().Select(setting => setting.GetProperty("name").GetString()).Should().Equal(described.Settings.Select(setting => setting.Name));
        }

        var similarity = listed.Single(scorer => scorer.GetProperty("name").GetString() == "similarity");
        similarity.GetProperty("defaultThreshold").GetDouble().Should().Be(0.8);
        var timeout = listed.Single(scorer => scorer.GetProperty("name").GetString() == "custom").GetProperty("settings").EnumerateArray().Single(setting => setting.GetProperty("name").GetString() == "timeout");
        (timeout.GetProperty("kind").GetString(), timeout.GetProperty("isRequired").GetBoolean(), timeout.GetProperty("minimum").ValueKind).Should().Be(("NUMBER", false, JsonValueKind.Number));
    }
}

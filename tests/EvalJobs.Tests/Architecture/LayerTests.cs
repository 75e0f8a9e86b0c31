using System.Reflection;
using EvalJobs.Domain;

namespace EvalJobs.Tests.Architecture;

public sealed class LayerTests
{
    private static readonly Assembly EvalJobsAssembly = typeof(Genome).Assembly;
    private static readonly string[] Layers = ["Domain", "Data", "Import", "Execution", "Jobs", "Application", "DependencyInjection"];

    [TestCase("Domain", "")]
    [TestCase("Data", "Domain")]
    [TestCase("Import", "Domain")]
    [TestCase("Execution", "Domain")]
    [TestCase("Jobs", "Domain Data Execution")]
    [TestCase("Application", "Domain Data Import Execution Jobs")]
    [TestCase("DependencyInjection", "Domain Data Import Execution Jobs Application")]
    public void Layer_UsesOnly_TheLayersBelowIt(string layer, string allowed)
    {
        var below = allowed.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var folder = Path.Combine(SourceFolder(), layer);

        var inSource = Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
                .SelectMany(file => LayerRules.ViolationsInSource(layer, below, Path.GetRelativePath(SourceFolder(), file), File.ReadAllText(file)))
            : [];
        var inAssembly = EvalJobsAssembly.GetTypes().Where(type => IsIn(type, layer))
            .SelectMany(type => LayerRules.ViolationsInType(layer, below, type));

        inSource.Concat(inAssembly).Should().BeEmpty();
    }

    [Test]
    public void EvalJobs_DoesNotUseAspNetCore() =>
        EvalJobsAssembly.GetReferencedAssemblies().Select(assembly => assembly.Name)
            .Should().NotContain(name => name!.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));

    [Test]
    public void EveryType_IsInOneOfTheLayers() =>
        EvalJobsAssembly.GetTypes()
            .Where(type => type.Namespace?.StartsWith("EvalJobs", StringComparison.Ordinal) == true && !Layers.Any(layer => IsIn(type, layer)))
            .Should().BeEmpty("a type outside the layers would escape their rules");

    [Test]
    public void EverySourceFile_DeclaresTheNamespaceOfItsLayer() =>
        Layers
            .Select(layer => (Layer: layer, Folder: Path.Combine(SourceFolder(), layer)))
            .Where(layer => Directory.Exists(layer.Folder))
            .SelectMany(layer => Directory.EnumerateFiles(layer.Folder, "*.cs", SearchOption.AllDirectories)
                .Where(file => !File.ReadAllText(file).Contains($"namespace EvalJobs.{layer.Layer}", StringComparison.Ordinal)))
            .Should().BeEmpty("the compiled check uses the namespace, the source check the folder");

    [Test]
    public void EveryAlert_IsComposedByARuleOfDomainAlerts() =>
        Directory.EnumerateFiles(SourceFolder(), "*.cs", SearchOption.AllDirectories)
            .Where(file => Path.GetRelativePath(SourceFolder(), file) is var path && !path.StartsWith(Path.Combine("Domain", "Alerts"), StringComparison.Ordinal))
            .Where(file => File.ReadAllText(file).Contains("new AlertDraft(", StringComparison.Ordinal))
            .Should().BeEmpty("what is alerted, when and with which text must be defined in one place");

    [TestCase("Domain", "", "using EvalJobs.Data;", "EvalJobs.Data")]
    [TestCase("Domain", "", "using Dapper;", "Dapper")]
    [TestCase("Domain", "", "using static Newtonsoft.Json.JsonConvert;", "Newtonsoft.Json.JsonConvert")]
    [TestCase("Data", "Domain", "using Run = EvalJobs.Execution.RunExecutor;", "EvalJobs.Execution.RunExecutor")]
    [TestCase("Data", "Domain", "class A { EvalJobs.Jobs.B b; }", "EvalJobs.Jobs")]
    [TestCase("Data", "Domain", "class A { Execution.RunExecutor b; }", "EvalJobs.Execution")]
    [TestCase("Execution", "Domain", "class A { object b = typeof(global::EvalJobs.Data.Sql); }", "EvalJobs.Data")]
    [TestCase("Execution", "Domain", "using Microsoft.AspNetCore.Http;", "Microsoft.AspNetCore.Http")]
    [TestCase("Jobs", "Domain Data Execution", "using EvalJobs.Server;", "EvalJobs.Server")]
    public void ViolationsInSource_PlantedViolation_IsFound(string layer, string allowed, string source, string culprit) =>
        LayerRules.ViolationsInSource(layer, allowed.Split(' '), "Planted.cs", source)
            .Should().Contain($"Planted.cs uses {culprit}");

    [TestCase("Domain", "", "using System.Text.Json;\nusing EvalJobs.Domain;\nnamespace EvalJobs.Domain;")]
    [TestCase("Data", "Domain", "using Dapper;\n// like EvalJobs.Execution\n/* EvalJobs.Jobs */ class A { string b = \"EvalJobs.Jobs\"; }")]
    [TestCase("Data", "Domain", "class A { void B() { using var document = Open(); using (Open()) { } } }")]
    [TestCase("Data", "Domain", "class A { object B(Exception e) => e.Data.Keys; }")]
    [TestCase("Jobs", "Domain Data Execution", "using EvalJobs.Data; using EvalJobs.Execution.Agents;")]
    public void ViolationsInSource_AllowedUse_IsNone(string layer, string allowed, string source) =>
        LayerRules.ViolationsInSource(layer, allowed.Split(' '), "Fine.cs", source).Should().BeEmpty();

    [TestCase(typeof(PlantedField))]
    [TestCase(typeof(PlantedCall))]
    [TestCase(typeof(PlantedSignature))]
    [TestCase(typeof(PlantedGeneric))]
    public void ViolationsInType_PlantedViolation_IsFound(Type planted) =>
        // Lambdas and async methods are compiled into nested types; in the real assembly all of them are read.
        planted.GetNestedTypes(BindingFlags.NonPublic).Prepend(planted)
            .SelectMany(type => LayerRules.ViolationsInType("Data", ["Domain"], type))
            .Should().Contain(violation => violation.Contains("EvalJobs.Execution.", StringComparison.Ordinal));

    [Test]
    public void ViolationsInType_PackageInTheDomain_IsFound() =>
        LayerRules.ViolationsInType("Domain", [], typeof(PlantedPackage))
            .Should().Contain(violation => violation.Contains("YamlDotNet", StringComparison.Ordinal));

    private static bool IsIn(Type type, string layer) =>
        type.Namespace == $"EvalJobs.{layer}" || type.Namespace?.StartsWith($"EvalJobs.{layer}.", StringComparison.Ordinal) == true;

    private static string SourceFolder()
    {
        for (var folder = new DirectoryInfo(TestContext.CurrentContext.TestDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "EvalJobs.sln")))
                return Path.Combine(folder.FullName, "src", "EvalJobs");
        }
        throw new InvalidOperationException("The tests must run from inside the checkout: no EvalJobs.sln above the test folder.");
    }

    private sealed class PlantedField
    {
        public EvalJobs.Execution.ExecutionOptions Options = new();
    }

    private sealed class PlantedCall
    {
        public static async Task<string?> RunAsync()
        {
            await Task.Yield();
            return new Func<string?>(() => new EvalJobs.Execution.Scoring.ScoringException("x").Message)();
        }
    }

    private sealed class PlantedSignature
    {
        public static void Take(EvalJobs.Execution.Scoring.IScorer[] scorers) => _ = scorers;
    }

    private sealed class PlantedGeneric
    {
        public static int Make() => new List<EvalJobs.Execution.Scoring.Score>().Count;
    }

    private sealed class PlantedPackage
    {
        public static object Make() => new YamlDotNet.Serialization.DeserializerBuilder().Build();
    }
}

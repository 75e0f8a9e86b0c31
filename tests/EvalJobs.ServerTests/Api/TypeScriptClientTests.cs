using System.ComponentModel;
using System.Diagnostics;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Api;

/// <summary>A client generated from the checked-in OpenAPI document compiles, and the compiler rejects a field that the API does not have.</summary>
public sealed class TypeScriptClientTests
{
    private DirectoryInfo _folder = null!;

    [SetUp]
    public void Copy()
    {
        _folder = Directory.CreateTempSubdirectory("evaljobs-typescript-");
        var guide = Path.Combine(Repository.Root, "docs", "guide");
        File.Copy(Path.Combine(guide, "openapi.json"), Path.Combine(_folder.FullName, "openapi.json"));
        _folder.CreateSubdirectory("client");
        foreach (var name in new[] { "package.json", "package-lock.json", "tsconfig.json", "evaluate.ts" })
            File.Copy(Path.Combine(guide, "typescript", name), Path.Combine(_folder.FullName, "client", name));
    }

    [TearDown]
    public void Delete() => _folder.Delete(recursive: true);

    [Test]
    [CancelAfter(400_000)]
    public async Task Client_GeneratedFromTheDocument_Compiles(CancellationToken cancellationToken)
    {
        if (await NpmAsync(cancellationToken, "ci", "--no-audit", "--no-fund", "--fetch-retries=1", "--fetch-timeout=30000") is not (0, _))
            Assert.Ignore("No npm that reaches its registry here: install Node.js.");

        var (exitCode, output) = await NpmAsync(cancellationToken, "run", "check");
        exitCode.Should().Be(0, output);

        var example = Path.Combine(_folder.FullName, "client", "evaluate.ts");
        await File.WriteAllTextAsync(example, (await File.ReadAllTextAsync(example, cancellationToken)).Replace("run.passedCount", "run.passedCounts", StringComparison.Ordinal), cancellationToken);
        var (wrongCode, wrong) = await NpmAsync(cancellationToken, "run", "compile");
        wrongCode.Should().NotBe(0);
        wrong.Should().Contain("passedCounts", "a field that the API does not have is found");
    }

    /// <returns>The exit code and the output; −1 where there is no npm.</returns>
    private async Task<(int ExitCode, string Output)> NpmAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        var start = new ProcessStartInfo(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", arguments)
        {
            UseShellExecute = false,
            WorkingDirectory = Path.Combine(_folder.FullName, "client"),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var npm = Process.Start(start)!;
            var output = npm.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = npm.StandardError.ReadToEndAsync(cancellationToken);
            await npm.WaitForExitAsync(cancellationToken);
            return (npm.ExitCode, await output + await error);
        }
        catch (Win32Exception)
        {
            return (-1, "");
        }
    }
}

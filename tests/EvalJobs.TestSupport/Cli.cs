using System.Diagnostics;
using System.Text.Json;

namespace EvalJobs.Tests.Support;

/// <summary>Runs the real executable, as a shell would, on a database of its own.</summary>
public sealed class Cli : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("evaljobs-cli-");

    public string Folder => _folder.FullName;

    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    public Task<CliAnswer> RunAsync(params string[] arguments) => AnswerAsync("", arguments);

    /// <summary>Runs a command that reads this from its standard input.</summary>
    public async Task<CliAnswer> AnswerAsync(string input, params string[] arguments)
    {
        using var process = Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return new CliAnswer(process.ExitCode, await output, await error);
    }

    /// <summary>Starts a command; the caller ends and disposes it.</summary>
    public Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = Folder };
        foreach (var argument in new[] { "exec", Path.Combine(AppContext.BaseDirectory, "EvalJobs.Server.dll") }.Concat(arguments))
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    public string Write(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}

public sealed record CliAnswer(int ExitCode, string Output, string Error)
{
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;
}

using System.Diagnostics;
using System.Text.Json;

namespace EvalJobs.Tests.Support;

/// <summary>Runs the real executable, as a shell would, on a database of its own.</summary>
public sealed class Cli : IDisposable
{
    /// <summary>A command that takes longer hangs.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

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
        await InTimeAsync(process, process.WaitForExitAsync());
        return new CliAnswer(process.ExitCode, await output, await error);
    }

    /// <summary>Runs a command and sends it the signal of Ctrl+C once it has come far enough.</summary>
    /// <param name="isFarEnough">Released by then.</param>
    /// <param name="arguments">The command.</param>
    /// <returns>Its exit code.</returns>
    public async Task<int> InterruptAsync(SemaphoreSlim isFarEnough, params string[] arguments)
    {
        using var process = Start(arguments);
        var ended = process.WaitForExitAsync();
        var come = isFarEnough.WaitAsync();
        await InTimeAsync(process, Task.WhenAny(come, ended));
        if (!come.IsCompleted)
            throw new InvalidOperationException($"'{string.Join(' ', arguments)}' ended before it was interrupted: {await process.StandardError.ReadToEndAsync()}");

        using (var kill = Process.Start("kill", ["-INT", $"{process.Id}"]))
            await kill.WaitForExitAsync();
        await InTimeAsync(process, ended);
        return process.ExitCode;
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

    /// <exception cref="TimeoutException">It takes too long; the process is ended.</exception>
    private static async Task InTimeAsync(Process process, Task step)
    {
        try
        {
            await step.WaitAsync(Limit);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}

public sealed record CliAnswer(int ExitCode, string Output, string Error)
{
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    /// <summary>For messages of assertions; without <see cref="Json"/>, which not every output is.</summary>
    public override string ToString() => $"exit code {ExitCode}, output: {Output}, error: {Error}";
}

using System.Diagnostics;
using System.Text.Json;
using EvalJobs.Server.Cli;
using Microsoft.Data.Sqlite;
using Spectre.Console;

namespace EvalJobs.Tests.Support;

/// <summary>Runs commands with their own folder, variables and database. They run in this process, or as the real executable where the test is about the process.</summary>
public sealed class Cli : IDisposable
{
    /// <summary>A command that takes longer is assumed to hang.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Console, working folder and environment variables belong to the whole process.</summary>
    private static readonly SemaphoreSlim OneAtATime = new(1);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("evaljobs-cli-");

    public string Folder => _folder.FullName;

    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    /// <summary>Runs a command in this process: the same code with the same arguments, without the second that a process takes to start.</summary>
    /// <remarks>Not for commands that serve, read standard input, or write bytes to standard output.</remarks>
    public async Task<CliAnswer> RunAsync(params string[] arguments)
    {
        await OneAtATime.WaitAsync();
        var (folder, terminal, output, error) = (Directory.GetCurrentDirectory(), AnsiConsole.Console, Console.Out, Console.Error);
        var variables = Environment.Keys.ToDictionary(name => name, System.Environment.GetEnvironmentVariable, StringComparer.Ordinal);
        var (answered, errors) = (new StringWriter(), new StringWriter());
        try
        {
            Directory.SetCurrentDirectory(Folder);
            Console.SetOut(answered);
            Console.SetError(errors);
            AnsiConsole.Console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(Console.Out) });
            foreach (var (name, value) in Environment)
                System.Environment.SetEnvironmentVariable(name, value);
            var exitCode = await CommandLine.RunAsync(arguments).WaitAsync(Limit);
            return new CliAnswer(exitCode, $"{answered}", $"{errors}");
        }
        finally
        {
            // The end of a process would do the same.
            SqliteConnection.ClearAllPools();
            foreach (var (name, value) in variables)
                System.Environment.SetEnvironmentVariable(name, value);
            AnsiConsole.Console = terminal;
            Console.SetOut(output);
            Console.SetError(error);
            Directory.SetCurrentDirectory(folder);
            OneAtATime.Release();
        }
    }

    /// <summary>Runs a command as the real executable, as a shell would.</summary>
    public Task<CliAnswer> RunProcessAsync(params string[] arguments) => AnswerAsync("", arguments);

    /// <summary>Runs a command as the real executable with this text as its standard input.</summary>
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

    /// <summary>Runs a command and sends it the signal of Ctrl+C when the semaphore is released.</summary>
    /// <param name="isFarEnough">Released when the command has come far enough.</param>
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
        ShortLived.Set(start);
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

    /// <exception cref="TimeoutException">The command takes too long. Its process is ended.</exception>
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

    /// <summary>For messages of assertions. Without <see cref="Json"/>, because not every output is JSON.</summary>
    public override string ToString() => $"exit code {ExitCode}, output: {Output}, error: {Error}";
}

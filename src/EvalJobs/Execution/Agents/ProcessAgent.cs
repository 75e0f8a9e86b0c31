using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Execution.Agents;

/// <summary>
/// A program the operator has allowed by name: the question as JSON on stdin, the reply on stdout. A genome chooses only
/// the name. The operator chooses path and arguments, and no shell interprets them. See docs/guide/agents.md.
/// </summary>
internal sealed class ProcessAgent(AgentOptions options, ProcessReaper reaper) : IAgentType
{
    /// <inheritdoc/>
    public string Name => "process";

    /// <inheritdoc/>
    public void Validate(Genome genome) => CommandOf(genome);

    /// <inheritdoc/>
    public string? EndpointOf(Genome genome) => $"process {CommandOf(genome).Name}";

    /// <inheritdoc/>
    public IAgentClient CreateClient(AgentBinding binding)
    {
        var (name, command) = CommandOf(binding.Genome);
        return new Client(name, command, binding.Genome, options.MaxReplyBytes, reaper);
    }

    private (string Name, AllowedCommand Command) CommandOf(Genome genome)
    {
        var name = new JsonSettings("target", genome.Target, "type", "command").RequiredText("command");
        if (options.AllowedCommands.TryGetValue(name, out var command))
            return (name, command);

        var allowed = options.AllowedCommands.Count == 0 ? "none is allowed" : $"allowed are {string.Join(", ", options.AllowedCommands.Keys.Order(StringComparer.Ordinal))}";
        throw new InvalidInputException($"target.command '{Excerpt.Of(name, 100)}' is not in EvalJobs:Agents:AllowedCommands; {allowed}.");
    }

    private sealed class Client(string name, AllowedCommand command, Genome genome, int maxReplyBytes, ProcessReaper reaper) : IAgentClient
    {
        private const int StderrTailLength = 500;

        // How long the rest of the output may take after the program's end, when something it started holds the output open.
        private static readonly TimeSpan OutputGrace = TimeSpan.FromSeconds(2);

        // How long the client waits, when it is disposed, until the programs of questions that were given up are killed.
        private static readonly TimeSpan KillGrace = TimeSpan.FromSeconds(10);

        // What a program needs to run at all. The server's own environment holds connection strings and secrets.
        private static readonly string[] PassedOn =
            ["PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "TEMP", "TMP", "SystemRoot", "windir", "ComSpec", "PATHEXT"];

        private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

        private readonly CallCount _underWay = new();

        public async Task<AgentReply> AskAsync(AgentQuestion question, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var call = _underWay.Begin();
            var mark = reaper.NewMark();
            using var process = new Process { StartInfo = StartInfo(mark) };
            Start(process);

            try
            {
                // WaitAsync, because reading a pipe need not notice the token; it does notice that its writer is dead.
                return await RunAsync(process, question, mark, cancellationToken).WaitAsync(cancellationToken);
            }
            catch
            {
                ProcessTree.Kill(process, mark);
                throw;
            }
        }

        public async ValueTask DisposeAsync()
        {
            // The caller of a question that timed out did not wait for its program's end. The program must end before the attempt and the command 'process'.
            await _underWay.WhenNoneAsync().WaitAsync(KillGrace).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        private ProcessStartInfo StartInfo(string mark)
        {
            var start = new ProcessStartInfo(command.Path, command.Arguments)
            {
                UseShellExecute = false,
                CreateNoWindow = true,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };

            start.Environment.Clear();
            foreach (var variable in PassedOn)
            {
                if (Environment.GetEnvironmentVariable(variable) is { } value)
                    start.Environment[variable] = value;
            }
            start.Environment.TryAdd("LANG", "C.UTF-8");
            start.Environment[ProcessTree.MarkVariable] = mark;
            return start;
        }

        private void Start(Process process)
        {
            reaper.EnsureWatching();
            try
            {
                process.Start();
            }
            catch (Win32Exception error)
            {
                // Its own message shows the operator's paths; the system's words for the code do not.
                throw new AgentCallException($"The command '{name}' could not be started: {new Win32Exception(error.NativeErrorCode).Message}.", error);
            }
            reaper.Watch(process);
        }

        private async Task<AgentReply> RunAsync(Process process, AgentQuestion question, string mark, CancellationToken cancellationToken)
        {
            // All three at once: a program that writes before it reads would otherwise wait for us while we wait for it.
            var writing = WriteInputAsync(process.StandardInput.BaseStream, question, cancellationToken);
            using var reply = new ProcessOutput(process.StandardOutput.BaseStream, maxReplyBytes, keepsEnd: false, cancellationToken);
            using var errors = new ProcessOutput(process.StandardError.BaseStream, StderrTailLength * 4, keepsEnd: true, cancellationToken);

            var exit = process.WaitForExitAsync(cancellationToken);
            await await Task.WhenAny(exit, reply.Reading);
            ThrowIfTooLarge(reply);
            await exit;

            if (!await EndsSoonAsync(Task.WhenAll(reply.Reading, errors.Reading), cancellationToken))
                ProcessTree.Kill(process, mark);
            ThrowIfTooLarge(reply);

            if (process.ExitCode != 0)
            {
                var tail = Tail(errors.ToArray());
                throw new AgentCallException(string.Create(
                    CultureInfo.InvariantCulture, $"The command '{name}' ended with exit code {process.ExitCode}{(tail.Length == 0 ? "." : $": {tail}")}"));
            }

            await EndsSoonAsync(writing, cancellationToken);
            return new AgentReply(WithoutLineEnd(Decode(reply.ToArray())));
        }

        /// <returns>Whether it ended within the grace after the program's exit.</returns>
        private static async Task<bool> EndsSoonAsync(Task task, CancellationToken cancellationToken)
        {
            try
            {
                await task.WaitAsync(OutputGrace, cancellationToken);
                return true;
            }
            catch (TimeoutException)
            {
                return false;
            }
        }

        private async Task WriteInputAsync(Stream stdin, AgentQuestion question, CancellationToken cancellationToken)
        {
            try
            {
                await using (stdin)
                    await stdin.WriteAsync(QuestionJson(question), cancellationToken);
            }
            catch (IOException)
            {
                // The program does not read all of it; its exit code and reply tell the rest.
            }
        }

        private byte[] QuestionJson(AgentQuestion question)
        {
            using var json = new MemoryStream();
            using (var writer = new Utf8JsonWriter(json))
            {
                writer.WriteStartObject();
                writer.WriteString("input", question.Input);
                writer.WriteString("caseKey", question.CaseKey);
                foreach (var key in (ReadOnlySpan<string>)["prompt", "modelConfig", "toolManifest"])
                {
                    writer.WritePropertyName(key);
                    if (genome.Section(key) is { } section)
                        section.WriteTo(writer);
                    else
                        writer.WriteNullValue();
                }
                writer.WriteEndObject();
            }
            return json.ToArray();
        }

        private void ThrowIfTooLarge(ProcessOutput reply)
        {
            if (reply.IsTooLarge)
                throw new AgentCallException($"The reply of the command '{name}' is larger than EvalJobs:Agents:MaxReplyBytes ({maxReplyBytes} bytes).");
        }

        private static string Tail(byte[] stderr)
        {
            var text = Excerpt.Of(Encoding.UTF8.GetString(stderr), int.MaxValue);
            return text.Length <= StderrTailLength ? text : $"…{text[^(StderrTailLength - 1)..]}";
        }

        private string Decode(byte[] reply)
        {
            try
            {
                var text = Utf8.GetString(reply);
                return text.StartsWith('\uFEFF') ? text[1..] : text;
            }
            catch (DecoderFallbackException error)
            {
                throw new AgentCallException($"The reply of the command '{name}' is not UTF-8.", error);
            }
        }

        private static string WithoutLineEnd(string text) =>
            text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
    }

    /// <summary>Counts calls under way, so that a caller can wait for their end.</summary>
    private sealed class CallCount
    {
        private readonly Lock _lock = new();
        private int _count;
        private TaskCompletionSource? _none;

        public IDisposable Begin()
        {
            lock (_lock)
                _count++;
            return new Call(this);
        }

        public Task WhenNoneAsync()
        {
            lock (_lock)
                return _count == 0 ? Task.CompletedTask : (_none ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }

        private void End()
        {
            lock (_lock)
            {
                if (--_count == 0)
                    _none?.TrySetResult();
            }
        }

        private sealed class Call(CallCount owner) : IDisposable
        {
            public void Dispose() => owner.End();
        }
    }
}

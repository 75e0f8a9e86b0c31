using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Execution.Agents;

/// <summary>
/// A program the operator has allowed by name: the question as JSON on stdin, the reply on stdout. A genome picks the name and
/// nothing else; path and arguments are the operator's, and no shell reads either. See docs/guide/agents.md.
/// </summary>
public sealed class ProcessAgent(AgentOptions options) : IAgentType
{
    /// <inheritdoc/>
    public string Name => "process";

    /// <inheritdoc/>
    public void Validate(Genome genome) => CommandOf(genome);

    /// <inheritdoc/>
    public IAgentClient CreateClient(AgentBinding binding)
    {
        var (name, command) = CommandOf(binding.Genome);
        return new Client(name, command, binding.Genome, options.MaxReplyBytes);
    }

    private (string Name, AllowedCommand Command) CommandOf(Genome genome)
    {
        var name = new JsonSettings("target", genome.Target, "type", "command").RequiredText("command");
        if (options.AllowedCommands.TryGetValue(name, out var command))
            return (name, command);

        var allowed = options.AllowedCommands.Count == 0 ? "none is allowed" : $"allowed are {string.Join(", ", options.AllowedCommands.Keys.Order(StringComparer.Ordinal))}";
        throw new InvalidInputException($"target.command '{Excerpt.Of(name, 100)}' is not in EvalJobs:Agents:AllowedCommands; {allowed}.");
    }

    private sealed class Client(string name, AllowedCommand command, Genome genome, int maxReplyBytes) : IAgentClient
    {
        private const int StderrTailLength = 500;

        // What a program needs to run at all. The server's own environment holds connection strings and secrets.
        private static readonly string[] PassedOn =
            ["PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "TEMP", "TMP", "SystemRoot", "windir", "ComSpec", "PATHEXT"];

        private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

        public async Task<AgentReply> AskAsync(AgentQuestion question, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var mark = Guid.NewGuid().ToString("N");
            using var process = new Process { StartInfo = StartInfo(mark) };
            Start(process);

            try
            {
                // WaitAsync, because reading a pipe need not notice the token; it does notice that its writer is dead.
                return await ConverseAsync(process, question, cancellationToken).WaitAsync(cancellationToken);
            }
            catch
            {
                ProcessTree.Kill(process, mark);
                throw;
            }
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

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
            try
            {
                process.Start();
            }
            catch (Win32Exception error)
            {
                // Its own message shows the operator's paths; the system's words for the code do not.
                throw new AgentCallException($"The command '{name}' could not be started: {new Win32Exception(error.NativeErrorCode).Message}.", error);
            }
        }

        private async Task<AgentReply> ConverseAsync(Process process, AgentQuestion question, CancellationToken cancellationToken)
        {
            // All three at once: a program that writes before it reads would otherwise wait for us while we wait for it.
            var feeding = FeedAsync(process.StandardInput.BaseStream, question, cancellationToken);
            var complaint = ReadTailAsync(process.StandardError.BaseStream, cancellationToken);
            var reply = await ReadReplyAsync(process.StandardOutput.BaseStream, cancellationToken);
            await process.WaitForExitAsync(cancellationToken);

            if (process.ExitCode != 0)
            {
                var tail = await complaint;
                throw new AgentCallException(string.Create(
                    CultureInfo.InvariantCulture, $"The command '{name}' ended with exit code {process.ExitCode}{(tail.Length == 0 ? "." : $": {tail}")}"));
            }

            await feeding;
            return new AgentReply(WithoutLineEnd(Decode(reply)));
        }

        private async Task FeedAsync(Stream stdin, AgentQuestion question, CancellationToken cancellationToken)
        {
            try
            {
                await using (stdin)
                    await stdin.WriteAsync(QuestionJson(question), cancellationToken);
            }
            catch (IOException)
            {
                // It does not want to hear it all, which is its right; its exit code and reply tell the rest.
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

        private async Task<byte[]> ReadReplyAsync(Stream stdout, CancellationToken cancellationToken)
        {
            using var reply = new MemoryStream();
            var buffer = new byte[16 * 1024];
            int read;
            while ((read = await stdout.ReadAsync(buffer, cancellationToken)) > 0)
            {
                reply.Write(buffer, 0, read);
                if (reply.Length > maxReplyBytes)
                    throw new AgentCallException($"The reply of the command '{name}' is larger than EvalJobs:Agents:MaxReplyBytes ({maxReplyBytes} bytes).");
            }
            return reply.ToArray();
        }

        /// <summary>Reads to the end, so that a talkative program never blocks, and keeps the last bytes only.</summary>
        private static async Task<string> ReadTailAsync(Stream stderr, CancellationToken cancellationToken)
        {
            var tail = Array.Empty<byte>();
            var buffer = new byte[16 * 1024];
            int read;
            try
            {
                while ((read = await stderr.ReadAsync(buffer, cancellationToken)) > 0)
                    tail = [.. tail.Concat(buffer.Take(read)).TakeLast(StderrTailLength * 4)];
            }
            catch (Exception error) when (error is IOException or OperationCanceledException or ObjectDisposedException)
            {
                // Nobody waits for it any more.
            }

            var text = Excerpt.Of(Encoding.UTF8.GetString(tail), int.MaxValue);
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
}

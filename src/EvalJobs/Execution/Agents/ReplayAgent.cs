using System.Text;
using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Execution.Agents;

/// <summary>Recorded replies from a JSONL file under the operator's replay folder, for offline scoring and trials. See docs/guide/agents.md.</summary>
/// <remarks>
/// The file is indexed when the client is made, so an invalid line fails the run at once, with its number, and not case by case.
/// </remarks>
internal sealed class ReplayAgent(AgentOptions options) : IAgentType
{
    /// <inheritdoc/>
    public string Name => "replay";

    /// <inheritdoc/>
    public void Validate(Genome genome) => Target.Read(genome.Target);

    /// <inheritdoc/>
    public IAgentClient CreateClient(AgentBinding binding)
    {
        var target = Target.Read(binding.Genome.Target);
        var index = ReplayIndex.Read(ReplayFolder.Find(options.ReplayFolder, target.File), target.Match);
        return new Client(target, index, options.MaxReplyBytes);
    }

    private sealed class Client(Target target, ReplayIndex index, int maxReplyBytes) : IAgentClient
    {
        public async Task<AgentReply> AskAsync(AgentQuestion question, CancellationToken cancellationToken)
        {
            var key = target.OnCaseKey ? question.CaseKey : question.Input;
            if (await index.FindAsync(key, cancellationToken) is not { } found)
                throw new AgentCallException($"'{target.File}' contains no recording whose '{target.Match}' is this case's {target.On}: {Excerpt.Of(key, 100)}");

            using var record = found.Record;
            var root = record.RootElement;
            return new AgentReply(
                ReplyIn(root, found.Line),
                Figures.Whole(target.InputTokens, root),
                Figures.Whole(target.OutputTokens, root),
                Figures.Number(target.Cost, root));
        }

        public ValueTask DisposeAsync()
        {
            index.Dispose();
            return ValueTask.CompletedTask;
        }

        private string ReplyIn(JsonElement record, int line)
        {
            if (target.Reply.Resolve(record) is not { ValueKind: not JsonValueKind.Null } value)
                throw new AgentCallException($"Line {line} of '{target.File}' has nothing at target.reply '{target.Reply}'.");

            string reply;
            try
            {
                reply = JsonPath.TextOf(value);
            }
            catch (InvalidInputException error)
            {
                throw new AgentCallException($"Line {line} of '{target.File}': {error.Message}", error);
            }

            return Encoding.UTF8.GetByteCount(reply) <= maxReplyBytes
                ? reply
                : throw new AgentCallException($"The reply in line {line} of '{target.File}' is larger than EvalJobs:Agents:MaxReplyBytes ({maxReplyBytes} bytes).");
        }
    }

    private sealed record Target
    {
        public required string File { get; init; }
        public required JsonPath Match { get; init; }
        public required string On { get; init; }
        public required JsonPath Reply { get; init; }
        public required JsonPath? InputTokens { get; init; }
        public required JsonPath? OutputTokens { get; init; }
        public required JsonPath? Cost { get; init; }

        public bool OnCaseKey => On == "caseKey";

        public static Target Read(JsonElement target)
        {
            var settings = new JsonSettings("target", target, "type", "file", "match", "on", "reply", "inputTokens", "outputTokens", "cost");

            var file = settings.RequiredText("file");
            ReplayFolder.CheckName(file);

            var on = settings.Text("on") ?? "input";
            if (on is not ("input" or "caseKey"))
                throw new InvalidInputException($"target.on ({Excerpt.Of(on, 50)}) must be input or caseKey.");

            return new Target
            {
                File = file,
                Match = settings.RequiredPath("match"),
                On = on,
                Reply = settings.RequiredPath("reply"),
                InputTokens = settings.Path("inputTokens"),
                OutputTokens = settings.Path("outputTokens"),
                Cost = settings.Path("cost"),
            };
        }
    }
}

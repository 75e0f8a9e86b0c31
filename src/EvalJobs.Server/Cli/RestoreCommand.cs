using System.CommandLine;
using System.Text.Json.Serialization;
using EvalJobs.Application;
using EvalJobs.Domain;

namespace EvalJobs.Server.Cli;

/// <summary><c>run restore</c>.</summary>
internal static class RestoreCommand
{
    public static Command Build()
    {
        var ids = new Argument<long[]>("runs") { Description = "The runs' ids.", Arity = ArgumentArity.OneOrMore };
        return new Command("restore", "Bring runs back from the archive; they stay for another Retention:Days.") { ids }.Runs(async (parsed, context) =>
        {
            var answers = new List<RestoreAnswer>();
            foreach (var id in parsed.GetRequiredValue(ids))
                answers.Add(await RestoreAsync(context, id));
            context.Answer(answers, () =>
            {
                foreach (var answer in answers.Where(answer => answer.Error is null))
                    CommandContext.Line($"Run {answer.Run} is back with {CommandContext.Many(answer.Results, "result")}.");
            });
            foreach (var error in answers.Select(answer => answer.Error).OfType<string>())
                await CommandContext.ErrorLineAsync($"error: {error}");
            return answers.TrueForAll(answer => answer.Error is null) ? ExitCode.Ok
                : answers.TrueForAll(answer => answer.Error is not null) ? ExitCode.Rejected
                : ExitCode.Attention;
        });
    }

    private static async Task<RestoreAnswer> RestoreAsync(CommandContext context, long id)
    {
        try
        {
            var moved = await context.Get<RestoreRun>().ExecuteAsync(id, Actor.CommandLine(), context.CancellationToken);
            return new RestoreAnswer(id, moved.Results, null);
        }
        catch (NotAllowedException error)
        {
            // A run that cannot be restored must not stop the others.
            return new RestoreAnswer(id, 0, error.Message);
        }
    }

    private sealed record RestoreAnswer(long Run, int Results, [property: JsonPropertyName("refusal")] string? Error);
}

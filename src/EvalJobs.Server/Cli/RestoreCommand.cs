using System.CommandLine;
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
                foreach (var answer in answers.Where(answer => answer.Refusal is null))
                    CommandContext.Line($"Run {answer.Run} is back with {CommandContext.Many(answer.Results, "result")}.");
            });
            foreach (var refusal in answers.Select(answer => answer.Refusal).OfType<string>())
                await CommandContext.ErrorLineAsync($"error: {refusal}");
            return answers.TrueForAll(answer => answer.Refusal is null) ? ExitCode.Ok
                : answers.TrueForAll(answer => answer.Refusal is not null) ? ExitCode.Refused
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
        catch (NotAllowedException refusal)
        {
            // One run that cannot come back must not keep the others.
            return new RestoreAnswer(id, 0, refusal.Message);
        }
    }

    private sealed record RestoreAnswer(long Run, int Results, string? Refusal);
}

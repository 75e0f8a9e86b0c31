using System.CommandLine;
using System.Text.Json;
using EvalJobs.Server.Web;

namespace EvalJobs.Server.Cli;

/// <summary>
/// Names the typed option in error messages: a message of a use case begins with the field's name, such as <c>timeZone: </c>, which is the option
/// <c>--time-zone</c> here.
/// </summary>
internal static class OptionNames
{
    /// <returns>The message, with the option in place of the field if the command has such an option.</returns>
    public static string AsTyped(string message, Command? command)
    {
        if (command is null || FieldMessage.FieldOf(message) is not { } field)
            return message;
        var option = $"--{JsonNamingPolicy.KebabCaseLower.ConvertName(field)}";
        return command.Options.Any(each => each.Name == option) ? $"{option}: {FieldMessage.WithoutField(message)}" : message;
    }
}

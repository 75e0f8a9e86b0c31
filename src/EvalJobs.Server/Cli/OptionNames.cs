using System.CommandLine;
using System.Text.Json;
using EvalJobs.Server.Web;

namespace EvalJobs.Server.Cli;

/// <summary>Names what is wrong as it was typed: use cases begin a message with the field's name, such as <c>timeZone: </c>, which is the option <c>--time-zone</c> here.</summary>
internal static class OptionNames
{
    /// <returns>The message, with the option in place of the field where the command has such an option.</returns>
    public static string AsTyped(string message, Command? command)
    {
        if (command is null || FieldMessage.FieldOf(message) is not { } field)
            return message;
        var option = $"--{JsonNamingPolicy.KebabCaseLower.ConvertName(field)}";
        return command.Options.Any(each => each.Name == option) ? $"{option}: {FieldMessage.WithoutField(message)}" : message;
    }
}

using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace EvalJobs.DependencyInjection;

/// <summary>Checks an options record against its own rules, and says in plain words which setting breaks one.</summary>
internal static class SettingsRules
{
    /// <returns>One sentence per broken rule, each with the setting's full name. Relations between settings are checked once each setting by itself is right.</returns>
    public static IReadOnlyList<string> Errors(object options, string section)
    {
        var errors = options.GetType().GetProperties().SelectMany(property => Errors(options, property, section)).ToList();
        if (errors.Count > 0 || options is not IValidatableObject whole)
            return errors;
        return
        [
            .. whole.Validate(new ValidationContext(options)).Where(result => result != ValidationResult.Success)
                .Select(result => $"{section}:{string.Join(" and ", result.MemberNames)}: {result.ErrorMessage}"),
        ];
    }

    private static IEnumerable<string> Errors(object options, PropertyInfo property, string section)
    {
        var rules = property.GetCustomAttributes<ValidationAttribute>(inherit: true).ToList();
        if (rules.Count == 0)
            yield break;

        var value = property.GetValue(options);
        foreach (var rule in rules)
        {
            if (rule.GetValidationResult(value, new ValidationContext(options) { MemberName = property.Name }) is { } result)
                yield return $"{section}:{property.Name}: {Sentence(rule, value, result)}";
        }
    }

    private static string? Sentence(ValidationAttribute rule, object? value, ValidationResult result) => rule switch
    {
        RangeAttribute range => string.Create(CultureInfo.InvariantCulture, $"expected {range.Minimum} to {range.Maximum}, not {value}."),
        RequiredAttribute => "a value is needed.",
        _ => result.ErrorMessage,
    };
}

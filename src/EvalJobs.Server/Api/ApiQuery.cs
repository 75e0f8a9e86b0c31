using System.Globalization;
using System.Reflection;
using EvalJobs.Server.Web;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;

namespace EvalJobs.Server.Api;

/// <summary>Checks the query parameters of a request: each endpoint accepts only the parameters that its handler declares.</summary>
/// <remarks>
/// An unknown parameter would otherwise be silently ignored: a list would return more than was requested, and an import would store the default
/// threshold.
/// </remarks>
internal static class ApiQuery
{
    private const int ShownLength = 60;

    /// <summary>Rejects, for each endpoint of the group, unknown parameters and values that it cannot read.</summary>
    public static TBuilder ValidatesQuery<TBuilder>(this TBuilder api) where TBuilder : IEndpointConventionBuilder
    {
        api.Finally(endpoint =>
        {
            var taken = Parameters((RouteEndpointBuilder)endpoint);
            var answer = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = http =>
            {
                Validate(http.Request.Query, taken);
                return answer(http);
            };
        });
        return api;
    }

    private static List<Parameter> Parameters(RouteEndpointBuilder endpoint) =>
    [
        .. endpoint.Metadata.OfType<IParameterBindingMetadata>().Where(each => !each.HasBindAsync)
            .Select(each => Parameter.Of(each.ParameterInfo, each.IsOptional)).OfType<Parameter>()
            .Where(each => endpoint.RoutePattern.GetParameter(each.Name) is null),
    ];

    private static void Validate(IQueryCollection query, List<Parameter> taken)
    {
        foreach (var (name, _) in query)
        {
            if (!taken.Exists(parameter => parameter.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
                throw Wrong(name, $"the address accepts no such parameter; it accepts {(taken.Count == 0 ? "none" : string.Join(", ", taken.Select(parameter => parameter.Name)))}.");
        }

        foreach (var parameter in taken)
        {
            if (parameter.Expected([.. query[parameter.Name]]) is { } expected)
                throw Wrong(parameter.Name, $"expected {expected}.");
        }
    }

    private static ApiProblemException Wrong(string name, string what)
    {
        var shown = name.Length > ShownLength ? name[..ShownLength] + "…" : name;
        return new(ApiProblem.Invalid($"{shown}: {what}", shown));
    }

    /// <param name="Name">The name in the address.</param>
    /// <param name="Type">The type of one value.</param>
    /// <param name="IsList">Whether it may be given more than once.</param>
    /// <param name="IsOptional">Whether it may be left out.</param>
    private sealed record Parameter(string Name, Type Type, bool IsList, bool IsOptional)
    {
        private static readonly Dictionary<Type, (Predicate<string?> IsRead, string Expected)> Readings = new()
        {
            [typeof(bool)] = (value => bool.TryParse(value, out _), "true or false"),
            [typeof(double)] = (value => double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _), "a number"),
            [typeof(int)] = (value => int.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out _), "a whole number"),
            [typeof(long)] = (value => long.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out _), "a whole number"),
        };

        /// <returns>Null when the handler reads it from the body or gets it as a service, and not from the address.</returns>
        public static Parameter? Of(ParameterInfo parameter, bool isOptional)
        {
            var isList = parameter.ParameterType.IsArray;
            var one = isList ? parameter.ParameterType.GetElementType()! : parameter.ParameterType;
            var type = Nullable.GetUnderlyingType(one) ?? one;
            var name = parameter.GetCustomAttribute<FromQueryAttribute>()?.Name ?? parameter.Name!;
            return type == typeof(string) || type.IsPrimitive ? new(name, type, isList, isOptional || isList) : null;
        }

        /// <returns>The expected form of these values; null when they are valid.</returns>
        public string? Expected(string?[] values)
        {
            if (values.Length == 0 ? !IsOptional : values.Length > 1 && !IsList)
                return "one value";
            var (isRead, expected) = Readings.GetValueOrDefault(Type, (_ => true, ""));
            return Array.TrueForAll(values, isRead) ? null : expected;
        }
    }
}

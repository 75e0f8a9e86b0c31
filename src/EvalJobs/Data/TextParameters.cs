using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using Dapper;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>The last check before the database: it rejects every text that cannot be stored.</summary>
internal static class TextParameters
{
    // The text properties of a type never change.
    private static readonly ConcurrentDictionary<Type, (string Name, MethodInvoker Get)[]> TextProperties = new();

    /// <param name="parameters">In a form that Dapper accepts: an object, a list of objects, <c>DynamicParameters</c>, or null.</param>
    /// <exception cref="InvalidInputException">A text holds U+0000; the message names the parameter.</exception>
    public static void Validate(object? parameters)
    {
        switch (parameters)
        {
            case null or string:
                break;
            case DynamicParameters dynamic:
                foreach (var name in dynamic.ParameterNames)
                    StoredText.Validate(name, dynamic.Get<object?>(name) as string);
                break;
            case IEnumerable list:
                foreach (var item in list)
                    Validate(item);
                break;
            default:
                foreach (var (name, get) in TextProperties.GetOrAdd(parameters.GetType(), FindTextProperties))
                    StoredText.Validate(name, (string?)get.Invoke(parameters));
                break;
        }
    }

    private static (string Name, MethodInvoker Get)[] FindTextProperties(Type type) =>
    [
        .. type.GetProperties()
            .Where(property => property is { CanRead: true, GetMethod: not null } && property.PropertyType == typeof(string) && property.GetIndexParameters().Length == 0)
            .Select(property => (property.Name, MethodInvoker.Create(property.GetMethod!))),
    ];
}

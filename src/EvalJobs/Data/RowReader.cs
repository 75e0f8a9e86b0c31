using System.Collections.Concurrent;
using System.Data;
using System.Data.Common;
using System.Globalization;
using System.Reflection;

namespace EvalJobs.Data;

/// <summary>Reads rows into records by column name, and single values; both dialects' times become UTC, stored words become enums.</summary>
/// <remarks>
/// Not Dapper's mapping: its type handlers belong to the whole process, so ours would change how a host reads its own times, and a host's
/// handler would change how we read ours.
/// </remarks>
internal static class RowReader
{
    /// <summary>Reads all result sets, so that an error of a later statement is not lost.</summary>
    /// <exception cref="DataException">A column's value does not fit its property. The message names column and types, never the value.</exception>
    public static async Task<IReadOnlyList<T>> ReadAsync<T>(DbDataReader reader, CancellationToken cancellationToken)
    {
        var rows = new List<T>();
        var columns = Row<T>.IsValue ? [] : Row<T>.Columns(reader);
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(Row<T>.IsValue ? ReadValue<T>(reader) : ReadRecord<T>(reader, columns));

        while (await reader.NextResultAsync(cancellationToken))
        {
            // Only its errors are needed.
        }

        return rows;
    }

    private static T ReadValue<T>(DbDataReader reader)
    {
        var value = reader.GetValue(0);
        return value is DBNull ? default! : (T)Convert(value, Row<T>.Type, reader.GetName(0));
    }

    private static T ReadRecord<T>(DbDataReader reader, Column?[] columns)
    {
        object record = Activator.CreateInstance<T>()!;
        for (var index = 0; index < columns.Length; index++)
        {
            if (columns[index] is not { } column)
                continue;
            var value = reader.GetValue(index);
            if (value is not DBNull)
                column.Set.Invoke(record, column.Read(value));
        }

        return (T)record;
    }

    private static object Convert(object value, Type type, string column)
    {
        if (value.GetType() == type)
            return value;
        try
        {
            if (type == typeof(DateTimeOffset))
                return Time(value);
            if (type.IsEnum)
                return Enum.Parse(type, ((string)value).Replace("_", "", StringComparison.Ordinal), ignoreCase: true);
            return System.Convert.ChangeType(value, type, CultureInfo.InvariantCulture);
        }
        catch (Exception error) when (error is InvalidCastException or FormatException or OverflowException or ArgumentException)
        {
            throw new DataException($"The column {column} contains a {value.GetType().Name}, which cannot be read as {type.Name}.", error);
        }
    }

    private static DateTimeOffset Time(object value) => value switch
    {
        long milliseconds => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds),
        DateTime time => new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc)),
        _ => throw new InvalidCastException("A time is stored as integer milliseconds or datetime2."),
    };

    /// <summary>The properties of a type, found once for all rows.</summary>
    private static class Row<T>
    {
        /// <summary>The type without Nullable.</summary>
        public static readonly Type Type = Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T);

        public static readonly bool IsValue = Type.IsPrimitive || Type.IsEnum || Type == typeof(string) || Type == typeof(DateTimeOffset);

        private static readonly Dictionary<string, Column> Properties = IsValue ? [] : typeof(T)
            .GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.SetMethod is not null)
            .ToDictionary(property => property.Name, property => new Column(property), StringComparer.Ordinal);

        public static Column?[] Columns(DbDataReader reader) =>
            [.. Enumerable.Range(0, reader.FieldCount).Select(index => Properties.GetValueOrDefault(reader.GetName(index)))];
    }

    /// <summary>The property that a column fills.</summary>
    private sealed class Column(PropertyInfo property)
    {
        public string Name { get; } = property.Name;

        /// <summary>Its type without Nullable.</summary>
        public Type Type { get; } = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;

        public MethodInvoker Set { get; } = MethodInvoker.Create(property.SetMethod!);

        // Parsing a word again in each row costs more than the rest of its cell. Only words of the enum are kept.
        private readonly ConcurrentDictionary<string, object> _words = new(StringComparer.Ordinal);

        /// <returns>The value for the property.</returns>
        public object Read(object value) => Type.IsEnum && value is string word
            ? _words.GetOrAdd(word, static (each, column) => Convert(each, column.Type, column.Name), this)
            : Convert(value, Type, Name);
    }
}

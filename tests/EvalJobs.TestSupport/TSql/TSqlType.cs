using System.Globalization;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace EvalJobs.Tests.Support;

/// <summary>What is needed of a type to check comparisons.</summary>
/// <param name="Option">The type.</param>
/// <param name="Length">The characters of a text, -1 for max; the fractional digits of a time; null where the type has no length.</param>
public sealed record TSqlType(SqlDataTypeOption Option, int? Length)
{
    /// <summary>From the lowest to the highest: when two types are compared, SQL Server converts the lower one.</summary>
    private static readonly SqlDataTypeOption[] Precedence =
    [
        SqlDataTypeOption.Binary, SqlDataTypeOption.VarBinary, SqlDataTypeOption.Char, SqlDataTypeOption.VarChar, SqlDataTypeOption.NChar, SqlDataTypeOption.NVarChar,
        SqlDataTypeOption.UniqueIdentifier, SqlDataTypeOption.Bit, SqlDataTypeOption.TinyInt, SqlDataTypeOption.SmallInt, SqlDataTypeOption.Int, SqlDataTypeOption.BigInt,
        SqlDataTypeOption.Decimal, SqlDataTypeOption.Numeric, SqlDataTypeOption.Real, SqlDataTypeOption.Float, SqlDataTypeOption.Time, SqlDataTypeOption.Date,
        SqlDataTypeOption.SmallDateTime, SqlDataTypeOption.DateTime, SqlDataTypeOption.DateTime2, SqlDataTypeOption.DateTimeOffset,
    ];

    /// <summary>The type of a declaration.</summary>
    public static TSqlType Of(DataTypeReference declared)
    {
        if (declared is not SqlDataTypeReference type)
            return new(SqlDataTypeOption.NVarChar, 128); // sysname
        int? length = type.Parameters.Count == 0 ? null
            : type.Parameters[0] is MaxLiteral ? -1
            : int.Parse(type.Parameters[0].Value, CultureInfo.InvariantCulture);
        return type.SqlDataTypeOption == SqlDataTypeOption.DateTime2 ? new(SqlDataTypeOption.DateTime2, length ?? 7) : new(type.SqlDataTypeOption, length);
    }

    /// <summary>Whether a column of this type is converted, row by row, when it is compared with the other.</summary>
    public bool IsConvertedWhenComparedWith(TSqlType other)
    {
        if (Option == SqlDataTypeOption.DateTime2 && other.Option == SqlDataTypeOption.DateTime2)
            return other.Length > Length;
        if (IsText && other.IsText)
            return IsNational != other.IsNational ? other.IsNational : other.Length == -1 && Length != -1;
        return other.Option != Option && Place(other.Option) > Place(Option);
    }

    /// <summary>Whether a text of the other type may not fit into this one.</summary>
    public bool IsShorterThan(TSqlType other) => IsText && other.IsText && Length != -1 && (other.Length == -1 || Length < other.Length);

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Option.ToString().ToLowerInvariant()}{Length switch { null => "", -1 => "(max)", var length => $"({length})" }}";

    private bool IsNational => Option is SqlDataTypeOption.NVarChar or SqlDataTypeOption.NChar;

    private bool IsText => IsNational || Option is SqlDataTypeOption.VarChar or SqlDataTypeOption.Char;

    private static int Place(SqlDataTypeOption option) => Array.IndexOf(Precedence, option) is >= 0 and var place ? place
        : throw new NotSupportedException($"The precedence of {option} is unknown.");
}

using System.Reflection;
using Microsoft.Data.SqlClient;

namespace EvalJobs.Tests.Support;

/// <summary>Creates errors of SQL Server by reflection, because the provider has no public constructor for them.</summary>
public static class SomeSqlException
{
    public const int DeadlockVictim = 1205;
    public const int OperationCancelled = 0;
    public const int Timeout = -2;
    public const int TruncatedValue = 2628;

    public static SqlException Of(int number, byte errorClass = 13)
    {
        var error = Make<SqlError>([number, (byte)1, errorClass, "server", $"Error {number}.", "", 1, null]);
        var errors = Make<SqlErrorCollection>([]);
        typeof(SqlErrorCollection).GetMethod("Add", BindingFlags.Instance | BindingFlags.NonPublic)!.Invoke(errors, [error]);
        return (SqlException)typeof(SqlException)
            .GetMethod("CreateException", BindingFlags.Static | BindingFlags.NonPublic, [typeof(SqlErrorCollection), typeof(string)])!
            .Invoke(null, [errors, "16.0"])!;
    }

    /// <summary>Calls the constructor with exactly these argument types. Optional parameters that the provider adds are ignored.</summary>
    private static T Make<T>(object?[] arguments)
    {
        var constructor = typeof(T).GetConstructors(BindingFlags.Instance | BindingFlags.NonPublic).Single(
            each => each.GetParameters().Length == arguments.Length
                && each.GetParameters().Zip(arguments).All(pair => pair.Second?.GetType() is not { } type || pair.First.ParameterType == type));
        return (T)constructor.Invoke(arguments);
    }
}

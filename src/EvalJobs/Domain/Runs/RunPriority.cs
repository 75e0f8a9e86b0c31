namespace EvalJobs.Domain;

/// <summary>The priorities of runs. A higher priority starts first within the tenant.</summary>
public static class RunPriority
{
    /// <summary>The lowest priority.</summary>
    public const int Lowest = -1000;

    /// <summary>The highest priority.</summary>
    public const int Highest = 1000;

    /// <summary>Rejects a priority outside the bounds.</summary>
    /// <exception cref="InvalidInputException">It is outside the bounds.</exception>
    public static void Validate(int priority)
    {
        if (priority is < Lowest or > Highest)
            throw Error();
    }

    /// <returns>The priority within the bounds; for a priority stored before there were bounds.</returns>
    internal static int Clamp(int priority) => Math.Clamp(priority, Lowest, Highest);

    /// <returns>The error for a value that is not a priority.</returns>
    public static InvalidInputException Error() => new($"A priority is a whole number from {Lowest} to {Highest}.") { Field = "priority" };
}

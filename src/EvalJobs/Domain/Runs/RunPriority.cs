namespace EvalJobs.Domain;

/// <summary>The priorities a run may be given: higher goes first within the tenant.</summary>
public static class RunPriority
{
    /// <summary>Goes last.</summary>
    public const int Lowest = -1000;

    /// <summary>Goes first.</summary>
    public const int Highest = 1000;

    /// <summary>Rejects a priority outside the bounds.</summary>
    /// <exception cref="InvalidInputException">It is.</exception>
    public static void Validate(int priority)
    {
        if (priority is < Lowest or > Highest)
            throw Error();
    }

    /// <returns>The priority within the bounds: one that was given before there were any.</returns>
    internal static int Clamp(int priority) => Math.Clamp(priority, Lowest, Highest);

    /// <returns>What to throw at something that is no such priority.</returns>
    public static InvalidInputException Error() => new($"A priority is a whole number from {Lowest} to {Highest}.") { Field = "priority" };
}

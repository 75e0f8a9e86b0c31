using System.Globalization;

namespace EvalJobs.Domain;

/// <summary>The number that was probably meant by a typed text.</summary>
internal static class NumberHint
{
    /// <returns>Such as <c> Did you mean 0.8?</c> for <c>0,8</c>, <c>80</c> or <c>80 %</c>; empty when there is no likely number.</returns>
    /// <param name="typed">As typed.</param>
    /// <param name="isShare">Whether a number from 0 to 1 is asked for, so that one from 1 to 100 is likely a percentage.</param>
    public static string For(string typed, bool isShare)
    {
        var text = typed.Replace(" ", "", StringComparison.Ordinal);
        var isPercent = text.EndsWith('%');
        text = text.TrimEnd('%');
        if (text.Count(each => each == ',') == 1 && !text.Contains('.', StringComparison.Ordinal))
            text = text.Replace(',', '.');
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number))
            return "";
        if (isShare && (isPercent || number > 1))
            number /= 100;
        return number < 0 || (isShare && number > 1) || (!isShare && number == 0) ? "" : string.Create(CultureInfo.InvariantCulture, $" Did you mean {number:0.######}?");
    }
}

using EvalJobs.Server.Access;
using EvalJobs.Server.Hosting;
using EvalJobs.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EvalJobs.Tests.Docs;

/// <summary>Keeps the settings and calculations of docs/operate/deploy.md correct.</summary>
public sealed class DeployDocTests
{
    private static readonly DocPage Page = DocPage.Read("operate/deploy.md");

    [TestCaseSource(nameof(SettingsBlocks))]
    public void Settings_OfTheExamples_AreAccepted(string text) =>
        FluentActions.Invoking(() => new ServiceCollection().AddServerServices(DocPage.Environment(text))).Should().NotThrow();

    [Test]
    public void Container_WithoutUsers_IsRejectedAsDocumented() =>
        FluentActions.Invoking(() => BindAddresses.EnsureAllowed(BindAddresses.Of(DocPage.Environment(Page.Blocks("env").Single(text => text.StartsWith("Urls", StringComparison.Ordinal)))), new AccessOptions()))
            .Should().Throw<EvalJobs.Domain.InvalidInputException>().WithMessage("*no sign-in is configured*");

    [Test]
    public void Capacity_OfTheTable_EqualsTheFormula()
    {
        const double secondsPerRun = 100 * 2 / 4.0;
        int[] workers = [1, 4, 32, 96];

        var rows = Page.Rows("## Capacity").Select(cells => (Hour: Number(cells[1]), Day: Number(cells[2])));

        rows.Should().Equal(workers.Select(count => ((int)(3600 * count / secondsPerRun), (int)(24 * 3600 * count / secondsPerRun))));
    }

    private static int Number(string cell) => int.Parse(cell.Replace(",", "", StringComparison.Ordinal), System.Globalization.CultureInfo.InvariantCulture);

    private static IEnumerable<string> SettingsBlocks() => Page.Blocks("env");
}

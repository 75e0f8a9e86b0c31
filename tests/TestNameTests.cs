using System.Xml;
using NUnit.Framework.Api;
using NUnit.Framework.Interfaces;

namespace EvalJobs.Tests;

/// <summary>Every test of this project is found by a filter. A filter travels to NUnit as XML by the tests' names: one whose name XML cannot hold would be left out, and nobody told.</summary>
public sealed class TestNameTests
{
    [Test]
    public void FullName_OfEveryTest_CanStandInAFilter()
    {
        var all = new DefaultTestAssemblyBuilder().Build(GetType().Assembly, new Dictionary<string, object>(StringComparer.Ordinal));

        var tests = Leaves(all).ToList();

        tests.Should().NotBeEmpty();
        tests.Select(test => test.FullName).Where(name => !CanBeXml(name)).Should().BeEmpty("give the case a TestName");
    }

    private static bool CanBeXml(string name)
    {
        try
        {
            XmlConvert.VerifyXmlChars(name);
            return true;
        }
        catch (XmlException)
        {
            return false;
        }
    }

    private static IEnumerable<ITest> Leaves(ITest test) => test.IsSuite ? test.Tests.SelectMany(Leaves) : [test];
}

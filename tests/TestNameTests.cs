using System.Xml;
using NUnit.Framework.Api;
using NUnit.Framework.Interfaces;

namespace EvalJobs.Tests;

/// <summary>A filter finds every test of this project. The adapter sends the names of filtered tests to NUnit as XML. A test with a name that XML cannot contain would be left out without an error.</summary>
public sealed class TestNameTests
{
    [Test]
    public void FullName_OfEveryTest_IsValidXml()
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
